import DRMDisplay
import Devices
import Testing

@Suite struct VideoPlaneTests {
    static let screen = KMSDisplayTests.small
    static let whole = PixelRectangle(x: 0, y: 0, width: 640, height: 360)
    static let video = PictureSize(width: 320, height: 180)

    /// Like vc4: the primary plane takes video, an overlay above it takes alpha.
    static func kernel(format: PixelFormat = .yuv420) -> FakeKernel {
        let kernel = KMSDisplayTests.kernel()
        kernel.add(plane: 41, kind: 1, crtcs: 0b01, formats: [.xrgb8888, format], zpos: 0)
        kernel.add(plane: 43, kind: 0, crtcs: 0b01, formats: [.argb8888, .xrgb8888], zpos: 1)
        kernel.ranges["zpos"] = 0...3
        return kernel
    }

    static func frame(_ size: PictureSize = video) -> VideoFrame {
        var frame = VideoFrame(size: size)
        for index in frame.storage.indices { frame.storage[index] = UInt8(truncatingIfNeeded: index &* 7 % 251) }
        return frame
    }

    @Test func aDriverWithoutSuchPlanesSaysNo() throws {
        let kernel = KMSDisplayTests.kernel()
        let display = try KMSDisplayTests.display(kernel)
        #expect(!display.takesVideo(size: Self.video, at: Self.whole))
        let commits = kernel.count(.commit)
        #expect(!display.takesVideo(size: Self.video, at: Self.whole))
        #expect(kernel.count(.commit) == commits)
        try display.show(5)
        #expect(kernel.pixel(0, 0) == 5)
    }

    @Test func aDriverThatRefusesIsAskedOnce() throws {
        let kernel = Self.kernel()
        // Its overlay cannot reach this CRTC, which shows in the test alone.
        kernel.planeFacts[43]?.formats = [.argb8888]
        kernel.immutable.insert("zpos")
        kernel.values[43]?["zpos"] = 0
        let display = try KMSDisplayTests.display(kernel)
        #expect(!display.takesVideo(size: Self.video, at: Self.whole), "it does not lie above")
        kernel.values[43]?["zpos"] = 1
        let other = try KMSDisplayTests.display(kernel)
        kernel.failing = (.commit, kernel.count(.commit) + 1, 22)
        #expect(!other.takesVideo(size: Self.video, at: Self.whole))
        let commits = kernel.count(.commit)
        #expect(!other.takesVideo(size: Self.video, at: Self.whole) && kernel.count(.commit) == commits)
        #expect(other.takesVideo(size: PictureSize(width: 160, height: 90), at: Self.whole), "another question")
    }

    @Test(arguments: [PixelFormat.yuv420, .nv12])
    func videoIsScannedOutBelowTheCanvas(format: PixelFormat) throws {
        let kernel = Self.kernel(format: format)
        let display = try KMSDisplayTests.display(kernel)
        try display.show(5)
        #expect(display.takesVideo(size: Self.video, at: Self.whole))
        #expect(kernel.commits.last?.flags.contains(.testOnly) == true && kernel.framebuffer(on: 43) == nil)
        let frame = Self.frame()
        try display.present(Samples.canvas(Self.screen, colour: 0x8000_0040), over: frame, at: Self.whole)
        #expect(kernel.commits.last?.flags == [.pageFlipEvent, .nonblock])
        #expect(kernel.framebuffer(on: 43)?.format == .argb8888 && kernel.pixel(639, 359, on: 43) == 0x8000_0040)
        let layout = try #require(kernel.framebuffer(on: 41))
        #expect(layout.format == format && layout.width == 320 && layout.height == 180)
        #expect(kernel.values[41]?["CRTC_W"] == 640 && kernel.values[41]?["CRTC_H"] == 360)
        #expect((kernel.values[43]?["zpos"] ?? 0) > (kernel.values[41]?["zpos"] ?? 9))
        for (x, y) in [(0, 0), (319, 0), (7, 100), (319, 179)] {
            #expect(kernel.byte(y * layout.parts[0].pitch + x, on: 41) == frame.storage[y * 320 + x])
        }
        for (x, y) in [(0, 0), (159, 0), (3, 50), (159, 89)] {
            let (u, v) = (frame.storage[frame.uOffset + y * 160 + x], frame.storage[frame.vOffset + y * 160 + x])
            let chroma = layout.parts[1].offset + y * layout.parts[1].pitch
            if format == .nv12 {
                #expect(kernel.byte(chroma + 2 * x, on: 41) == u && kernel.byte(chroma + 2 * x + 1, on: 41) == v)
            } else {
                #expect(kernel.byte(chroma + x, on: 41) == u)
                #expect(kernel.byte(layout.parts[2].offset + y * layout.parts[2].pitch + x, on: 41) == v)
            }
        }
        display.wait()
        try display.show(6)
        #expect(kernel.pixel(0, 0) == 6 && kernel.framebuffer(on: 43) == nil, "all composed again")
        #expect(kernel.darkened == 0)
    }

