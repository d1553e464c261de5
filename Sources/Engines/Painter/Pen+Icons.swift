internal import CCairo
internal import Scene

extension Pen {
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
        case .cross:
            line([(6, 6), (18, 18)])
            line([(18, 6), (6, 18)])
        case .warning:
            line([(12, 3.5), (22, 20.5), (2, 20.5), (12, 3.5)])
            line([(12, 10), (12, 14.5)])
            dot(12, 17.6, 1.15)
        default: drawSign(icon)
        }
        cairo_pop_group_to_source(context)
        cairo_paint(context)
    }

    func dot(_ x: Double, _ y: Double, _ radius: Double) {
        cairo_arc(context, x, y, radius, 0, 2 * .pi)
        cairo_fill(context)
    }

    func line(_ points: [(Double, Double)]) {
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
    func strikeOut() {
        cairo_set_operator(context, CAIRO_OPERATOR_CLEAR)
        cairo_set_line_width(context, 5.2)
        line([(3.5, 3), (21, 20.5)])
        cairo_set_operator(context, CAIRO_OPERATOR_OVER)
        cairo_set_line_width(context, 2.2)
        line([(3.5, 3), (21, 20.5)])
    }

    func microphone() {
        roundedRectangle(x: 8.75, y: 2, width: 6.5, height: 12, radius: 3.25)
        cairo_fill(context)
        cairo_arc(context, 12, 11, 6.5, 0.1, .pi - 0.1)
        cairo_stroke(context)
        line([(12, 17.5), (12, 21)])
        line([(8.5, 21.3), (15.5, 21.3)])
    }

    func camera() {
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

    func hand() {
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

    func people() {
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
    func handset() {
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
