package import Devices
internal import Pixels
package import Scene

/// A picture that fills the screen as it is, so that a plane of the display may show it below a canvas with a hole.
package struct Underlay: Equatable, Sendable {
    /// Whose picture it is.
    package var source: SceneSource
    /// The picture's own size in pixels, before scaling.
    package var size: PictureSize
    /// Where it is seen; the rest of the screen are bars.
    package var target: PixelRectangle

    package init(source: SceneSource, size: PictureSize, target: PixelRectangle) {
        self.source = source
        self.size = size
        self.target = target
    }
}

/// Puts a screen together, again only where something changed:
///
///     background → moving pictures (libyuv) → overlay of shapes and words (Cairo, Pango)
///
/// Belongs to the thread that draws.
package struct Compositor: ~Copyable {
    private struct Shown {
        var layer: VideoLayer
        var generation: UInt64
    }

    /// A remote picture with a shorter side is no picture: scaling needs whole chroma samples to choose from.
    private static let smallestSide = 16

    private let size: PictureSize
    private var painter: OverlayPainter
    private var overlay: Canvas
    private var shown: [Shown] = []
    // Used again each time.
    private var wanted: [Shown] = []
    private var damage: [PixelRectangle] = []
    private var settler = DamageSettler()
    private var palette = Palette.standard
    private var underlay: Underlay?
    private var wholeScreenIsDue = true
    private var corners = RoundedCorners()
    /// The scaled picture, kept between frames.
    private var scratch: [UInt8] = []

    package init(size: PictureSize) throws(PainterError) {
        self.init(size: size, painter: try OverlayPainter(size: size))
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(size: PictureSize, painter: consuming OverlayPainter) {
        self.size = size
        self.painter = painter
        overlay = Canvas(size: size)
    }

    /// The next call of `compose` draws everything: for a canvas that lost its content, or another canvas.
    package mutating func invalidate() {
        wholeScreenIsDue = true
    }

    private var whole: PixelRectangle { PixelRectangle(x: 0, y: 0, width: size.width, height: size.height) }

    /// The first picture of `layout` if it covers the screen, is there, and is seen whole and unmirrored.
    package func underlay(of layout: SceneLayout, frames: borrowing FrameStore) -> Underlay? {
        guard let first = layout.videos.first, PixelRectangle(first.rectangle) == whole, first.cornerRadius == 0,
            !first.mirrored
        else { return nil }
        var found: Underlay?
        frames.withFrame(of: first.source) { frame in
            guard min(frame.size.width, frame.size.height) >= Self.smallestSide else { return }
            let fit = Self.fit(first.fit, of: frame.size, in: whole)
            let placement = Pixels.placement(of: frame.size, in: whole, fit: fit)
            guard placement.source.width == frame.size.width, placement.source.height == frame.size.height else {
                return
            }
            found = Underlay(source: first.source, size: frame.size, target: placement.target)
        }
        return found
    }

    /// Brings `canvas`, the same each time, up to `layout` and the pictures in `frames`.
    /// Returns the rectangles that changed; empty when there is nothing new to show.
    /// - Parameter underlay: the picture of `layout` that is shown below the canvas: where it is seen the canvas is
    ///   transparent (premultiplied ARGB). Nil: all is drawn, and the fourth bytes mean nothing.
    package mutating func compose(
        _ layout: SceneLayout, frames: borrowing FrameStore, over underlay: Underlay? = nil, into canvas: inout Canvas
    ) -> [PixelRectangle] {
        precondition(canvas.size == size, "the canvas has the size the compositor was made for")
        if underlay != self.underlay {
            self.underlay = underlay
            wholeScreenIsDue = true
        }
        if layout.palette != palette {
            palette = layout.palette
            wholeScreenIsDue = true
        }
        damage.removeAll(keepingCapacity: true)
        damage.append(contentsOf: painter.paint(layout, into: &overlay))
        noteVideos(layout.videos, frames: frames)
        if wholeScreenIsDue {
            damage.removeAll(keepingCapacity: true)
            damage.append(whole)
        }
        // Without pictures, now and before, what changes in the overlay is all that is drawn.
        if wholeScreenIsDue || !wanted.isEmpty || !shown.isEmpty { painter.restore(&overlay) }
        wholeScreenIsDue = false
        guard !damage.isEmpty else { return [] }
        settler.begin(size: size)
        // What lies below the canvas is not drawn: it need not be in the damage wholly or not at all.
        for entry in underlay == nil ? shown[...] : shown.dropFirst() {
            settler.add(video: PixelRectangle(entry.layer.rectangle))
        }
        settler.settle(&damage)
        for area in damage {
            if let underlay {
                draw(area, over: underlay, frames: frames, into: &canvas)
            } else {
                draw(area, frames: frames, into: &canvas)
            }
        }
        if shown.isEmpty {
            scratch = []
            painter.forget(&overlay)
        }
        return damage
    }

    /// Adds to `damage` what is shown in another place than before, or has another picture.
    private mutating func noteVideos(_ layers: [VideoLayer], frames: borrowing FrameStore) {
        wanted.removeAll(keepingCapacity: true)
        for layer in layers {
            // New pictures below the canvas do not change it.
            let isBelow = underlay != nil && wanted.isEmpty
            wanted.append(Shown(layer: layer, generation: isBelow ? 0 : frames.generation(of: layer.source)))
        }
        for index in 0..<max(wanted.count, shown.count) {
            let old = index < shown.count ? shown[index] : nil
            let new = index < wanted.count ? wanted[index] : nil
            if old?.layer == new?.layer, old?.generation == new?.generation { continue }
            if let old { damage.append(PixelRectangle(old.layer.rectangle)) }
            if let new { damage.append(PixelRectangle(new.layer.rectangle)) }
        }
        swap(&shown, &wanted)
    }

    private mutating func draw(
        _ area: PixelRectangle, over underlay: Underlay, frames: borrowing FrameStore, into canvas: inout Canvas
    ) {
        let bars = shown.first?.layer.backdrop ?? .background
        Pixels.fill(&canvas, in: area, colour: palette.value(of: bars) & 0xFF_FFFF)
        Pixels.clear(&canvas, in: underlay.target.intersection(area))
        for entry in shown.dropFirst() where !PixelRectangle(entry.layer.rectangle).intersection(area).isEmpty {
            draw(entry.layer, frames: frames, into: &canvas)
        }
        for content in painter.content {
            let part = content.intersection(area)
            if !part.isEmpty { Pixels.blendKeepingAlpha(overlay, over: &canvas, in: part) }
        }
    }

    private mutating func draw(_ area: PixelRectangle, frames: borrowing FrameStore, into canvas: inout Canvas) {
        fillBackground(of: area, into: &canvas)
        for entry in shown where !PixelRectangle(entry.layer.rectangle).intersection(area).isEmpty {
            draw(entry.layer, frames: frames, into: &canvas)
        }
        for content in painter.content {
            let part = content.intersection(area)
            if !part.isEmpty { Pixels.blend(overlay, over: &canvas, in: part) }
        }
    }

    /// The background, where no picture will cover it at once.
    private func fillBackground(of area: PixelRectangle, into canvas: inout Canvas) {
        let colour = palette.value(of: .background) & 0xFF_FFFF
        guard let covering = shown.first(where: { PixelRectangle($0.layer.rectangle) == area })?.layer,
            covering.cornerRadius > 0 || covering.backdrop == .background
        else { return Pixels.fill(&canvas, in: area, colour: colour) }
        let radius = min(covering.cornerRadius, min(area.width, area.height) / 2)
        guard radius > 0 else { return }
        // All else of it is drawn over; outside of its round corners the background stays.
        for corner in 0..<4 {
            let (right, lower) = (corner % 2, corner / 2)
            let square = PixelRectangle(
                x: area.x + right * (area.width - radius), y: area.y + lower * (area.height - radius), width: radius,
                height: radius)
            Pixels.fill(&canvas, in: square, colour: colour)
        }
    }

    private mutating func draw(_ layer: VideoLayer, frames: borrowing FrameStore, into canvas: inout Canvas) {
        let rectangle = PixelRectangle(layer.rectangle)
        corners.save(of: rectangle, radius: layer.cornerRadius, from: canvas)
        let backdrop = palette.value(of: layer.backdrop) & 0xFF_FFFF
        var isDrawn = false
        frames.withFrame(of: layer.source) { frame in
            guard min(frame.size.width, frame.size.height) >= Self.smallestSide else { return }
            isDrawn = true
            let fit = Self.fit(layer.fit, of: frame.size, in: rectangle)
            if fit == .whole, Pixels.placement(of: frame.size, in: rectangle, fit: .whole).target != rectangle {
                Pixels.fill(&canvas, in: rectangle, colour: backdrop)
            }
            Pixels.draw(
                frame, into: &canvas, at: rectangle, fit: fit, mirrored: layer.mirrored, scratch: &scratch)
        }
        if !isDrawn { Pixels.fill(&canvas, in: rectangle, colour: backdrop) }
        corners.restore(into: &canvas)
    }

    /// Filling may cost a third of the picture, as with 4:3 in 16:9; what would lose more is shown whole.
    private static func fit(_ wanted: VideoFit, of size: PictureSize, in rectangle: PixelRectangle) -> Pixels.Fit {
        guard wanted == .fill else { return .whole }
        let seen = Pixels.placement(of: size, in: rectangle, fit: .fill).source
        return 3 * seen.width * seen.height < 2 * size.width * size.height ? .whole : .fill
    }
}
