import Basis
import Codecs
import Devices
import Testing

@testable import V4L2Camera

/// A camera on a fake kernel and a clock that only the test moves.
final class Bench {
    let kernel: FakeKernel
    var camera: V4L2Camera<FakeKernel>
    var now = MonotonicInstant.zero + .seconds(100)
    let pool = FramePool(capacity: 3)

    init(_ kernel: FakeKernel, settings: CameraSettings = CameraSettings()) {
        self.kernel = kernel
        camera = V4L2Camera(settings: settings, calls: kernel)
    }

    func open(_ size: String = "1280x720", rate: Int = 30) -> DeviceError? {
        do throws(DeviceError) {
            try camera.open(size: PictureSize(size) ?? PictureSize(width: 64, height: 32), framesPerSecond: rate)
            return nil
        } catch {
            return error
        }
    }

    /// What one look brings: a description of the picture, of nothing, or of the error.
    func look(after pause: Duration = .milliseconds(33)) -> String {
        now += pause
        do throws(DeviceError) {
            guard let frame = try camera.nextFrame(at: now, pool: pool) else { return "nothing" }
            return
                "\(frame.size) Y\(frame.storage[0]) U\(frame.storage[frame.uOffset]) V\(frame.storage[frame.vOffset])"
        } catch {
            return "\(error.severity) \(error.errno)"
        }
    }

    func frame() -> VideoFrame? {
        now += .milliseconds(33)
        return try? camera.nextFrame(at: now, pool: pool)
    }

    var holdsNothing: Bool {
        kernel.openDescriptors == 0 && kernel.mappedBuffers == 0 && !kernel.isStreaming && kernel.allocatedBuffers == 0
    }
}

enum Picture {
    static func yuyv(_ format: VideoFormat, y: UInt8 = 90, u: UInt8 = 100, v: UInt8 = 110) -> FakePicture {
        let pair = [y, u, y, v]
        let count = Int(format.width * format.height) * 2
        return FakePicture(bytes: (0..<count).map { pair[$0 & 3] })
    }

    static func jpeg(_ width: Int, _ height: Int) -> [UInt8] {
        var canvas = Canvas(size: PictureSize(width: width, height: height))
        for index in canvas.bytes.indices { canvas.bytes[index] = 128 }
        var bytes: [UInt8] = []
        do {
            var encoder = try JPEGEncoder()
            try encoder.encode(canvas, into: &bytes)
        } catch {
            Issue.record(error)
        }
        return bytes
    }
}

@Suite struct V4L2CameraTests {
    static func webcam(_ node: FakeNode = FakeNode(), number: Int = 0) -> FakeKernel {
        let kernel = FakeKernel()
        kernel.add(node, number: number)
        kernel.picture = { _, format in Picture.yuyv(format) }
        return kernel
    }

