import Basis
import Devices
import Testing

@testable import V4L2Camera

@Suite struct CameraTroubleTests {
    private static let good = "64x32 Y90 U100 V110"

    @Test func aStallIsFoundAfterTwoSeconds() {
        let kernel = V4L2CameraTests.webcam()
        kernel.picture = { number, format in number < 3 ? Picture.yuyv(format) : nil }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        for _ in 0..<3 { #expect(bench.look() == Self.good) }
        #expect(bench.look(after: .milliseconds(1_000)) == "nothing")
        #expect(bench.look(after: .milliseconds(999)) == "nothing")
        #expect(bench.look(after: .milliseconds(1)) == "absent 110")
        bench.camera.close()
        #expect(bench.holdsNothing)
        // The next opening starts with new patience.
        #expect(bench.open() == nil)
        #expect(bench.look(after: .seconds(60)) == Self.good)
    }

    @Test func theFirstPictureMayTakeFourSeconds() {
        let kernel = V4L2CameraTests.webcam()
        kernel.picture = { _, _ in nil }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == "nothing")
        #expect(bench.look(after: .milliseconds(3_999)) == "nothing")
        #expect(bench.look(after: .milliseconds(1)) == "absent 110")
    }

    @Test func aThreadThatWasStoppedDoesNotBlameTheCamera() {
        let bench = Bench(V4L2CameraTests.webcam())
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
        #expect(bench.look(after: .seconds(60)) == Self.good)
    }

    @Test func corruptPicturesAreCountedAndDropped() {
        let kernel = V4L2CameraTests.webcam()
        kernel.picture = { number, format in
            var picture = Picture.yuyv(format)
            switch number {
            case 1: picture.flags.insert(.error)
            case 2: picture.claimedBytes = 0
            case 3: picture.claimedBytes = UInt32(picture.bytes.count - 1)
            default: break
            }
            return picture
        }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        var seen: [String] = []
        for _ in 0..<5 { seen.append(bench.look()) }
        #expect(seen == [Self.good, "nothing", "nothing", "nothing", Self.good])
        #expect(bench.camera.counters.corruptFrames == 3)
        #expect(bench.camera.counters.lostFrames == 0)
        #expect(kernel.queuedBuffers == 4)
    }

    @Test func aDamagedPictureDoesNotHideTheGoodOneBeforeIt() {
        let kernel = V4L2CameraTests.webcam()
        kernel.picturesPerWait = 2
        kernel.picture = { number, format in
            var picture = Picture.yuyv(format)
            if number % 2 == 1 { picture.flags.insert(.error) }
            return picture
        }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        for _ in 0..<5 { #expect(bench.look() == Self.good) }
        #expect(bench.camera.counters.corruptFrames == 5)
    }

    @Test func nothingButCorruptPicturesIsAStall() {
        let kernel = V4L2CameraTests.webcam()
        kernel.picture = { number, format in
            var picture = Picture.yuyv(format)
            if number > 0 { picture.claimedBytes = 17 }
            return picture
        }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
        var looks = 0
        var last = "nothing"
        while last == "nothing", looks < 1_000 {
            last = bench.look()
            looks += 1
        }
        #expect(last == "absent 110")
        // Three seconds of 33 ms.
        #expect((90...92).contains(looks))
        #expect(bench.camera.counters.corruptFrames == looks)
    }

    @Test(arguments: [
        (KernelCall.dequeueBuffer, Int32(22)), (.dequeueBuffer, 19), (.dequeueBuffer, 32), (.poll, 9), (.poll, 22),
        (.queueBuffer, 19), (.queueBuffer, 5),
    ])
    func aLostDeviceIsAbsent(call: KernelCall, number: Int32) {
        let kernel = V4L2CameraTests.webcam()
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
        kernel.failure = (call, 0, number, .max - 100)
        #expect(bench.look() == "absent \(number)")
        kernel.failure = nil
        bench.camera.close()
        #expect(bench.holdsNothing)
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
    }

    @Test(arguments: [
        PollEvents.error, .hangUp, .invalid, [.readable, .error], [.readable, .error, .hangUp],
    ])
    func whatPollReportsOfALostDevice(events: PollEvents) {
        let kernel = V4L2CameraTests.webcam()
        kernel.pollEvents = events
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == "absent 19")
    }

    @Test func aPlugPulledInACallComesBackUnderAnotherNumber() {
        let kernel = V4L2CameraTests.webcam()
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
        kernel.remove(number: 0)
        #expect(bench.look() == "absent 19")
        bench.camera.close()
        #expect(bench.holdsNothing)
        #expect(bench.open()?.severity == .absent)
        kernel.add(FakeNode(), number: 1)
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
    }

    @Test func inputOutputErrorsArePicturesLostUntilTheyAreAStall() {
        let kernel = V4L2CameraTests.webcam()
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
        kernel.failure = (.dequeueBuffer, 0, 5, .max - 100)
        #expect(bench.look() == "nothing")
        #expect(bench.camera.counters.corruptFrames == 1)
        #expect(bench.look(after: .seconds(3)) == "absent 110")
    }

