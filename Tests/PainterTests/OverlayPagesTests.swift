import Devices
import Glibc
import Scene
import Testing

@testable import Painter

@Suite struct OverlayPagesTests {
    private static let size = PainterTests.size

    private static func whole() -> PixelRectangle {
        PixelRectangle(x: 0, y: 0, width: size.width, height: size.height)
    }

    @Test func emptyPagesAreGivenBackAndOthersKept() {
        var overlay = Canvas(size: Self.size)
        var pages = OverlayPages()
        let all = pages.release(after: [], of: &overlay)
        #expect(all >= overlay.bytes.count / max(4_096, sysconf(Int32(_SC_PAGESIZE))) - 1)
        #expect(pages.release(after: [], of: &overlay) == 0, "nothing was drawn since")
        let marked = 360 * overlay.stride + 640
        overlay.bytes[marked] = 1
        #expect(pages.release(after: [Self.whole()], of: &overlay) == all - 1)
        #expect(overlay.bytes[marked] == 1)
        overlay.bytes[marked] = 0
        let place = PixelRectangle(x: 160, y: 360, width: 1, height: 1)
        #expect(pages.release(after: [place], of: &overlay) == 1)
    }

    @Test func anAreaAtTheEdgesIsHarmless() {
        var overlay = Canvas(size: Self.size)
        var pages = OverlayPages()
        for index in overlay.bytes.indices { overlay.bytes[index] = 9 }
        let corners = [
            PixelRectangle(x: 0, y: 0, width: 1, height: 1),
            PixelRectangle(x: Self.size.width - 1, y: Self.size.height - 1, width: 1, height: 1),
        ]
        #expect(pages.release(after: corners, of: &overlay) == 0)
        #expect(overlay.bytes.allSatisfy { $0 == 9 })
    }

    @Test func whatWasGivenBackIsPaintedAnew() throws {
        var painter = try OverlayPainter(size: Self.size)
        var overlay = Canvas(size: Self.size)
        let top = SceneRectangle(x: 100, y: 40, width: 400, height: 60)
        let bottom = SceneRectangle(x: 100, y: 620, width: 400, height: 60)
        _ = painter.paint(PainterTests.textLayer("Bonjour", in: top), into: &overlay)
        let ink = PainterTests.inked(overlay, top)
        #expect(ink > 0)
        _ = painter.paint(PainterTests.textLayer("Bonsoir", in: bottom), into: &overlay)
        #expect(PainterTests.inked(overlay, bottom) > 0)
        #expect(PainterTests.inked(overlay, top) == 0)
        _ = painter.paint(PainterTests.textLayer("Bonjour", in: top), into: &overlay)
        #expect(PainterTests.inked(overlay, top) == ink)
        #expect(PainterTests.inked(overlay, bottom) == 0)
    }

    @Test func theInsideOfAFrameIsNotPaintedAnew() throws {
        func layout(_ colour: ColourRole) -> SceneLayout {
            var layout = SceneLayout()
            layout.overlay = [
                .shape(
                    ShapeLayer(
                        kind: .outline(radius: 0, width: 6),
                        rectangle: SceneRectangle(x: 64, y: 64, width: 640, height: 320),
                        colour: colour))
            ]
            return layout
        }
        var painter = try OverlayPainter(size: Self.size)
        var overlay = Canvas(size: Self.size)
        _ = painter.paint(layout(.text), into: &overlay)
        let damage = painter.paint(layout(.background), into: &overlay)
        #expect(!damage.isEmpty)
        let inside = PixelRectangle(x: 128, y: 128, width: 500, height: 200)
        #expect(
            damage.allSatisfy { area in
                area.x + area.width <= inside.x || inside.x + inside.width <= area.x || area.y + area.height <= inside.y
                    || inside.y + inside.height <= area.y
            })
    }
}