    @Test func picturesOfAnotherSizeReplaceEachOtherUnseen() throws {
        let kernel = Self.kernel()
        let display = try KMSDisplayTests.display(kernel)
        for step in 0..<9 {
            let size = PictureSize(width: 160 + 32 * (step % 3), height: 90 + 18 * (step % 3))
            try #require(display.takesVideo(size: size, at: Self.whole))
            try display.present(Canvas(size: Self.screen), over: Self.frame(size), at: Self.whole)
            #expect(kernel.framebuffer(on: 41)?.width == size.width)
            display.wait()
        }
        #expect(kernel.darkened == 0, "what is on the screen is not freed")
        display.close()
        #expect(kernel.nothingIsHeld)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let kernel = Self.kernel()
        let display = try KMSDisplayTests.display(kernel)
        #expect(!display.takesVideo(size: PictureSize(width: 321, height: 180), at: Self.whole))
        #expect(!display.takesVideo(size: Self.video, at: PixelRectangle(x: 10, y: 0, width: 640, height: 360)))
        #expect(!display.takesVideo(size: Self.video, at: PixelRectangle(x: -2, y: 0, width: 64, height: 36)))
        #expect(!display.takesVideo(size: Self.video, at: PixelRectangle(x: 0, y: 0, width: 0, height: 0)))
        #expect(display.takesVideo(size: Self.video, at: Self.whole))
        #expect(throws: DeviceError.self) {
            try display.present(
                Canvas(size: Self.screen), over: Self.frame(PictureSize(width: 64, height: 64)), at: Self.whole)
        }
    }

    @Test func marginsMoveTheVideoToo() throws {
        let kernel = Self.kernel()
        let display = try KMSDisplayTests.display(kernel, DisplaySettings(margins: .init(left: 10, right: 10)))
        let target = PixelRectangle(x: 0, y: 36, width: 512, height: 288)
        #expect(display.state.size == PictureSize(width: 512, height: 360))
        #expect(display.takesVideo(size: Self.video, at: target))
        try display.present(Canvas(size: display.state.size), over: Self.frame(), at: target)
        #expect(kernel.values[41]?["CRTC_X"] == 64 && kernel.values[41]?["CRTC_Y"] == 36)
    }

    @Test func aPausedVideoComesBackWithTheSignal() throws {
        let kernel = Self.kernel()
        let display = try KMSDisplayTests.display(kernel)
        try #require(display.takesVideo(size: Self.video, at: Self.whole))
        try display.present(Canvas(size: Self.screen), over: Self.frame(), at: Self.whole)
        display.wait()
        try display.setPower(isOn: false)
        try display.setPower(isOn: true)
        #expect(kernel.framebuffer(on: 41)?.format == .yuv420 && kernel.framebuffer(on: 43)?.format == .argb8888)
        #expect(kernel.values[31]?["ACTIVE"] == 1)
    }
}
