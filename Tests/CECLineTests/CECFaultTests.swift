import Basis
import CEC
import CECLine
import Devices
import Glibc
import Testing

/// Every system call fails with every error, once, some times, and for ever.
@Suite struct CECFaultTests {
    private static let errors = [
        EINTR, EAGAIN, EIO, ENODEV, ENXIO, EBUSY, EINVAL, EACCES, ENOMEM, ENONET, ENOTTY, ENOENT,
    ]

    @Test(arguments: FakeCECKernel.Call.allCases, errors)
    func aCallThatFailsIsSurvived(_ call: FakeCECKernel.Call, _ number: Int32) {
        for nth in 1...4 {
            for count in [1, 3] {
                let room = CECRoom()
                room.kernel.fault = (call, nth, count, number)
                room.kernel.adapters["cec0"]?.television = .standby
                room.run(for: .seconds(3))
                room.apply(.wakeTelevision)
                room.run(for: .seconds(30))
                // The node was said not to exist; somebody looks again.
                room.hotplug(.add, "cec0")
                room.run(for: .seconds(120))

                let context = "\(call) \(nth)+\(count) errno \(number)"
                #expect(room.kernel.openDescriptors == Set(room.lines.descriptors), "\(context)")
                #expect(room.lines.descriptors.count == 1 && room.kernel.wrongCloses == 0, "\(context)")
                #expect(room.kernel.frames().contains(.imageViewOn), "\(context)")
                #expect(room.kernel.adapters["cec0"]?.mask == 0x10, "\(context)")
                #expect(room.calls < 100, "\(context)")
                room.lines.close()
                #expect(room.kernel.openDescriptors.isEmpty, "\(context)")
                #expect(room.kernel.opened == room.kernel.closed, "\(context)")
            }
        }
    }

    @Test(arguments: FakeCECKernel.Call.allCases, errors)
    func aCallThatFailsForEverNeitherSpinsNorLeaks(_ call: FakeCECKernel.Call, _ number: Int32) {
        let room = CECRoom()
        room.kernel.fault = (call, 1, .max, number)
        room.run(for: .milliseconds(100))
        room.apply(.wakeTelevision)
        let made = room.kernel.madeInAll
        // What is never taken from the kernel stays readable: the thread's own guard is for that.
        for descriptor in room.lines.descriptors where room.kernel.isReadable(descriptor) { return }
        room.run(for: .seconds(600))
        #expect(room.kernel.madeInAll - made < 2_000)
        #expect(room.take().count < 10)
        #expect(room.kernel.openDescriptors == Set(room.lines.descriptors))
        room.lines.close()
        #expect(room.kernel.openDescriptors.isEmpty && room.kernel.wrongCloses == 0)
    }

    @Test func senselessFramesAndEventsAreSurvived() {
        var random = RandomSource(seed: 3)
        let room = CECRoom()
        room.run(for: .seconds(1))
        for _ in 0..<5_000 {
            var bytes = random.bytes(Int.random(in: 0...16, using: &random))
            if Bool.random(using: &random), !bytes.isEmpty { bytes[0] = 0x04 }
            room.kernel.adapters["cec0"]?.received.append(
                CECReceived(
                    bytes: bytes, receiveStatus: UInt8.random(in: 0...3, using: &random),
                    transmitStatus: Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random)))
            if Int.random(in: 0..<20, using: &random) == 0 {
                room.kernel.adapters["cec0"]?.events.append(
                    .stateChange(
                        physical: UInt16.random(in: 0...0xFFFF, using: &random),
                        addressMask: UInt16.random(in: 0...0xFFFF, using: &random)))
                room.kernel.adapters["cec0"]?.events.append(.lostMessages(.max))
            }
            room.run(for: .milliseconds(20))
        }
        #expect(room.kernel.openDescriptors.count == 1)
        #expect(room.kernel.opened == 1)
    }
}
