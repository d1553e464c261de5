package import Devices

/// The picture that stands in for a camera which gives none: a crossed-out camera on dark grey.
package enum StillCard {
    // Luma in BT.601 video range; the picture has no colour.
    private static let background: UInt8 = 36
    private static let body: UInt8 = 110
    private static let lens: UInt8 = 52
    private static let stroke: UInt8 = 200

    /// Nil for a size that is no picture.
    package static func draw(size: PictureSize) -> VideoFrame? {
        guard (16...4_096).contains(size.width), (16...4_096).contains(size.height) else { return nil }
        var card = VideoFrame(size: size)
        fill(&card, PixelRectangle(x: 0, y: 0, width: size.width, height: size.height), background)
        // A camera of sixteen by ten units, its funnel on the right, in the middle of the picture.
        let unit = max(1, min(size.width / 40, size.height / 24))
        let (left, top) = (size.width / 2 - 8 * unit, size.height / 2 - 5 * unit)
        func part(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> PixelRectangle {
            PixelRectangle(x: left + x * unit, y: top + y * unit, width: width * unit, height: height * unit)
        }
        fill(&card, part(0, 0, 11, 10), body)
        fill(&card, part(3, 2, 5, 6), lens)
        fill(&card, part(11, 4, 2, 2), body)
        fill(&card, part(12, 3, 2, 4), body)
        fill(&card, part(14, 2, 2, 6), body)
        // The bar across, from the upper left to the lower right, two units thick.
        for step in 0..<20 * unit {
            fill(
                &card,
                PixelRectangle(
                    x: left - 2 * unit + step, y: top - 2 * unit + step * 14 / 20, width: unit, height: 2 * unit),
                stroke)
        }
        return card
    }

    private static func fill(_ card: inout VideoFrame, _ rectangle: PixelRectangle, _ luma: UInt8) {
        let area = rectangle.clipped(to: card.size)
        guard !area.isEmpty else { return }
        let stride = card.lumaStride
        card.storage.withUnsafeMutableBufferPointer { bytes in
            for row in area.y..<area.y + area.height {
                bytes[row * stride + area.x..<row * stride + area.x + area.width].update(repeating: luma)
            }
        }
    }
}
