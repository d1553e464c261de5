internal import CCairo
package import Devices
package import Scene

/// Draws the shapes and texts of a layout on a transparent canvas, again only where they changed.
///
/// Belongs to one thread: it holds a font map of its own.
package struct OverlayPainter: ~Copyable {
    private let size: PictureSize
    private let typesetter: Typesetter
    private var painted: [OverlayLayer] = []
    private var palette = Palette.standard
    private var pages = OverlayPages()
    /// Whether the overlay was given back: then it holds what was painted since, and nothing else.
    private var isForgotten = false
    /// Where the overlay has something to show, as rectangles that do not overlap.
    package private(set) var content: [PixelRectangle] = []

    package init(size: PictureSize) throws(PainterError) {
        self.init(size: size, typesetter: try Typesetter())
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(size: PictureSize, typesetter: consuming Typesetter) {
        self.size = size
        self.typesetter = typesetter
    }

    /// Brings `overlay` (premultiplied, the same canvas each time, transparent at first) from the last layout to this one.
    /// Returns the rectangles that were drawn again: disjoint, empty when nothing changed.
    package mutating func paint(_ layout: SceneLayout, into overlay: inout Canvas) -> [PixelRectangle] {
        precondition(overlay.size == size, "the overlay has the size the painter was made for")
        let wanted = layout.overlay
        if wanted == painted, layout.palette == palette { return [] }
        var damaged = RectangleMap(size: size)
        if layout.palette != palette {
            palette = layout.palette
            for layer in painted + wanted { Self.insert(layer, into: &damaged) }
        } else {
            let changes = wanted.difference(from: painted)
            guard !changes.isEmpty else { return [] }
            for change in changes {
                switch change {
                case .insert(_, let layer, _), .remove(_, let layer, _): Self.insert(layer, into: &damaged)
                }
            }
        }
        let damage = damaged.rectangles()
        painted = wanted
        content = Self.content(of: wanted, size: size)
        draw(damage, into: &overlay)
        pages.release(after: damage, of: &overlay)
        return damage
    }

    /// Gives the memory of `overlay` back, until `restore`: `paint` paints meanwhile what changes, and that alone.
    package mutating func forget(_ overlay: inout Canvas) {
        pages.releaseAll(of: &overlay)
        isForgotten = true
    }

    /// Paints all of what was forgotten.
    package mutating func restore(_ overlay: inout Canvas) {
        guard isForgotten else { return }
        isForgotten = false
        draw(content, into: &overlay)
        pages.release(after: content, of: &overlay)
    }

    private func draw(_ damage: [PixelRectangle], into overlay: inout Canvas) {
        let stride = Int32(overlay.stride)
        overlay.bytes.withUnsafeMutableBufferPointer { bytes in
            let surface = cairo_image_surface_create_for_data(
                bytes.baseAddress, CAIRO_FORMAT_ARGB32, Int32(size.width), Int32(size.height), stride)
            defer { cairo_surface_destroy(surface) }
            guard let context = cairo_create(surface) else { return }
            defer { cairo_destroy(context) }
            for area in damage {
                cairo_rectangle(context, Double(area.x), Double(area.y), Double(area.width), Double(area.height))
            }
            cairo_clip(context)
            cairo_set_operator(context, CAIRO_OPERATOR_CLEAR)
            cairo_paint(context)
            cairo_set_operator(context, CAIRO_OPERATOR_OVER)
            let pen = Pen(context: context, palette: palette)
            for layer in painted {
                let rectangle = PixelRectangle(layer.rectangle)
                guard damage.contains(where: { !$0.intersection(rectangle).isEmpty }) else { continue }
                switch layer {
                case .shape(let shape): pen.draw(shape)
                case .text(let text): typesetter.draw(text, screenHeight: size.height, pen: pen)
                }
            }
            cairo_surface_flush(surface)
        }
    }

    private static func content(of layers: [OverlayLayer], size: PictureSize) -> [PixelRectangle] {
        var map = RectangleMap(size: size)
        for layer in layers { insert(layer, into: &map) }
        return map.rectangles()
    }

    /// Where `layer` leaves something.
    private static func insert(_ layer: OverlayLayer, into map: inout RectangleMap) {
        let area = PixelRectangle(layer.rectangle)
        guard case .shape(let shape) = layer, case .outline(let radius, let width) = shape.kind else {
            map.insert(area)
            return
        }
        // The inside of an outline is empty; blending it would cost as much as the picture it frames.
        let edge = max(width, radius * 3 / 10 + 1)
        map.insert(PixelRectangle(x: area.x, y: area.y, width: area.width, height: edge))
        map.insert(PixelRectangle(x: area.x, y: area.y + area.height - edge, width: area.width, height: edge))
        map.insert(PixelRectangle(x: area.x, y: area.y, width: edge, height: area.height))
        map.insert(PixelRectangle(x: area.x + area.width - edge, y: area.y, width: edge, height: area.height))
    }
}

extension PixelRectangle {
    package init(_ rectangle: SceneRectangle) {
        self.init(x: rectangle.x, y: rectangle.y, width: rectangle.width, height: rectangle.height)
    }
}
