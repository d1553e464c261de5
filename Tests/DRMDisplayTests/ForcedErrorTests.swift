import Basis
import DRMDisplay
import Devices
import Testing

/// Every call fails in every way at every place of a display's life: nothing traps, spins or leaks, and all recovers.
@Suite struct ForcedErrorTests {
    static let numbers: [Int32] = [4, 5, 11, 12, 13, 16, 19, 22, 28]
    static let small = PictureSize(width: 320, height: 200)
    static let modes = [FakeKernel.mode(320, 200, 60, preferred: true)]
    static let video = PictureSize(width: 32, height: 20)
    static let whole = PixelRectangle(x: 0, y: 0, width: 320, height: 200)

    static func kernel() -> FakeKernel {
        let kernel = VideoPlaneTests.kernel()
        kernel.plug(modes: modes, edid: Samples.edid())
        kernel.plug(12, number: 2, modes: [])
        kernel.unplug(12)
        return kernel
    }

    /// One turn of a display's owner: opens or asks, shows what it can, closes what is gone.
    static func turn(_ display: Subject, _ kernel: FakeKernel, isOpen: inout Bool, errors: inout [DeviceError]) {
        kernel.pass(.seconds(2))
        do throws(DeviceError) {
            if isOpen {
                try display.refresh()
            } else {
                try display.open()
                isOpen = true
            }
            if display.isReady { try display.show(UInt32(kernel.commits.count)) }
            if display.isReady, display.takesVideo(size: video, at: whole) {
                try display.present(
                    Canvas(size: small), over: VideoFrame(size: video), at: whole)
                display.wait(until: kernel.now + .milliseconds(20))
            }
        } catch {
            errors.append(error)
            if error.severity == .absent || !isOpen {
                display.close()
                isOpen = false
            }
        }
    }

    static func life(_ display: Subject, _ kernel: FakeKernel, isOpen: inout Bool, errors: inout [DeviceError]) {
        turn(display, kernel, isOpen: &isOpen, errors: &errors)
        turn(display, kernel, isOpen: &isOpen, errors: &errors)
        kernel.unplug()
        turn(display, kernel, isOpen: &isOpen, errors: &errors)
        kernel.plug(modes: modes, edid: Samples.edid())
        turn(display, kernel, isOpen: &isOpen, errors: &errors)
        for isOn in [false, true] {
            do throws(DeviceError) {
                try display.setPower(isOn: isOn)
            } catch {
                errors.append(error)
            }
            turn(display, kernel, isOpen: &isOpen, errors: &errors)
        }
    }

    @Test(arguments: FakeKernel.Call.allCases, numbers)
    func aFailureIsSurvived(call: FakeKernel.Call, errno: Int32) throws {
        var hits = 0
        // Calls made often are failed at growing distances.
        var number = 1
        while number < 400 {
            let kernel = Self.kernel()
            kernel.failing = (call, number, errno)
            let display = Subject(kernel)
            var (isOpen, errors) = (false, [DeviceError]())
            Self.life(display, kernel, isOpen: &isOpen, errors: &errors)
            guard kernel.hasFailed else { break }
            hits += 1
            number += max(1, number / 3)
            kernel.failing = nil
            for _ in 0..<3 { Self.turn(display, kernel, isOpen: &isOpen, errors: &errors) }
            let left = errors.count
            Self.turn(display, kernel, isOpen: &isOpen, errors: &errors)
            #expect(errors.count == left, "it works again: \(errors)")
            try display.show(0xABCDEF)
            // A failure may have made it take the other CRTC, whose primary plane is 42.
            #expect(kernel.pixel(3, 3) == 0xABCDEF || kernel.pixel(3, 3, on: 42) == 0xABCDEF)
            #expect(kernel.count(.poll) < 200 && kernel.count(.commit) < 200)
            #expect(errors.allSatisfy { errno != 19 || $0.severity == .absent || $0.errno != 19 })
            display.close()
            #expect(kernel.nothingIsHeld, "\(call) number \(number)")
        }
        #expect(hits > 0, "the call is made at all")
    }

    @Test func fiftyLivesLeaveNothingBehind() throws {
        let kernel = Self.kernel()
        for round in 0..<50 {
            let display = Subject(kernel)
            var (isOpen, errors) = (false, [DeviceError]())
            Self.life(display, kernel, isOpen: &isOpen, errors: &errors)
            #expect(errors.isEmpty)
            // A display that is dropped lets go as one that is closed.
            if round % 2 == 0 { display.close() }
            if round % 2 == 0 { #expect(kernel.nothingIsHeld) }
        }
        #expect(kernel.nothingIsHeld && kernel.values[31]?["ACTIVE"] == 0)
    }

    @Test func randomTroubleIsSurvived() throws {
        var chance = RandomSource(seed: 23)
        for _ in 0..<40 {
            let kernel = Self.kernel()
            let display = Subject(kernel)
            var (isOpen, errors) = (false, [DeviceError]())
            for _ in 0..<30 {
                switch Int.random(in: 0..<9, using: &chance) {
                case 0: kernel.unplug()
                case 1: kernel.plug(modes: Self.modes, edid: chance.bytes(128))
                case 2: kernel.plug(modes: [])
                case 3: kernel.takeMasterAway()
                case 4: kernel.isMasterElsewhere = false
                case 5: kernel.flipsGetEvents.toggle()
                case 6: kernel.isCardGone.toggle()
                case 7: kernel.events += chance.bytes(Int.random(in: 1...100, using: &chance))
                default: kernel.plug(12, number: 2, modes: Self.modes)
                }
                Self.turn(display, kernel, isOpen: &isOpen, errors: &errors)
            }
            (kernel.isCardGone, kernel.isMasterElsewhere, kernel.flipsGetEvents) = (false, false, true)
            kernel.events = []
            kernel.unplug(12)
            kernel.plug(modes: Self.modes)
            kernel.vblank()
            for _ in 0..<4 { Self.turn(display, kernel, isOpen: &isOpen, errors: &errors) }
            try display.show(0x123456)
            #expect(kernel.pixel(1, 1) == 0x123456 || kernel.pixel(1, 1, on: 42) == 0x123456)
            display.close()
            #expect(kernel.nothingIsHeld)
        }
    }
}
