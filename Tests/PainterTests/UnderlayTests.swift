import Devices
import Painter
import Scene
import Testing

/// A picture that the display shows by itself, below a canvas with a hole.
@Suite struct UnderlayTests {
    static let size = PainterTests.size
    static let whole = PixelRectangle(x: 0, y: 0, width: 1280, height: 720)

    static func layout(
        fit: VideoFit = .fill, mirrored: Bool = false, cornerRadius: Int = 0, width: Int = 1280
    ) -> SceneLayout {
        var layout = SceneLayout()
        layout.videos = [
            VideoLayer(
                source: .remote("s0"), rectangle: SceneRectangle(x: 0, y: 0, width: width, height: 720), fit: fit,
                mirrored: mirrored, cornerRadius: cornerRadius, backdrop: .background),
            VideoLayer(
                source: .selfView, rectangle: SceneRectangle(x: 1000, y: 500, width: 240, height: 136), fit: .fill,
                mirrored: true, cornerRadius: 16, backdrop: .raised),
        ]
        layout.shapes = [
            ShapeLayer(
                kind: .roundedRectangle(radius: 0), rectangle: SceneRectangle(x: 100, y: 100, width: 80, height: 40),
                colour: .danger)
        ]
        return layout
    }

    static func frames(width: Int = 320, height: Int = 180) -> FrameStore {
        let frames = FrameStore()
        frames.put(
            PainterTests.frame(luma: 145, u: 54, v: 34, size: PictureSize(width: width, height: height)),
            for: .remote("s0"))
        frames.put(PainterTests.frame(luma: 235, u: 128, v: 128), for: .selfView)
        return frames
    }

    static func alpha(_ canvas: borrowing Canvas, _ x: Int, _ y: Int) -> UInt8 {
        canvas.bytes[y * canvas.stride + x * 4 + 3]
    }

    private func underlay(_ layout: SceneLayout, _ frames: FrameStore) throws -> Underlay? {
        let compositor = try Compositor(size: Self.size)
        return compositor.underlay(of: layout, frames: frames)
    }

    @Test func aPictureThatFillsTheScreenMayLieBelow() throws {
        #expect(
            try underlay(Self.layout(), Self.frames())
                == Underlay(
                    source: .remote("s0"), size: PictureSize(width: 320, height: 180), target: Self.whole))
        #expect(
            try underlay(Self.layout(fit: .whole), Self.frames(width: 240, height: 180))?.target
                == PixelRectangle(x: 160, y: 0, width: 960, height: 720))
    }

    @Test func whatThePlaneCannotShowAsItIsIsComposed() throws {
        #expect(try underlay(Self.layout(), FrameStore()) == nil, "no picture yet")
        #expect(try underlay(Self.layout(), Self.frames(width: 240, height: 180)) == nil, "cut off above and below")
        #expect(try underlay(Self.layout(mirrored: true), Self.frames()) == nil)
        #expect(try underlay(Self.layout(cornerRadius: 8), Self.frames()) == nil)
        #expect(try underlay(Self.layout(width: 1278), Self.frames()) == nil)
        #expect(try underlay(Self.layout(), Self.frames(width: 8, height: 8)) == nil)
        #expect(try underlay(SceneLayout(), Self.frames()) == nil)
    }

    @Test func theCanvasIsTransparentWhereTheVideoIs() throws {
        let frames = Self.frames(width: 240, height: 180)
        let layout = Self.layout(fit: .whole)
        var compositor = try Compositor(size: Self.size)
        var canvas = Canvas(size: Self.size)
        let found = compositor.underlay(of: layout, frames: frames)
        let underlay = try #require(found)
        let damage = compositor.compose(layout, frames: frames, over: underlay, into: &canvas)
        #expect(damage == [Self.whole])
        #expect(Self.alpha(canvas, 640, 360) == 0 && PainterTests.pixel(canvas, 640, 360) == [0, 0, 0])
        #expect(Self.alpha(canvas, 50, 360) == 255, "a bar")
        #expect(PainterTests.pixel(canvas, 50, 360) == PainterTests.parts(.background))
        #expect(Self.alpha(canvas, 1120, 568) == 255, "the self-view")
        #expect(PainterTests.near(PainterTests.pixel(canvas, 1120, 568), [255, 255, 255]))
        #expect(Self.alpha(canvas, 1000, 500) == 0, "its round corner")
        #expect(Self.alpha(canvas, 170, 120) == 255, "a shape above the video")
        #expect(PainterTests.near(PainterTests.pixel(canvas, 170, 120), PainterTests.parts(.danger)))
    }

    @Test func newPicturesBelowDoNotChangeTheCanvas() throws {
        let frames = Self.frames()
        let layout = Self.layout()
        var compositor = try Compositor(size: Self.size)
        var canvas = Canvas(size: Self.size)
        let underlay = compositor.underlay(of: layout, frames: frames)
        _ = compositor.compose(layout, frames: frames, over: underlay, into: &canvas)
        frames.put(PainterTests.frame(luma: 30, u: 128, v: 128), for: .remote("s0"))
        #expect(compositor.compose(layout, frames: frames, over: underlay, into: &canvas).isEmpty)
        frames.put(PainterTests.frame(luma: 30, u: 128, v: 128), for: .selfView)
        #expect(
            compositor.compose(layout, frames: frames, over: underlay, into: &canvas) == [
                PixelRectangle(x: 1000, y: 500, width: 240, height: 136)
            ])
        #expect(compositor.compose(layout, frames: frames, into: &canvas) == [Self.whole], "all drawn again")
        #expect(PainterTests.near(PainterTests.pixel(canvas, 640, 360), [30, 30, 30], within: 20))
        #expect(compositor.compose(layout, frames: frames, over: underlay, into: &canvas) == [Self.whole])
        #expect(Self.alpha(canvas, 640, 360) == 0)
    }
}
