internal import CCairo
internal import Scene

/// Shapes drawn with Cairo.
struct Pen {
    let context: OpaquePointer

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
            shade(layer.colour, y: y, height: height)
            cairo_paint(context)
        case .icon(let icon):
            let side = min(width, height)
            draw(icon, x: x + (width - side) / 2, y: y + (height - side) / 2, side: side, colour: layer.colour)
        }
    }

    func setColour(_ role: ColourRole) {
        let (red, green, blue, alpha) = Self.components(role)
        cairo_set_source_rgba(context, red, green, blue, alpha)
    }

    private static func components(_ role: ColourRole) -> (Double, Double, Double, Double) {
        func part(_ shift: UInt32) -> Double { Double(role.value >> shift & 0xFF) / 255 }
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

    /// Nearly the full colour where the words are, nothing at the bottom.
    private func shade(_ role: ColourRole, y: Double, height: Double) {
        let (red, green, blue, alpha) = Self.components(role)
        guard let gradient = cairo_pattern_create_linear(0, y, 0, y + height) else { return }
        for (place, share) in [(0.0, 1.0), (0.5, 0.85), (0.75, 0.4), (1.0, 0.0)] {
            cairo_pattern_add_color_stop_rgba(gradient, place, red, green, blue, alpha * share)
        }
        cairo_set_source(context, gradient)
        cairo_pattern_destroy(gradient)
    }

    // MARK: Icons, on a field of 24 by 24

    /// Draws the icon in a group, so that its crossing strokes may cut each other, then lays it down in one colour.
    func draw(_ icon: SceneIcon, x: Double, y: Double, side: Double, colour: ColourRole) {
        cairo_save(context)
        defer { cairo_restore(context) }
        cairo_translate(context, x, y)
        cairo_scale(context, side / 24, side / 24)
        cairo_rectangle(context, 0, 0, 24, 24)
        cairo_clip(context)
        cairo_push_group(context)
        setColour(colour)
        cairo_set_line_width(context, 2)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        switch icon {
        case .microphone: microphone()
        case .mutedMicrophone:
            microphone()
            strikeOut()
        case .camera: camera()
        case .cameraOff:
            camera()
            strikeOut()
        case .hand: hand()
        case .people: people()
        case .phone: handset()
        case .hangUp:
            cairo_translate(context, 12, 12)
            cairo_rotate(context, 3 * .pi / 4)
            cairo_translate(context, -12, -11)
            handset()
        case .tick:
            line([(5, 12.5), (10, 17.5), (19, 7)])
        case .warning:
            line([(12, 3.5), (22, 20.5), (2, 20.5), (12, 3.5)])
            line([(12, 10), (12, 14.5)])
            cairo_arc(context, 12, 17.6, 1.15, 0, 2 * .pi)
            cairo_fill(context)
        }
        cairo_pop_group_to_source(context)
        cairo_paint(context)
    }

    private func line(_ points: [(Double, Double)]) {
        for (index, point) in points.enumerated() {
            if index == 0 {
                cairo_move_to(context, point.0, point.1)
            } else {
                cairo_line_to(context, point.0, point.1)
            }
        }
        cairo_stroke(context)
    }

    /// A stroke across, with a gap cut beside it so that it stays apart from what it strikes.
    private func strikeOut() {
        cairo_set_operator(context, CAIRO_OPERATOR_CLEAR)
        cairo_set_line_width(context, 5.2)
        line([(3.5, 3), (21, 20.5)])
        cairo_set_operator(context, CAIRO_OPERATOR_OVER)
        cairo_set_line_width(context, 2.2)
        line([(3.5, 3), (21, 20.5)])
    }

    private func microphone() {
        roundedRectangle(x: 8.75, y: 2, width: 6.5, height: 12, radius: 3.25)
        cairo_fill(context)
        cairo_arc(context, 12, 11, 6.5, 0.1, .pi - 0.1)
        cairo_stroke(context)
        line([(12, 17.5), (12, 21)])
        line([(8.5, 21.3), (15.5, 21.3)])
    }

    private func camera() {
        roundedRectangle(x: 2, y: 6, width: 13.5, height: 12, radius: 2.5)
        cairo_fill(context)
        cairo_move_to(context, 17, 10.5)
        cairo_line_to(context, 21.5, 7.5)
        cairo_line_to(context, 21.5, 16.5)
        cairo_line_to(context, 17, 13.5)
        cairo_close_path(context)
        cairo_fill_preserve(context)
        cairo_set_line_width(context, 1)
        cairo_stroke(context)
    }

    private func hand() {
        cairo_set_line_width(context, 2.7)
        line([(8.2, 12), (8.2, 5.6)])
        line([(11.4, 12), (11.4, 3.6)])
        line([(14.6, 12), (14.6, 4.6)])
        line([(17.8, 12), (17.8, 7.6)])
        line([(8.6, 15.6), (5, 11.8)])
        cairo_move_to(context, 6.85, 11)
        cairo_line_to(context, 19.15, 11)
        cairo_line_to(context, 19.15, 15)
        cairo_curve_to(context, 19.15, 19.5, 16.5, 22, 13, 22)
        cairo_curve_to(context, 10, 22, 8.4, 20, 6.85, 16.5)
        cairo_close_path(context)
        cairo_fill(context)
    }

    private func people() {
        for (centre, head, top, wide) in [(7.8, 3.4, 8.0, 5.8), (18.2, 2.7, 9.2, 4.0)] {
            cairo_arc(context, centre, top, head, 0, 2 * .pi)
            cairo_fill(context)
            cairo_save(context)
            cairo_translate(context, centre, 20)
            cairo_scale(context, wide, 6.4)
            cairo_arc(context, 0, 0, 1, .pi, 2 * .pi)
            cairo_restore(context)
            cairo_fill(context)
        }
    }

    /// A telephone's handset, earpiece up at the left.
    private func handset() {
        cairo_move_to(context, 6.6, 3)
        cairo_curve_to(context, 5.2, 3, 3, 4.6, 3, 6.6)
        cairo_curve_to(context, 3, 14.6, 9.4, 21, 17.4, 21)
        cairo_curve_to(context, 19.4, 21, 21, 18.8, 21, 17.4)
        cairo_line_to(context, 21, 16.4)
        cairo_line_to(context, 16.6, 14.2)
        cairo_line_to(context, 14.4, 16.3)
        cairo_curve_to(context, 11.6, 15, 9, 12.4, 7.7, 9.6)
        cairo_line_to(context, 9.8, 7.4)
        cairo_line_to(context, 7.6, 3)
        cairo_close_path(context)
        cairo_fill_preserve(context)
        cairo_set_line_width(context, 1)
        cairo_stroke(context)
    }
}
