import Basis
import Devices
import Glibc
import LinuxHost
import Testing

@Suite struct UeventParserTests {
    private static func bytes(_ lines: [String]) -> [UInt8] {
        lines.flatMap { Array($0.utf8) + [0] }
    }

    private static let camera = [
        "add@/devices/platform/usb/1-1/video4linux/video0", "ACTION=add",
        "DEVPATH=/devices/platform/usb/1-1/video4linux/video0", "SUBSYSTEM=video4linux", "MAJOR=81", "MINOR=0",
        "DEVNAME=video0", "SEQNUM=2917",
    ]

    @Test func readsAnEventOfTheKernel() {
        let event = UeventParser.parse(Self.bytes(Self.camera).span)
        #expect(
            event
                == HotplugEvent(
                    action: .add, subsystem: "video4linux", node: "video0",
                    path: "/devices/platform/usb/1-1/video4linux/video0"))
        let card = UeventParser.parse(
            Self.bytes(["remove@/x", "ACTION=remove", "SUBSYSTEM=sound", "DEVNAME=/dev/snd/controlC1"]).span)
        #expect(card?.node == "snd/controlC1" && card?.action == .remove)
        let drm = UeventParser.parse(Self.bytes(["change@/x", "ACTION=change", "SUBSYSTEM=drm", "HOTPLUG=1"]).span)
        #expect(drm?.action == .change && drm?.node == "")
        let moved = UeventParser.parse(Self.bytes(["move@/x", "ACTION=move", "SUBSYSTEM=usb"]).span)
        #expect(moved?.action == .other)
    }

    @Test func othersAreNone() {
        #expect(UeventParser.parse([UInt8]().span) == nil)
        #expect(UeventParser.parse([UInt8](repeating: 0, count: 9).span) == nil)
        // What udev sends begins with its name.
        #expect(UeventParser.parse(Self.bytes(["libudev"] + Self.camera.dropFirst()).span) == nil)
        #expect(UeventParser.parse(Self.bytes(["add@/x", "ACTION=add"]).span) == nil)
    }

    @Test func anyBytesAreReadOrRefused() {
        var random = RandomSource(seed: 5)
        var read = 0
        for _ in 0..<10_000 {
            var bytes = Self.bytes(Self.camera)
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place...)
                default: bytes.insert(0, at: place)
                }
                if bytes.isEmpty { break }
            }
            if let event = UeventParser.parse(bytes.span) {
                read += 1
                #expect(!event.subsystem.isEmpty)
            }
            _ = UeventParser.parse(random.bytes(Int.random(in: 0...200, using: &random)).span)
        }
        #expect(read > 2_000 && read < 10_000)
    }
}

@Suite struct HotplugMonitorTests {
    /// The kernel's socket; `script` holds what each receive gives.
    private final class FakeUevents: UeventCalls {
        enum Step {
            case event([String])
            case failure(Int32)
        }

        var script: [Step] = []
        var opening: [Int32] = []
        var sockets: Set<Int32> = []
        var opened: Int32 = 0
        var calls = 0

        func open() -> Int32 {
            calls += 1
            if !opening.isEmpty { return -opening.removeFirst() }
            opened += 1
            sockets.insert(opened)
            return opened
        }

        func close(_ socket: Int32) {
            #expect(sockets.remove(socket) != nil)
        }

        func receive(_ socket: Int32, into bytes: inout [UInt8]) -> Int32 {
            calls += 1
            guard sockets.contains(socket) else { return -EBADF }
            guard !script.isEmpty else { return -EAGAIN }
            switch script.removeFirst() {
            case .failure(let number): return -number
            case .event(let lines):
                let text: [UInt8] = lines.flatMap { Array($0.utf8) + [0] }
                bytes.replaceSubrange(0..<text.count, with: text)
                return Int32(text.count)
            }
        }
    }

    private static func event(_ subsystem: String, _ node: String) -> FakeUevents.Step {
        .event(["add@/x/\(node)", "ACTION=add", "DEVPATH=/x/\(node)", "SUBSYSTEM=\(subsystem)", "DEVNAME=\(node)"])
    }

