import Devices
import Painter
import Scene
import Testing

/// New pictures in tiles with round corners: what is drawn for them alone is what a whole screen would show.
@Suite struct RoundedTileTests {
    static func layout(radius: Int, fit: VideoFit, backdrop: ColourRole) -> SceneLayout {
        var layout = SceneLayout()
        layout.videos = [0, 1].map { index in
            VideoLayer(
                source: .remote("s\(index)"),
                rectangle: SceneRectangle(x: 40 + index * 600, y: 100, width: 560, height: 316), fit: fit,
                mirrored: false, cornerRadius: radius, backdrop: backdrop)
        }
        return layout
    }

    static func put(_ luma: UInt8, _ width: Int, into frames: FrameStore) {
        for index in 0..<2 {
            frames.put(
                PainterTests.frame(
                    luma: luma + UInt8(index * 40), u: 90, v: 200, size: PictureSize(width: width, height: 180)),
                for: .remote("s\(index)"))
        }
    }

    @Test(
        arguments: [0, 16, 400],
        [(VideoFit.fill, ColourRole.background), (.whole, .background), (.whole, .raised), (.fill, .raised)])
    func aNewPictureLeavesNothingOfTheOldOne(radius: Int, look: (fit: VideoFit, backdrop: ColourRole)) throws {
        let layout = Self.layout(radius: radius, fit: look.fit, backdrop: look.backdrop)
        let frames = FrameStore()
        var compositor = try Compositor(size: PainterTests.size)
        var canvas = Canvas(size: PainterTests.size)
        // Without pictures, with wide ones, with narrow ones that have bars where they are shown whole.
        for (luma, width) in [(UInt8(0), 0), (100, 320), (180, 200), (60, 318)] {
            if width > 0 { Self.put(luma, width, into: frames) }
            let damage = compositor.compose(layout, frames: frames, into: &canvas)
            #expect(damage.count == (width == 0 ? 1 : 2))
            var fresh = try Compositor(size: PainterTests.size)
            var whole = Canvas(size: PainterTests.size)
            _ = fresh.compose(layout, frames: frames, into: &whole)
            let isEqual = canvas.bytes == whole.bytes
            #expect(isEqual, "radius \(radius), \(look), pictures \(width) wide")
        }
    }
}
