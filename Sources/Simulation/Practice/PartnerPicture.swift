import Basis
import Devices

/// Draws a partner: a ground in its colour, a square that wanders, the seconds as digits, and a bar while it speaks.
enum PartnerPicture {
    /// Bits 0 to 6 are the segments a to g of a seven-segment digit.
    private static let digits: [UInt8] = [0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F]

    /// Draws picture number `index` of a film at `framesPerSecond` over the whole of `frame`.
    static func draw(
        _ index: Int, framesPerSecond: Int, colour: PracticeColour, isSpeaking: Bool, into frame: inout VideoFrame
    ) {
        let size = frame.size
        let (width, height) = (size.width, size.height)
        fill(Rectangle(x: 0, y: 0, width: width, height: height), colour, in: &frame)
        let side = height / 5 & ~1
        let step = max(1, height / 60)
        let square = Rectangle(
            x: bounce(index &* step &* 2, within: width - side), y: bounce(index &* step, within: height - side),
            width: side, height: side)
        let accent = PracticeColour(y: 200, u: 255 - colour.u, v: 255 - colour.v)
        fill(square, accent, in: &frame)
        let seconds = index / framesPerSecond % 100
        let digit = height / 6 & ~1
        draw(seconds / 10, x: width / 2 - digit, y: height - digit * 2, height: digit, in: &frame)
        draw(seconds % 10, x: width / 2 + digit / 4, y: height - digit * 2, height: digit, in: &frame)
        if isSpeaking {
            let bar = Rectangle(x: 0, y: height - height / 24, width: width, height: height / 24)
            fill(bar, PracticeColour(y: 235, u: 128, v: 128), in: &frame)
        }
    }

    private struct Rectangle {
        var x: Int
        var y: Int
        var width: Int
        var height: Int
    }

    /// To and fro between 0 and `limit`.
    private static func bounce(_ distance: Int, within limit: Int) -> Int {
        let position = distance % (2 * limit)
        return position < limit ? position : 2 * limit - position
    }

    private static func draw(_ digit: Int, x: Int, y: Int, height: Int, in frame: inout VideoFrame) {
        let bar = max(2, height / 8 & ~1)
        let (half, width) = (height / 2, height / 2)
        let segments = [
            Rectangle(x: x, y: y, width: width, height: bar),
            Rectangle(x: x + width - bar, y: y, width: bar, height: half),
            Rectangle(x: x + width - bar, y: y + half, width: bar, height: half),
            Rectangle(x: x, y: y + height - bar, width: width, height: bar),
            Rectangle(x: x, y: y + half, width: bar, height: half),
            Rectangle(x: x, y: y, width: bar, height: half),
            Rectangle(x: x, y: y + half - bar / 2, width: width, height: bar),
        ]
        for (index, segment) in segments.enumerated() where digits[digit] >> UInt8(index) & 1 == 1 {
            fill(segment, PracticeColour(y: 235, u: 128, v: 128), in: &frame)
        }
    }

    private static func fill(_ rectangle: Rectangle, _ colour: PracticeColour, in frame: inout VideoFrame) {
        let (uOffset, vOffset) = (frame.uOffset, frame.vOffset)
        let (lumaStride, chromaStride) = (frame.lumaStride, frame.chromaStride)
        frame.storage.withUnsafeMutableBufferPointer { bytes in
            for row in rectangle.y..<rectangle.y + rectangle.height {
                let start = row * lumaStride + rectangle.x
                bytes[start..<start + rectangle.width].update(repeating: colour.y)
            }
            for row in rectangle.y / 2..<(rectangle.y + rectangle.height) / 2 {
                let start = row * chromaStride + rectangle.x / 2
                bytes[uOffset + start..<uOffset + start + rectangle.width / 2].update(repeating: colour.u)
                bytes[vOffset + start..<vOffset + start + rectangle.width / 2].update(repeating: colour.v)
            }
        }
    }
}