    private static func hotplug(_ subsystem: String, _ node: String) -> ControlEvent {
        .hotplug(HotplugEvent(action: .add, subsystem: subsystem, node: node, path: "/x/\(node)"))
    }

    @Test func whatIsOfInterestIsTold() {
        let calls = FakeUevents()
        let monitor = HotplugMonitor(calls: calls)
        calls.script = [
            Self.event("video4linux", "video0"), Self.event("net", "eth1"), .event([]), .failure(EINTR),
            Self.event("cec", "cec0"),
        ]
        var events: [ControlEvent] = []
        monitor.process(at: .zero) { events.append($0) }
        #expect(events == [Self.hotplug("video4linux", "video0"), Self.hotplug("cec", "cec0")])
        #expect(monitor.descriptors == [1] && monitor.deadline == nil)
        monitor.close()
        #expect(calls.sockets.isEmpty && monitor.descriptors.isEmpty && monitor.deadline == nil)
    }

    @Test func lostEventsMeanEverything() {
        let calls = FakeUevents()
        let monitor = HotplugMonitor(calls: calls)
        calls.script = [.failure(ENOBUFS), Self.event("drm", "card0")]
        var events: [ControlEvent] = []
        monitor.process(at: .zero) { events.append($0) }
        #expect(events == [.hotplug(.everything), Self.hotplug("drm", "card0")])
        #expect(HotplugEvent.everything.subsystem.isEmpty)
    }

    @Test(arguments: [EIO, ENOMEM, EBADF, ENODEV, EINVAL, ENOTCONN])
    func aBrokenSocketIsMadeAnew(_ number: Int32) {
        let calls = FakeUevents()
        let monitor = HotplugMonitor(calls: calls)
        calls.script = [.failure(number), Self.event("usb", "bus/usb/001/004")]
        calls.opening = []
        var events: [ControlEvent] = []
        var now = MonotonicInstant.zero
        monitor.process(at: now) { events.append($0) }
        #expect(monitor.descriptors.isEmpty && calls.sockets.isEmpty)
        #expect(events.count == 1)
        calls.opening = [number, number, EMFILE]
        for _ in 0..<4 {
            now = monitor.deadline ?? now
            monitor.process(at: now) { events.append($0) }
        }
        #expect(monitor.descriptors == [2] && now == .zero + .seconds(15))
        // What came meanwhile is unknown.
        #expect(events.suffix(2) == [.hotplug(.everything), Self.hotplug("usb", "bus/usb/001/004")])
        #expect(events.count == 4)
    }

    @Test(arguments: [EACCES, EPROTONOSUPPORT, EMFILE]) func withoutASocketItIsTriedLessAndLess(_ number: Int32) {
        let calls = FakeUevents()
        calls.opening = [Int32](repeating: number, count: 1_000)
        let monitor = HotplugMonitor(calls: calls)
        var events: [ControlEvent] = []
        var now = MonotonicInstant.zero
        while now < .zero + .seconds(600) {
            monitor.process(at: now) { events.append($0) }
            now = monitor.deadline ?? now + .seconds(600)
        }
        #expect(calls.calls < 30 && events.count == 1)
    }

    @Test func aFloodIsTakenInPortions() {
        let calls = FakeUevents()
        let monitor = HotplugMonitor(calls: calls)
        calls.script = (0..<200).map { Self.event("usb", "\($0)") } + [.failure(EINTR)]
        var counts: [Int] = []
        for _ in 0..<5 {
            var count = 0
            monitor.process(at: .zero) { _ in count += 1 }
            counts.append(count)
        }
        #expect(counts == [64, 64, 64, 8, 0])
    }

    @Test func theKernelsOwnSocketOpensAndCloses() {
        let before = MemoryReport.current().openFiles
        for _ in 0..<50 {
            let monitor = HotplugMonitor()
            monitor.process(at: .zero) { _ in }
            monitor.close()
        }
        // Other tests of this process open files at the same time, but none fifty of them.
        #expect(MemoryReport.current().openFiles ?? 0 < (before ?? 0) + 45)
    }
}
