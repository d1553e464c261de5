internal import CCairo
internal import Scene

/// The icons that are signs rather than things, on the same field of 24 by 24.
extension Pen {
    func drawSign(_ icon: SceneIcon) {
        switch icon {
        case .speaking:
            for (x, half) in [(4.0, 3.0), (9.3, 8.0), (14.7, 5.0), (20.0, 2.0)] {
                cairo_set_line_width(context, 2.8)
                line([(x, 12 - half), (x, 12 + half)])
            }
        case .message: message()
        case .calendar:
            frame(x: 3, y: 5, width: 18, height: 16, radius: 2.5)
            line([(3, 10), (21, 10)])
            line([(8, 2.5), (8, 6.5)])
            line([(16, 2.5), (16, 6.5)])
            for (x, y) in [(8.0, 14.0), (12.0, 14.0), (16.0, 14.0), (8.0, 17.5), (12.0, 17.5)] { dot(x, y, 1.1) }
        case .lock:
            roundedRectangle(x: 4.5, y: 10.5, width: 15, height: 11, radius: 2.2)
            cairo_fill(context)
            cairo_move_to(context, 8, 10.5)
            cairo_line_to(context, 8, 7)
            cairo_arc(context, 12, 7, 4, .pi, 2 * .pi)
            cairo_line_to(context, 16, 10.5)
            cairo_stroke(context)
        case .shield: shield()
        case .record:
            ring(9.5)
            dot(12, 12, 5.2)
        case .broadcast:
            dot(12, 12, 2.3)
            for radius in [5.6, 9.6] {
                for middle in [0.0, Double.pi] {
                    cairo_arc(context, 12, 12, radius, middle - 0.85, middle + 0.85)
                    cairo_stroke(context)
                }
            }
        case .captions:
            frame(x: 2.5, y: 4.5, width: 19, height: 15, radius: 2.5)
            line([(6, 12), (9.5, 12)])
            line([(13, 12), (18, 12)])
            line([(6, 15.8), (13, 15.8)])
            line([(16.4, 15.8), (18, 15.8)])
        case .layout:
            frame(x: 2.5, y: 4, width: 19, height: 16, radius: 2.5)
            line([(15, 4), (15, 20)])
            line([(15, 9.4), (21, 9.4)])
            line([(15, 14.7), (21, 14.7)])
        case .louder, .softer:
            loudspeaker()
            if icon == .louder { line([(19.5, 9), (19.5, 15)]) }
            line([(16.5, 12), (22.5, 12)])
        case .screen:
            frame(x: 2.5, y: 4, width: 19, height: 13, radius: 2)
            line([(8, 20.5), (16, 20.5)])
            line([(12, 17), (12, 20.5)])
        case .star: star()
        case .arrowUp: line([(12, 20.5), (12, 4), (12, 4), (5.5, 10.5)], then: [(12, 4), (18.5, 10.5)])
        case .arrowDown: line([(12, 3.5), (12, 20), (12, 20), (5.5, 13.5)], then: [(12, 20), (18.5, 13.5)])
        case .arrowRight: line([(3.5, 12), (20, 12), (20, 12), (13.5, 5.5)], then: [(20, 12), (13.5, 18.5)])
        case .update: update()
        case .information:
            ring(9.5)
            dot(12, 7.6, 1.35)
            line([(12, 11.3), (12, 16.8)])
        case .plug:
            line([(9, 3), (9, 8)])
            line([(15, 3), (15, 8)])
            cairo_move_to(context, 5.5, 8.5)
            cairo_line_to(context, 18.5, 8.5)
            cairo_line_to(context, 18.5, 11)
            cairo_arc(context, 12, 11, 6.5, 0, .pi)
            cairo_close_path(context)
            cairo_fill_preserve(context)
            cairo_set_line_width(context, 1)
            cairo_stroke(context)
            cairo_set_line_width(context, 2)
            line([(12, 17), (12, 21.5)])
        default: break
        }
    }

    private func line(_ points: [(Double, Double)], then more: [(Double, Double)]) {
        line(points)
        line(more)
    }

    private func frame(x: Double, y: Double, width: Double, height: Double, radius: Double) {
        roundedRectangle(x: x, y: y, width: width, height: height, radius: radius)
        cairo_stroke(context)
    }

    private func ring(_ radius: Double) {
        cairo_new_sub_path(context)
        cairo_arc(context, 12, 12, radius, 0, 2 * .pi)
        cairo_stroke(context)
    }

    /// A bubble with its corner down at the left.
    private func message() {
        roundedRectangle(x: 2.5, y: 3.5, width: 19, height: 13.5, radius: 3.5)
        cairo_fill(context)
        cairo_move_to(context, 6, 15)
        cairo_line_to(context, 6, 21.5)
        cairo_line_to(context, 12.5, 16)
        cairo_close_path(context)
        cairo_fill(context)
    }

    private func shield() {
        cairo_move_to(context, 12, 2.5)
        cairo_line_to(context, 20, 5.5)
        cairo_line_to(context, 20, 11)
        cairo_curve_to(context, 20, 16.5, 16.8, 19.8, 12, 21.8)
        cairo_curve_to(context, 7.2, 19.8, 4, 16.5, 4, 11)
        cairo_line_to(context, 4, 5.5)
        cairo_close_path(context)
        cairo_stroke(context)
        line([(8.2, 11.8), (11, 14.6), (16, 9)])
    }

    private func loudspeaker() {
        cairo_move_to(context, 2.5, 9)
        cairo_line_to(context, 6, 9)
        cairo_line_to(context, 11.5, 4.5)
        cairo_line_to(context, 11.5, 19.5)
        cairo_line_to(context, 6, 15)
        cairo_line_to(context, 2.5, 15)
        cairo_close_path(context)
        cairo_fill_preserve(context)
        cairo_set_line_width(context, 1)
        cairo_stroke(context)
        cairo_set_line_width(context, 2)
    }

    private func star() {
        // Five points of a star of radius 10 and the five between, of radius 4.2, from the top on.
        let points: [(Double, Double)] = [
            (12, 2.6), (14.5, 9.2), (21.5, 9.5), (16, 13.9), (17.9, 20.7), (12, 16.8), (6.1, 20.7), (8, 13.9),
            (2.5, 9.5), (9.5, 9.2),
        ]
        cairo_move_to(context, points[0].0, points[0].1)
        for point in points.dropFirst() { cairo_line_to(context, point.0, point.1) }
        cairo_close_path(context)
        cairo_fill_preserve(context)
        cairo_set_line_width(context, 1.2)
        cairo_stroke(context)
    }

    /// Two arrows chasing each other round a circle.
    private func update() {
        for turn in [0.0, Double.pi] {
            cairo_save(context)
            cairo_translate(context, 12, 12)
            cairo_rotate(context, turn)
            cairo_translate(context, -12, -12)
            cairo_arc(context, 12, 12, 8.5, -0.85 * .pi, -0.12 * .pi)
            cairo_stroke(context)
            line([(20.4, 4.2), (20.1, 9.2), (15.2, 8.6)])
            cairo_restore(context)
        }
    }
}