    @Test func picturesComeOutAndTheLampGoesDark() {
        let bench = Bench(Self.webcam())
        #expect(bench.open() == nil)
        #expect(bench.kernel.isStreaming)
        #expect(bench.look() == "64x32 Y90 U100 V110")
        for _ in 0..<20 { #expect(bench.look() == "64x32 Y90 U100 V110") }
        #expect(bench.kernel.queuedBuffers == 4)
        bench.camera.close()
        bench.camera.close()
        #expect(bench.holdsNothing)
        #expect(bench.look() == "absent 19")
    }

    @Test func theRateIsAlwaysSet() {
        let bench = Bench(Self.webcam(FakeNode(.yuyv, 64, 32, framesPerSecond: 15)))
        #expect(bench.open() == nil)
        #expect(bench.kernel.interval == FrameInterval(numerator: 1, denominator: 15))
        let other = Bench(Self.webcam())
        other.kernel.failure = (.setFrameInterval, 0, 25, 1)
        #expect(other.open() == nil)
        #expect(other.look() == "64x32 Y90 U100 V110")
    }

    @Test func nodesThatAreNoCamerasArePassedOver() {
        let kernel = Self.webcam(number: 5)
        var metadata = FakeNode()
        // The device can capture; this node of it cannot.
        metadata.capability.deviceCapabilities = [.streaming]
        kernel.add(metadata, number: 0)
        var codec = FakeNode()
        codec.capability.deviceCapabilities = [.videoCapture, .streaming, .memoryToMemory]
        kernel.add(codec, number: 1)
        kernel.add(FakeNode(FourCC("H264")), number: 2)
        var old = FakeNode()
        old.capability = VideoCapability(capabilities: [.videoCapture])
        kernel.add(old, number: 3)
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(kernel.opened.last == "/dev/video5")
        #expect(kernel.openDescriptors == 1)
    }

    @Test func aCameraWithoutDeviceCapabilitiesIsTakenByTheOthers() {
        var node = FakeNode()
        node.capability = VideoCapability(capabilities: [.videoCapture, .streaming])
        let bench = Bench(Self.webcam(node))
        #expect(bench.open() == nil)
    }

    @Test func theIdentityChoosesAtEveryOpening() {
        let kernel = Self.webcam()
        kernel.add(FakeNode(), number: 1, usb: ("1-1", "046d", "0825", "X"))
        let identity = DeviceIdentity.usb(vendor: 0x046D, product: 0x0825, serial: nil)
        let bench = Bench(kernel, settings: CameraSettings(identities: [identity]))
        #expect(bench.open() == nil)
        #expect(kernel.opened.last == "/dev/video1")
        kernel.remove(number: 1)
        #expect(bench.look() == "absent 19")
        bench.camera.close()
        #expect(bench.holdsNothing)
        kernel.add(FakeNode(), number: 7, usb: ("1-1", "046d", "0825", "X"))
        #expect(bench.open() == nil)
        #expect(kernel.opened.last == "/dev/video7")
        #expect(bench.look() == "64x32 Y90 U100 V110")
    }

    @Test func withoutAnyCameraTheErrorSaysSo() {
        let bench = Bench(FakeKernel())
        let error = bench.open()
        #expect(error?.severity == .absent)
        #expect(error?.errno == 19)
    }

    @Test func theFirstErrorOfSeveralCamerasIsTold() {
        let kernel = Self.webcam()
        kernel.add(FakeNode(), number: 1)
        kernel.failure = (.streamOn, 0, 16, 1)
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(kernel.opened == ["/dev/video0", "/dev/video1"])
        bench.camera.close()
        kernel.failure = (.streamOn, 0, 16, 100)
        let error = bench.open()
        #expect(error?.device == "/dev/video0")
        #expect(error?.severity == .transient)
        #expect(bench.holdsNothing)
    }

    @Test func aFullBusGetsASmallerMode() {
        let formats = [
            FakeNode.Format(
                code: .yuyv,
                sizes: ["1280x720", "640x480"].compactMap { PictureSize($0) }.map { .discrete($0) },
                intervals: [.discrete(FrameInterval(numerator: 1, denominator: 30))])
        ]
        let kernel = Self.webcam(FakeNode(formats: formats))
        kernel.failure = (.streamOn, 0, 28, 1)
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == "640x480 Y90 U100 V110")
        #expect(kernel.mappedBuffers == 4)
        bench.camera.close()
        #expect(bench.holdsNothing)
    }

    @Test func theNewestPictureWins() {
        let kernel = Self.webcam()
        kernel.picturesPerWait = 3
        kernel.picture = { number, format in Picture.yuyv(format, y: UInt8(20 + number % 200)) }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        #expect(bench.look() == "64x32 Y22 U100 V110")
        #expect(bench.look() == "64x32 Y25 U100 V110")
        #expect(bench.camera.counters.lostFrames == 4)
        #expect(kernel.queuedBuffers == 4)
    }

