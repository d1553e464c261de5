package import Devices
internal import Painter
internal import Scene

/// Pictures for samples, drawn by arithmetic: people in front of a wall, and a page of a presentation.
package enum SamplePictures {
    package static let personCount = 6
    static let slide = "slide"

    /// A person in front of a window; each number gives another wall, skin, hair and cloth.
    package static func person(_ number: Int, size: PictureSize) -> VideoFrame {
        let walls: [Colour] = [
            Colour(0.80, 0.76, 0.70), Colour(0.62, 0.70, 0.76), Colour(0.72, 0.78, 0.70), Colour(0.82, 0.72, 0.66),
            Colour(0.66, 0.64, 0.74), Colour(0.78, 0.78, 0.80),
        ]
        let skins: [Colour] = [
            Colour(0.86, 0.68, 0.56), Colour(0.62, 0.44, 0.32), Colour(0.93, 0.78, 0.68), Colour(0.45, 0.31, 0.23),
            Colour(0.80, 0.62, 0.46), Colour(0.90, 0.72, 0.58),
        ]
        let cloths: [Colour] = [
            Colour(0.16, 0.24, 0.40), Colour(0.46, 0.16, 0.20), Colour(0.18, 0.36, 0.32), Colour(0.30, 0.30, 0.34),
            Colour(0.52, 0.40, 0.20), Colour(0.22, 0.20, 0.34),
        ]
        let hairs: [Colour] = [
            Colour(0.22, 0.15, 0.10), Colour(0.08, 0.07, 0.07), Colour(0.55, 0.40, 0.22), Colour(0.06, 0.05, 0.05),
            Colour(0.10, 0.09, 0.09), Colour(0.60, 0.60, 0.60),
        ]
        let index = Int(UInt(bitPattern: number) % UInt(personCount))
        let (wall, skin, cloth, hair) = (walls[index], skins[index], cloths[index], hairs[index])
        let middle = 0.5 + (index % 3 == 0 ? -0.03 : 0.04)
        return frame(size) { x, y in
            // Measured in heights of the picture, from its middle.
            let across = (x - middle) * 16 / 9
            func inside(_ left: Double, _ top: Double, _ wide: Double, _ high: Double) -> Double {
                let (dx, dy) = ((across - left) / wide, (y - top) / high)
                return dx * dx + dy * dy
            }
            if inside(0, 0.45, 0.155, 0.2) < 1, !(inside(0, 0.36, 0.165, 0.13) < 1 && y < 0.34) {
                let light = 0.86 + 0.22 * (0.5 - across)
                let isEye = inside(-0.06, 0.43, 0.017, 0.013) < 1 || inside(0.06, 0.43, 0.017, 0.013) < 1
                let isMouth = inside(0, 0.555, 0.05, 0.011) < 1
                return isEye ? Colour(0.12, 0.09, 0.08) : (isMouth ? skin.times(0.62) : skin.times(light))
            }
            if inside(0, 0.4, 0.185, 0.22) < 1, y < 0.47 { return hair.times(0.9 + 0.5 * (0.4 - y)) }
            if inside(0, 0.66, 0.075, 0.12) < 1, y < 0.74 { return skin.times(0.72) }
            if inside(0, 1.06, 0.42, 0.38) < 1 { return cloth.times(1.15 - 0.5 * abs(across) - 0.15 * y) }
            // The wall, lighter towards a window at one side.
            let window = index % 2 == 0 ? x : 1 - x
            if window < 0.17, window > 0.02, y > 0.06, y < 0.62 {
                return abs(window - 0.095) < 0.004 || abs(y - 0.34) < 0.006
                    ? Colour(0.75, 0.75, 0.75) : Colour(0.88, 0.93, 0.97)
            }
            return wall.times(0.98 - 0.32 * window - 0.18 * y)
        }
    }

    /// A page of a presentation, with small type to judge sharpness by.
    package static func slide(size: PictureSize) -> VideoFrame? {
        var layout = SceneLayout()
        func place(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> SceneRectangle {
            SceneRectangle(
                x: Int(x * Double(size.width)), y: Int(y * Double(size.height)), width: Int(width * Double(size.width)),
                height: Int(height * Double(size.height)))
        }
        func box(_ rectangle: SceneRectangle, _ colour: ColourRole) {
            layout.overlay.append(
                .shape(ShapeLayer(kind: .roundedRectangle(radius: 0), rectangle: rectangle, colour: colour)))
        }
        func words(_ text: String, _ rectangle: SceneRectangle, _ size: Double, _ colour: ColourRole = .darkText) {
            layout.overlay.append(
                .text(
                    TextLayer(
                        text: text, rectangle: rectangle, size: size, weight: .semibold, alignment: .left,
                        colour: colour, maximumLines: 1)))
        }
        box(place(0, 0, 1, 1), .paper)
        box(place(0, 0, 1, 0.16), .ground)
        words("Budget 2027 — investissement", place(0.05, 0.02, 0.9, 0.12), 0.07, .text)
        let rows: [(String, Double, String)] = [
            ("Écoles", 0.5, "4,2 M€"), ("Voirie", 0.36, "3,1 M€"), ("Médiathèque", 0.22, "1,8 M€"),
            ("Éclairage", 0.13, "1,1 M€"), ("Numérique", 0.08, "0,7 M€"),
        ]
        for (index, row) in rows.enumerated() {
            let top = 0.23 + 0.125 * Double(index)
            words(row.0, place(0.05, top, 0.22, 0.08), 0.042)
            box(place(0.28, top, row.1, 0.08), .avatar(index))
            words(row.2, place(0.3 + row.1, top, 0.2, 0.08), 0.042)
        }
        words(
            "Source : direction des finances, données provisoires au 1er novembre 2026.", place(0.05, 0.88, 0.9, 0.06),
            0.026)
        guard var painter = try? OverlayPainter(size: size) else { return nil }
        var canvas = Canvas(size: size)
        _ = painter.paint(layout, into: &canvas)
        let (bytes, stride) = (canvas.bytes, canvas.stride)
        return frame(size) { x, y in
            let column = min(size.width - 1, Int(x * Double(size.width)))
            let row = min(size.height - 1, Int(y * Double(size.height)))
            let index = row * stride + column * 4
            return Colour(Double(bytes[index + 2]) / 255, Double(bytes[index + 1]) / 255, Double(bytes[index]) / 255)
        }
    }

    private struct Colour {
        var red: Double
        var green: Double
        var blue: Double

        init(_ red: Double, _ green: Double, _ blue: Double) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        func times(_ factor: Double) -> Colour { Colour(red * factor, green * factor, blue * factor) }
    }

    /// A picture from a colour for each place from 0 to 1: ITU-R BT.601, limited range.
    private static func frame(_ size: PictureSize, _ colour: (Double, Double) -> Colour) -> VideoFrame {
        var frame = VideoFrame(size: size)
        func level(_ value: Double) -> UInt8 { UInt8(max(16, min(240, value))) }
        let (wide, high) = (Double(size.width), Double(size.height))
        for row in 0..<size.height {
            for column in 0..<size.width {
                let here = colour((Double(column) + 0.5) / wide, (Double(row) + 0.5) / high)
                let luma = 16 + 65.5 * here.red + 128.6 * here.green + 25 * here.blue
                frame.storage[row * frame.lumaStride + column] = level(luma)
                guard row % 2 == 0, column % 2 == 0 else { continue }
                let index = row / 2 * frame.chromaStride + column / 2
                frame.storage[frame.uOffset + index] = level(
                    128 - 37.8 * here.red - 74.2 * here.green + 112 * here.blue)
                frame.storage[frame.vOffset + index] = level(
                    128 + 112 * here.red - 93.8 * here.green - 18.2 * here.blue)
            }
        }
        return frame
    }
}