    @Test func moreBytesThanTheBufferHasAreNotRead() {
        let kernel = V4L2CameraTests.webcam()
        kernel.picture = { _, format in
            var picture = Picture.yuyv(format)
            picture.claimedBytes = .max
            return picture
        }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == Self.good)
        // A buffer that cannot hold the picture which the format promises: the memory behind it is forbidden.
        var node = FakeNode()
        node.bufferLength = 64 * 32
        let small = V4L2CameraTests.webcam(node)
        small.picture = { _, format in FakePicture(bytes: [], claimedBytes: .max) }
        let second = Bench(small)
        #expect(second.open() == nil)
        #expect(second.look() == "nothing")
        #expect(second.camera.counters.corruptFrames == 1)
    }

    @Test(arguments: [
        VideoFormat(format: FourCC("H264"), width: 64, height: 32), VideoFormat(format: .yuyv, width: 0, height: 0),
        VideoFormat(format: .yuyv, width: .max, height: .max),
        VideoFormat(format: .yuyv, width: 64, height: 32, bytesPerLine: 1),
        VideoFormat(format: .nv12, width: 64, height: 32, bytesPerLine: .max),
        VideoFormat(format: FourCC("BA81"), width: 63, height: 32),
        VideoFormat(format: FourCC("RGB3"), width: 64, height: 32, bytesPerLine: 64),
        VideoFormat(format: FourCC("BA81"), width: 64, height: 32, bytesPerLine: .max),
    ])
    func anAnswerThatIsNoPictureIsRefused(answer: VideoFormat) {
        var node = FakeNode()
        node.answer = { _ in answer }
        let bench = Bench(V4L2CameraTests.webcam(node))
        let error = bench.open()
        #expect(error?.operation == "set format")
        #expect(error?.severity == .permanent)
        #expect(bench.holdsNothing)
    }

    @Test(arguments: [UInt32(0), 1, 33, .max])
    func anAbsurdNumberOfBuffersIsRefused(count: UInt32) {
        var node = FakeNode()
        node.bufferCount = { $0 == 0 ? 0 : count }
        let bench = Bench(V4L2CameraTests.webcam(node))
        #expect(bench.open()?.operation == "get buffers")
        #expect(bench.holdsNothing)
    }

    @Test(arguments: [0, Int(UInt32.max)])
    func absurdBuffersAreRefused(length: Int) {
        var node = FakeNode()
        node.bufferLength = length
        let bench = Bench(V4L2CameraTests.webcam(node))
        #expect(bench.open()?.operation == "get buffers")
        #expect(bench.holdsNothing)
    }

    @Test func listsWithoutAnEndEnd() {
        let size = FrameSizeAnswer.discrete(PictureSize(width: 64, height: 32))
        let rate = FrameIntervalAnswer.discrete(FrameInterval(numerator: 1, denominator: 30))
        let node = FakeNode(
            formats: [FakeNode.Format](
                repeating: .init(
                    code: .yuyv, sizes: [FrameSizeAnswer](repeating: size, count: 2_000),
                    intervals: [FrameIntervalAnswer](repeating: rate, count: 2_000)), count: 100))
        let kernel = V4L2CameraTests.webcam(node)
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(kernel.counts[.enumerateFormat, default: 0] <= 64)
        #expect(kernel.counts[.enumerateFrameSize, default: 0] <= 64 * 128)
        #expect(kernel.counts[.enumerateFrameInterval, default: 0] <= 512 * 64)
    }

    @Test func whateverADriverSaysNothingTraps() {
        var chance = RandomSource(seed: 11)
        let codes: [FourCC] = [.yuyv, .nv12, .yuv420, .motionJPEG, FourCC("BA81"), FourCC("RGB3"), FourCC("H264")]
        for _ in 0..<1_500 {
            var dice = chance.fork()
            func any(_ usual: UInt32) -> UInt32 {
                switch dice.next() % 8 {
                case 0: UInt32(truncatingIfNeeded: dice.next())
                case 1: UInt32(dice.next() % 300)
                default: usual
                }
            }
            func size() -> PictureSize { PictureSize(width: Int(any(64)), height: Int(any(32))) }
            let code = codes[Int(dice.next() % UInt64(codes.count))]
            var node = FakeNode(formats: [
                .init(
                    code: code, sizes: [.discrete(size()), .range(SizeRange(minimum: size(), maximum: size()))],
                    intervals: [.discrete(FrameInterval(numerator: any(1), denominator: any(30)))])
            ])
            let answer = VideoFormat(format: code, width: any(64), height: any(32), bytesPerLine: any(128))
            node.answer = { _ in answer }
            node.bufferLength = Int(min(any(8_192), 1 << 20))
            let count = any(4)
            node.bufferCount = { $0 == 0 ? 0 : count }
            let kernel = V4L2CameraTests.webcam(node)
            let bytes = dice.bytes(Int(dice.next() % 9_000))
            let (claim, flags, sequence) = (any(UInt32(bytes.count)), any(0x2000), any(1))
            kernel.picture = { number, _ in
                FakePicture(
                    bytes: bytes, claimedBytes: claim, flags: VideoBuffer.Flags(rawValue: flags),
                    sequence: sequence &+ UInt32(number))
            }
            let bench = Bench(kernel)
            if bench.open() == nil {
                for _ in 0..<5 { _ = bench.look() }
            }
            bench.camera.close()
            #expect(bench.holdsNothing)
        }
    }
}