    @Test func skippedNumbersAreLostPictures() {
        let kernel = Self.webcam()
        kernel.picture = { number, format in
            var picture = Picture.yuyv(format)
            picture.sequence = UInt32.max &- 2 &+ UInt32(number * 3)
            return picture
        }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        for _ in 0..<4 { #expect(bench.look() == "64x32 Y90 U100 V110") }
        #expect(bench.camera.counters.lostFrames == 6)
        bench.camera.close()
        #expect(bench.camera.counters.lostFrames == 6)
    }

    @Test func aDriverThatDoesNotNumberLosesNothing() {
        let kernel = Self.webcam()
        kernel.picture = { _, format in
            var picture = Picture.yuyv(format)
            picture.sequence = 0
            return picture
        }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        for _ in 0..<4 { #expect(bench.look() == "64x32 Y90 U100 V110") }
        #expect(bench.camera.counters.lostFrames == 0)
    }

    @Test func theMomentIsTheKernelsWhereItIsOfOurClock() {
        let kernel = Self.webcam()
        let stamps: [(VideoBuffer.Flags, Int64)] = [
            (.timestampMonotonic, 100_020_000_000), (.timestampMonotonic, 5), (.timestampMonotonic, Int64.max),
            ([], 100_120_000_000),
        ]
        kernel.picture = { number, format in
            var picture = Picture.yuyv(format)
            (picture.flags, picture.timestamp) = stamps[number % stamps.count]
            return picture
        }
        let bench = Bench(kernel)
        #expect(bench.open() == nil)
        var instants: [Int64] = []
        for _ in stamps {
            guard let frame = bench.frame() else { continue }
            instants.append(frame.instant.nanoseconds)
        }
        #expect(instants == [100_020_000_000, 100_066_000_000, 100_099_000_000, 100_132_000_000])
    }

    @Test func aFullPoolLosesThePictureAndNotTheStream() {
        let bench = Bench(Self.webcam())
        #expect(bench.open() == nil)
        let first = bench.frame()
        let second = bench.frame()
        let third = bench.frame()
        #expect(bench.look() == "nothing")
        #expect(bench.camera.counters.lostFrames == 1)
        #expect(bench.kernel.queuedBuffers == 4)
        let isAnyMissing = first == nil || second == nil || third == nil
        #expect(!isAnyMissing)
        _ = consume first
        #expect(bench.look() == "64x32 Y90 U100 V110")
    }

    @Test func aPresetIsSetAtOnceAndAgainWhenTheCameraComesBack() {
        var node = FakeNode()
        node.controls = [
            VideoControl(identifier: 0x009A_0908, name: "Pan, Absolute", minimum: -36_000, maximum: 36_000),
            VideoControl(identifier: 0x009A_090D, name: "Zoom, Absolute", minimum: 100, maximum: 500),
        ]
        let kernel = Self.webcam(node)
        let bench = Bench(
            kernel,
            settings: CameraSettings(
                controls: [.init(name: "zoom_absolute", value: 100)],
                presets: [
                    [.init(name: "pan_absolute", value: 3_600), .init(name: "zoom_absolute", value: 200)],
                    [.init(name: "pan_absolute", value: -3_600)],
                ]))
        #expect(bench.open() == nil)
        #expect(kernel.set == [0x009A_090D: 100])
        bench.camera.choosePreset(0)
        #expect(kernel.set == [0x009A_0908: 3_600, 0x009A_090D: 200])
        for strange in [-1, 2, Int.max] { bench.camera.choosePreset(strange) }
        #expect(kernel.set == [0x009A_0908: 3_600, 0x009A_090D: 200])
        bench.camera.choosePreset(1)
        #expect(kernel.set == [0x009A_0908: -3_600, 0x009A_090D: 100], "what it leaves out is as configured")
        bench.camera.choosePreset(0)
        bench.camera.close()
        // Chosen while closed, it holds from the next opening on.
        bench.camera.choosePreset(1)
        #expect(bench.open() == nil)
        #expect(kernel.set == [0x009A_0908: -3_600, 0x009A_090D: 100])
    }

    @Test func controlsAreSetWhereTheyExist() {
        var node = FakeNode()
        node.controls = [
            VideoControl(identifier: 0x0098_0900, name: "Brightness", minimum: -64, maximum: 64),
            VideoControl(identifier: 0x0098_0918, name: "Power Line Frequency", minimum: 0, maximum: 2),
            VideoControl(identifier: 0x009A_0903, name: "Exposure, Dynamic Framerate", minimum: 0, maximum: 1),
            VideoControl(identifier: 0x009A_0908, name: "Pan, Absolute", minimum: -36_000, maximum: 36_000),
            VideoControl(identifier: 0x009A_090D, name: "Zoom, Absolute", minimum: 100, maximum: 500),
        ]
        let kernel = Self.webcam(node)
        let bench = Bench(
            kernel,
            settings: CameraSettings(
                pan: -7_200, tilt: 3_600, zoom: 9_000,
                controls: [.init(name: "brightness", value: 12), .init(name: "focus_auto", value: 0)]))
        #expect(bench.open() == nil)
        #expect(
            kernel.set == [
                0x0098_0900: 12, 0x0098_0918: 1, 0x009A_0903: 0, 0x009A_0908: -7_200, 0x009A_090D: 500,
            ])
        // Automatic is the fourth entry of a menu that has three here.
        let other = Self.webcam(node)
        let second = Bench(other, settings: CameraSettings(powerLine: .automatic, isRateSteady: false))
        #expect(second.open() == nil)
        #expect(other.set.isEmpty)
    }

    @Test func rangesAndMissingListsOfSizesWork() {
        var node = FakeNode(formats: [
            .init(
                code: .nv12,
                sizes: [
                    .range(
                        SizeRange(
                            minimum: PictureSize(width: 32, height: 32),
                            maximum: PictureSize(width: 1_920, height: 1_080)))
                ],
                intervals: [
                    .range(
                        shortest: FrameInterval(numerator: 1, denominator: 60),
                        longest: FrameInterval(numerator: 1, denominator: 1))
                ])
        ])
        node.answer = {
            VideoFormat(format: $0.format, width: $0.width, height: $0.height, bytesPerLine: $0.width + 64)
        }
        let kernel = Self.webcam(node)
        kernel.picture = { _, format in
            let rows = Int(format.bytesPerLine * format.height)
            return FakePicture(
                bytes: [UInt8](repeating: 80, count: rows)
                    + (0..<rows / 2).map { $0 & 1 == 0 ? 111 : 133 })
        }
        let bench = Bench(kernel)
        #expect(bench.open("640x360") == nil)
        #expect(bench.look() == "640x360 Y80 U111 V133")
        #expect(kernel.interval == FrameInterval(numerator: 1, denominator: 30))
        var bare = FakeNode(formats: [.init(code: .yuyv, sizes: [], intervals: [])])
        // The driver has one size and says so when asked for another.
        bare.answer = { VideoFormat(format: $0.format, width: 352, height: 288) }
        let second = Bench(Self.webcam(bare))
        #expect(second.open() == nil)
        #expect(second.look() == "352x288 Y90 U100 V110")
    }

    @Test func fiftyOpeningsLeaveNothing() {
        let bench = Bench(Self.webcam())
        for _ in 0..<50 {
            #expect(bench.open() == nil)
            #expect(bench.look() == "64x32 Y90 U100 V110")
            bench.camera.close()
            #expect(bench.holdsNothing)
        }
        // Opening an open camera starts anew, and dropping it closes.
        let kernel = bench.kernel
        var last: Bench? = Bench(kernel)
        #expect(last?.open() == nil)
        #expect(last?.open() == nil)
        #expect(kernel.openDescriptors == 1)
        last = nil
        #expect(kernel.openDescriptors == 0)
        #expect(kernel.mappedBuffers == 0)
    }
}
