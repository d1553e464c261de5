internal import CCairo
internal import Scene

/// Words set with Pango: any script, an ellipsis where they do not fit, markup taken as plain text.
struct Typesetter: ~Copyable {
    private let fontMap: UnsafeMutablePointer<PangoFontMap>
    private let pango: OpaquePointer
    private static let families = "Noto Sans, DejaVu Sans, sans-serif"

    init() throws(PainterError) {
        guard let map = pango_cairo_font_map_new() else { throw .textEngine }
        guard let context = pango_font_map_create_context(map) else {
            g_object_unref(map)
            throw .textEngine
        }
        fontMap = map
        pango = context
    }

    deinit {
        g_object_unref(UnsafeMutableRawPointer(pango))
        g_object_unref(fontMap)
    }

    func draw(_ layer: TextLayer, screenHeight: Int, pen: Pen) {
        let context = pen.context
        let area = layer.rectangle
        guard area.width > 0, area.height > 0, !layer.text.isEmpty, let layout = pango_layout_new(pango) else { return }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        let (x, y) = (Double(area.x), Double(area.y))
        let (width, height) = (Double(area.width), Double(area.height))
        let em = max(1, layer.size * Double(screenHeight))
        let padding = layer.plate == nil || layer.plate?.colour == .clear ? 0 : min(height, em * 2) * 0.34
        let icon = layer.plate?.icon == nil ? 0 : em * 1.15
        let lead = icon > 0 ? icon + em * 0.35 : 0
        setUp(layout, layer: layer, em: em, width: max(1, width - 2 * padding - lead))

        var ink = PangoRectangle()
        var logical = PangoRectangle()
        pango_layout_get_pixel_extents(layout, &ink, &logical)
        // Where not all lines fit, the last that does ends in an ellipsis.
        var lines = min(Int32(clamping: layer.maximumLines), pango_layout_get_line_count(layout))
        while lines > 1, Double(ink.height) > height {
            lines -= 1
            pango_layout_set_height(layout, -lines)
            pango_layout_get_pixel_extents(layout, &ink, &logical)
        }
        // A letter such as J may reach out to the left of where it stands.
        let overhang = padding > 0 ? 0 : Double(max(0, logical.x - ink.x))
        let needed = min(width, Double(logical.width) + 2 * padding + lead + overhang)
        let left =
            switch layer.alignment {
            case .left: x
            case .centre: x + (width - needed) / 2
            case .right: x + width - needed
            }
        cairo_save(context)
        defer { cairo_restore(context) }
        cairo_rectangle(context, x, y, width, height)
        cairo_clip(context)
        if let plate = layer.plate {
            if plate.colour != .clear {
                pen.setColour(plate.colour)
                pen.roundedRectangle(x: left, y: y, width: needed, height: height, radius: plate.roundness * height)
                cairo_fill(context)
            }
            if let drawing = plate.icon {
                pen.draw(
                    drawing, x: left + padding, y: y + (height - icon) / 2, side: icon,
                    colour: plate.iconColour ?? layer.colour)
            }
        }
        let spare = height - Double(logical.height)
        var above =
            switch layer.vertical {
            case .top: min(0, spare)
            case .middle: spare / 2
            case .bottom: spare
            }
        // What is above and below letters may lie outside, letters may not.
        let inkTop = Double(ink.y - logical.y)
        if Double(ink.height) <= height { above = min(max(above, -inkTop), height - inkTop - Double(ink.height)) }
        pen.setColour(layer.colour)
        cairo_move_to(
            context, left + padding + lead + overhang - Double(logical.x), (y + above - Double(logical.y)).rounded())
        pango_cairo_show_layout(context, layout)
    }

    private func setUp(_ layout: OpaquePointer, layer: TextLayer, em: Double, width: Double) {
        let font = pango_font_description_new()
        defer { pango_font_description_free(font) }
        pango_font_description_set_family_static(font, Self.families)
        pango_font_description_set_weight(font, Self.weight(layer.weight))
        pango_font_description_set_absolute_size(font, Double(vs_pango_units(em)))
        pango_layout_set_font_description(layout, font)
        // A layout of its own paragraph: nothing in the text can be read as markup.
        var text = layer.text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { pango_layout_set_text(layout, $0.baseAddress, Int32($0.count)) }
        }
        pango_layout_set_width(layout, Int32(vs_pango_units(width)))
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        pango_layout_set_height(layout, Int32(-max(1, layer.maximumLines)))
        if layer.alignment == .centre { pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER) }
    }

    private static func weight(_ weight: TextLayer.Weight) -> PangoWeight {
        switch weight {
        case .light: PANGO_WEIGHT_LIGHT
        case .regular: PANGO_WEIGHT_NORMAL
        case .semibold: PANGO_WEIGHT_SEMIBOLD
        case .bold: PANGO_WEIGHT_BOLD
        }
    }
}
