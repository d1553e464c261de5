internal import CCairo
internal import Scene

/// Shapes drawn with Cairo.
struct Pen {
    let context: OpaquePointer
    let palette: Palette

    func draw(_ layer: ShapeLayer) {
        let area = layer.rectangle
        let (x, y) = (Double(area.x), Double(area.y))
        let (width, height) = (Double(area.width), Double(area.height))
        guard width > 0, height > 0 else { return }
        cairo_save(context)
        defer { cairo_restore(context) }
        // Whatever is drawn stays inside its rectangle: damage is counted by it.
        cairo_rectangle(context, x, y, width, height)
        cairo_clip(context)
        setColour(layer.colour)
        switch layer.kind {
        case .roundedRectangle(let radius):
            roundedRectangle(x: x, y: y, width: width, height: height, radius: Double(radius))
            cairo_fill(context)
        case .circle:
            cairo_arc(context, x + width / 2, y + height / 2, min(width, height) / 2, 0, 2 * .pi)
            cairo_fill(context)
        case .outline(let radius, let line):
            let half = Double(line) / 2
            roundedRectangle(
                x: x + half, y: y + half, width: width - 2 * half, height: height - 2 * half,
                radius: max(0, Double(radius) - half))
            cairo_set_line_width(context, Double(line))
            cairo_stroke(context)
        case .shade:
            shade(layer.colour, from: y, to: y + height)
            cairo_paint(context)
        case .shadeBelow:
            shade(layer.colour, from: y + height, to: y)
            cairo_paint(context)
        case .bars(let lit): bars(lit: lit, x: x, y: y, width: width, height: height, colour: layer.colour)
        case .progress(let hundredths):
            let long = max(height, width * Double(min(100, max(0, hundredths))) / 100)
            roundedRectangle(x: x, y: y, width: long, height: height, radius: height / 2)
            cairo_fill(context)
        case .qr(let text):
            let side = min(width, height)
            qr(text, x: x + (width - side) / 2, y: y + (height - side) / 2, side: side, ink: layer.colour)
        case .picture(let picture): draw(picture, x: x, y: y, width: width, height: height)
        case .icon(let icon):
            let side = min(width, height)
            draw(icon, x: x + (width - side) / 2, y: y + (height - side) / 2, side: side, colour: layer.colour)
        }
    }

    func setColour(_ role: ColourRole) {
        let (red, green, blue, alpha) = components(role)
        cairo_set_source_rgba(context, red, green, blue, alpha)
    }

    private func components(_ role: ColourRole) -> (Double, Double, Double, Double) {
        let value = palette.value(of: role)
        func part(_ shift: UInt32) -> Double { Double(value >> shift & 0xFF) / 255 }
        return (part(16), part(8), part(0), part(24))
    }

    func roundedRectangle(x: Double, y: Double, width: Double, height: Double, radius: Double) {
        let corner = min(radius, min(width, height) / 2)
        cairo_new_sub_path(context)
        cairo_arc(context, x + width - corner, y + corner, corner, -.pi / 2, 0)
        cairo_arc(context, x + width - corner, y + height - corner, corner, 0, .pi / 2)
        cairo_arc(context, x + corner, y + height - corner, corner, .pi / 2, .pi)
        cairo_arc(context, x + corner, y + corner, corner, .pi, 3 * .pi / 2)
        cairo_close_path(context)
    }

    /// Nearly the full colour where the words are, nothing at the other end.
    private func shade(_ role: ColourRole, from start: Double, to end: Double) {
        let (red, green, blue, alpha) = components(role)
        guard let gradient = cairo_pattern_create_linear(0, start, 0, end) else { return }
        for (place, share) in [(0.0, 1.0), (0.5, 0.85), (0.75, 0.4), (1.0, 0.0)] {
            cairo_pattern_add_color_stop_rgba(gradient, place, red, green, blue, alpha * share)
        }
        cairo_set_source(context, gradient)
        cairo_pattern_destroy(gradient)
    }

    /// Four bars, the unlit ones pale.
    private func bars(lit: Int, x: Double, y: Double, width: Double, height: Double, colour: ColourRole) {
        let step = width / 4
        for index in 0..<4 {
            let high = height * Double(index + 1) / 4
            setColour(index < lit ? colour : .line)
            roundedRectangle(
                x: x + Double(index) * step, y: y + height - high, width: step * 0.7, height: high, radius: step * 0.15)
            cairo_fill(context)
        }
    }

    /// The code with four light modules around it (ISO/IEC 18004), each module a whole number of pixels.
    private func qr(_ text: String, x: Double, y: Double, side: Double, ink: ColourRole) {
        guard let code = QRCode(text) else { return }
        let across = code.size + 8
        let module = max(1, (side / Double(across)).rounded(.down))
        let paper = module * Double(across)
        let (left, top) = (x + ((side - paper) / 2).rounded(), y + ((side - paper) / 2).rounded())
        setColour(.paper)
        roundedRectangle(x: left, y: top, width: paper, height: paper, radius: 2 * module)
        cairo_fill(context)
        setColour(ink)
        cairo_set_antialias(context, CAIRO_ANTIALIAS_NONE)
        for row in 0..<code.size {
            for column in 0..<code.size where code.isDark(column: column, row: row) {
                cairo_rectangle(
                    context, left + Double(column + 4) * module, top + Double(row + 4) * module, module, module)
            }
        }
        cairo_fill(context)
    }

    private func draw(_ picture: ScenePicture, x: Double, y: Double, width: Double, height: Double) {
        let scale = min(width / Double(picture.width), height / Double(picture.height))
        picture.pixels.withUnsafeBufferPointer { pixels in
            // Cairo asks for memory it may write, but a source is only read.
            let surface = cairo_image_surface_create_for_data(
                UnsafeMutablePointer(mutating: pixels.baseAddress), CAIRO_FORMAT_ARGB32, Int32(picture.width),
                Int32(picture.height), Int32(picture.width * 4))
            defer { cairo_surface_destroy(surface) }
            cairo_save(context)
            cairo_translate(context, x, y + (height - scale * Double(picture.height)) / 2)
            cairo_scale(context, scale, scale)
            cairo_set_source_surface(context, surface, 0, 0)
            cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BEST)
            cairo_paint_with_alpha(context, Double(palette.brightness) / 100)
            cairo_restore(context)
        }
    }
}
