package import Basis
package import Devices

/// A camera that needs no hardware: colour bars, a bar that wanders, and a clock with the frame's number.
package struct TestCardCamera: Camera, ~Copyable {
    private var size = PictureSize(width: 1280, height: 720)
    private var pace: FramePace?
    private var number = 0
    private var origin: MonotonicInstant?

    package init() {}

    package mutating func open(size: PictureSize, framesPerSecond: Int) throws(DeviceError) {
        guard size.width >= 160, size.height >= 90 else {
            throw DeviceError(
                "open", device: "test card", detail: "at least 160x90 pixels are needed, not \(size)",
                severity: .permanent)
        }
        self.size = PictureSize(width: size.width & ~1, height: size.height & ~1)
        pace = FramePace(numerator: framesPerSecond, denominator: 1)
        number = 0
        origin = nil
    }

    package mutating func close() {
        pace = nil
    }

    package mutating func nextFrame(
        at now: MonotonicInstant, pool: FramePool
    ) throws(DeviceError) -> VideoFrame? {
        guard pace?.isDue(at: now) == true, var frame = pool.frame(size: size) else { return nil }
        let start = origin ?? now
        origin = start
        TestCard.draw(number: number, elapsed: now - start, into: &frame)
        frame.instant = now
        number += 1
        return frame
    }
}

/// Draws the test card.
enum TestCard {
    /// A colour in BT.601 video range.
    struct Colour: Equatable {
        let y: UInt8
        let u: UInt8
        let v: UInt8
    }

    /// The 75 % bars of ITU-R BT.471: white, yellow, cyan, green, magenta, red, blue, black.
    static let bars = [
        Colour(y: 180, u: 128, v: 128), Colour(y: 162, u: 44, v: 142), Colour(y: 131, u: 156, v: 44),
        Colour(y: 112, u: 72, v: 58), Colour(y: 84, u: 184, v: 198), Colour(y: 65, u: 100, v: 212),
        Colour(y: 35, u: 212, v: 114), Colour(y: 16, u: 128, v: 128),
    ]
    private static let white = Colour(y: 235, u: 128, v: 128)
    private static let dark = Colour(y: 30, u: 128, v: 128)
    private static let orange = Colour(y: 150, u: 60, v: 190)

    /// Segments of the digits 0…9: top, upper left, upper right, middle, lower left, lower right, bottom, from bit 0.
    private static let segments: [UInt8] = [
        0b1110111, 0b0100100, 0b1011101, 0b1101101, 0b0101110, 0b1101011, 0b1111011, 0b0100101, 0b1111111, 0b1101111,
    ]

    static func draw(number: Int, elapsed: Duration, into frame: inout VideoFrame) {
        let size = frame.size
        for (index, colour) in bars.enumerated() {
            let left = size.width * index / bars.count
            let right = size.width * (index + 1) / bars.count
            fill(&frame, PixelRectangle(x: left, y: 0, width: right - left, height: size.height * 2 / 3), colour)
        }
        fill(
            &frame, PixelRectangle(x: 0, y: size.height * 2 / 3, width: size.width, height: size.height / 3 + 2), dark)
        // The wandering bar crosses the lower part once in four seconds at 30 frames per second.
        let barWidth = max(4, size.width / 40)
        let position = number % 120 * (size.width - barWidth) / 119
        fill(
            &frame,
            PixelRectangle(x: position, y: size.height * 2 / 3, width: barWidth, height: size.height / 12), orange)
        let seconds = Int(elapsed.wholeMilliseconds / 1_000)
        let digits =
            [seconds / 600 % 6, seconds / 60 % 10, -1, seconds / 10 % 6, seconds % 10, -1]
            + [number / 1000 % 10, number / 100 % 10, number / 10 % 10, number % 10]
        let cell = size.width / 14
        let top = size.height * 3 / 4 + size.height / 24
        for (index, digit) in digits.enumerated() {
            draw(
                digit: digit,
                in: PixelRectangle(
                    x: cell * (index + 2), y: top, width: cell * 3 / 5, height: size.height / 6), of: &frame)
        }
    }

    private static func draw(digit: Int, in area: PixelRectangle, of frame: inout VideoFrame) {
        let stroke = max(2, area.width / 5)
        guard segments.indices.contains(digit) else {
            for part in [1, 2] {
                fill(
                    &frame,
                    PixelRectangle(
                        x: area.x + area.width / 2, y: area.y + area.height * part / 3, width: stroke, height: stroke),
                    white)
            }
            return
        }
        let half = area.height / 2
        let (right, middle, bottom) = (
            area.x + area.width - stroke, area.y + half - stroke / 2, area.y + area.height - stroke
        )
        let strokes = [
            PixelRectangle(x: area.x, y: area.y, width: area.width, height: stroke),
            PixelRectangle(x: area.x, y: area.y, width: stroke, height: half),
            PixelRectangle(x: right, y: area.y, width: stroke, height: half),
            PixelRectangle(x: area.x, y: middle, width: area.width, height: stroke),
            PixelRectangle(x: area.x, y: area.y + half, width: stroke, height: half),
            PixelRectangle(x: right, y: area.y + half, width: stroke, height: half),
            PixelRectangle(x: area.x, y: bottom, width: area.width, height: stroke),
        ]
        for (bit, rectangle) in strokes.enumerated() where segments[digit] >> bit & 1 == 1 {
            fill(&frame, rectangle, white)
        }
    }

    /// Fills a rectangle, widened to even borders because two pixels share their colour.
    static func fill(_ frame: inout VideoFrame, _ rectangle: PixelRectangle, _ colour: Colour) {
        let area = rectangle.clipped(to: frame.size)
        guard !area.isEmpty else { return }
        let (left, right) = (area.x / 2, min(frame.chromaStride, (area.x + area.width + 1) / 2))
        let (top, bottom) = (area.y / 2, min(frame.chromaHeight, (area.y + area.height + 1) / 2))
        let (width, chromaStride) = (frame.lumaStride, frame.chromaStride)
        let (uOffset, vOffset) = (frame.uOffset, frame.vOffset)
        frame.storage.withUnsafeMutableBufferPointer { bytes in
            for row in area.y..<area.y + area.height {
                for column in area.x..<area.x + area.width { bytes[row * width + column] = colour.y }
            }
            for row in top..<bottom {
                for column in left..<right {
                    bytes[uOffset + row * chromaStride + column] = colour.u
                    bytes[vOffset + row * chromaStride + column] = colour.v
                }
            }
        }
    }
}
