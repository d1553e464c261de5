import Basis
import Devices
import Testing

@testable import V4L2Camera

/// The room's first choice goes, another camera takes its place, the first comes back.
@Suite struct CameraPreferenceTests {
    private static let main = ("1-1", "046d", "0825", String?.none)
    private static let other = ("1-2", "534d", "2109", String?.none)

    private static func bench(_ identities: [String]) -> Bench {
        let kernel = FakeKernel()
        kernel.add(FakeNode(), number: 0, name: "Main", usb: main)
        kernel.add(FakeNode(), number: 2, name: "Other", usb: other)
        kernel.picture = { _, format in Picture.yuyv(format) }
        return Bench(
            kernel, settings: CameraSettings(identities: identities.compactMap { DeviceIdentity($0) }))
    }

    private func isPreferredPresent(_ bench: Bench) -> Bool {
        bench.now += .seconds(2)
        return bench.camera.isPreferredPresent(at: bench.now)
    }

    /// Also without an order in the configuration: then the one used first is the room's.
    @Test(arguments: [["usb:046d:0825", "usb:534d:2109"], ["usb:046d:0825"], []])
    func theFirstChoiceIsSeenToReturn(identities: [String]) {
        let bench = Self.bench(identities)
        #expect(bench.open() == nil && bench.kernel.opened.last == "/dev/video0")
        #expect(bench.look().hasPrefix("64x32") && !isPreferredPresent(bench))
        bench.kernel.remove(number: 0)
        #expect(bench.look().hasPrefix("absent"))
        bench.camera.close()
        #expect(bench.open() == nil && bench.kernel.opened.last == "/dev/video2")
        #expect(bench.look().hasPrefix("64x32") && !isPreferredPresent(bench))
        // Back under another number.
        bench.kernel.add(FakeNode(), number: 4, name: "Main", usb: Self.main)
        #expect(isPreferredPresent(bench))
        #expect(bench.look().hasPrefix("64x32"))
        bench.camera.close()
        #expect(bench.open() == nil && bench.kernel.opened.last == "/dev/video4")
        #expect(!isPreferredPresent(bench))
        bench.camera.close()
        #expect(bench.holdsNothing)
    }

    @Test func oneThatIsNoCameraOrDoesNotStartIsNotWaitedFor() {
        let bench = Self.bench(["usb:046d:0825", "usb:534d:2109"])
        bench.kernel.remove(number: 0)
        #expect(bench.open() == nil && bench.kernel.opened.last == "/dev/video2")
        // Its node of metadata.
        var metadata = FakeNode()
        metadata.formats = []
        bench.kernel.add(metadata, number: 1, name: "Main", usb: Self.main)
        #expect(!isPreferredPresent(bench))
        // It is there and refuses to start: tried once, then left alone until it is unplugged.
        bench.kernel.add(FakeNode(), number: 3, name: "Main", usb: Self.main)
        #expect(isPreferredPresent(bench))
        bench.camera.close()
        let starts = bench.kernel.counts[.streamOn] ?? 0
        bench.kernel.failure = (.streamOn, starts, 22, 1)
        #expect(bench.open() == nil && bench.kernel.opened.last == "/dev/video2")
        for _ in 0..<5 { #expect(!isPreferredPresent(bench)) }
        bench.kernel.remove(number: 3)
        #expect(!isPreferredPresent(bench))
        bench.kernel.add(FakeNode(), number: 3, name: "Main", usb: Self.main)
        #expect(isPreferredPresent(bench))
    }

    @Test func sysfsIsReadOnceASecond() {
        let bench = Self.bench(["usb:046d:0825", "usb:534d:2109"])
        bench.kernel.remove(number: 0)
        #expect(bench.open() == nil)
        bench.kernel.add(FakeNode(), number: 5, name: "Main", usb: Self.main)
        _ = bench.camera.isPreferredPresent(at: bench.now)
        let opened = bench.kernel.opened.count
        for _ in 0..<29 {
            bench.now += .milliseconds(33)
            _ = bench.camera.isPreferredPresent(at: bench.now)
        }
        #expect(bench.kernel.opened.count == opened)
    }
}
