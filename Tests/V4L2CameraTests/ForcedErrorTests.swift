import Basis
import Devices
import Testing

@testable import V4L2Camera

@Suite struct ForcedErrorTests {
    // EINTR, EAGAIN, EIO, ENODEV, EBUSY, EINVAL, ENOMEM, EACCES, ENOENT, ENOSPC, ENOTTY
    private static let numbers: [Int32] = [4, 11, 5, 19, 16, 22, 12, 13, 2, 28, 25]

    /// Every call that fails once, the first time or later, and for ever.
    @Test(arguments: KernelCall.allCases, numbers)
    func everyErrorOfEveryCallIsSurvived(call: KernelCall, number: Int32) {
        for (after, times) in [(0, 1), (3, 1), (0, 1_000_000), (5, 1_000_000)] {
            var node = FakeNode(.yuyv, 16, 16)
            node.controls = [VideoControl(identifier: 0x0098_0918, name: "Power Line Frequency", maximum: 3)]
            let kernel = V4L2CameraTests.webcam(node)
            let bench = Bench(kernel)
            kernel.failure = (call, after, number, times)
            for _ in 0..<2 {
                let error = bench.open()
                if let error {
                    #expect(bench.holdsNothing, "\(call) \(number) after \(after)")
                    #expect(error.errno == number || error.errno == 19 || error.errno == 0)
                    continue
                }
                for _ in 0..<4 { _ = bench.look() }
                bench.camera.close()
                #expect(bench.holdsNothing, "\(call) \(number) after \(after)")
            }
            // Nothing is tried without end.
            #expect(kernel.totalCalls < 1_500)
            kernel.failure = nil
            #expect(bench.open() == nil)
            #expect(bench.look() == "16x16 Y90 U100 V110")
        }
    }

    @Test(arguments: [
        (KernelCall.open, Int32(13), DeviceError.Severity.permanent), (.open, 16, .transient), (.open, 2, .absent),
        (.queryCapability, 19, .absent), (.setFormat, 16, .transient), (.setFormat, 22, .permanent),
        (.requestBuffers, 12, .transient), (.map, 12, .transient), (.streamOn, 5, .transient),
        (.streamOn, 19, .absent), (.queueBuffer, 19, .absent),
    ])
    func anErrorOfOpeningKeepsItsClass(call: KernelCall, number: Int32, severity: DeviceError.Severity) {
        let kernel = V4L2CameraTests.webcam()
        kernel.failure = (call, 0, number, 1_000)
        let bench = Bench(kernel)
        let error = bench.open()
        #expect(error?.errno == number)
        #expect(error?.severity == severity)
        #expect(error?.device == "/dev/video0")
    }

    @Test(arguments: KernelCall.allCases.filter { $0 != .poll })
    func anInterruptedCallIsMadeAgain(call: KernelCall) {
        let kernel = V4L2CameraTests.webcam()
        kernel.failure = (call, 0, 4, 3)
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == "64x32 Y90 U100 V110")
        bench.camera.close()
        #expect(bench.holdsNothing)
    }

    @Test func anInterruptedWaitIsNoPicture() {
        let kernel = V4L2CameraTests.webcam()
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        kernel.failure = (.poll, 0, 4, 1)
        #expect(bench.look() == "nothing")
        #expect(bench.look() == "64x32 Y90 U100 V110")
    }
}
