package import Basis
package import Devices

/// When a picture was taken, written into it: a strip of black and white cells across the middle, milliseconds of the
/// monotonic clock modulo 2¹⁶ in Gray code. Whoever sees the picture on the same machine knows how old it is, whatever
/// codecs, servers and scalers were between.
///
/// Cells from left to right: white, black, sixteen bits from the highest on, their parity, black.
package enum TimeMark {
    static let cellCount = 20
    private static let bitCount = 16
    /// By how much white is brighter than black at least, of 255: else there is no mark.
    private static let leastContrast = 60

    /// What `burn` writes at an instant.
    package static func value(at instant: MonotonicInstant) -> UInt16 {
        UInt16(truncatingIfNeeded: instant.nanoseconds / 1_000_000)
    }

    /// How long ago a mark was made, at most 65.5 seconds.
    package static func age(of value: UInt16, at now: MonotonicInstant) -> Duration {
        let past = Self.value(at: now) &- value
        return .milliseconds(Int64(past)) + .nanoseconds(now.nanoseconds % 1_000_000)
    }

    package static func burn(_ value: UInt16, into frame: inout VideoFrame) {
        let cells = cells(of: value)
        let size = frame.size
        for (index, isWhite) in cells.enumerated() {
            let left = size.width * index / cells.count
            let right = size.width * (index + 1) / cells.count
            TestCard.fill(
                &frame,
                PixelRectangle(x: left, y: size.height * 11 / 24, width: right - left, height: size.height / 12),
                TestCard.Colour(y: isWhite ? 235 : 16, u: 128, v: 128))
        }
    }

    /// The mark in a picture that fills the canvas; nil when there is none.
    package static func read(_ canvas: borrowing Canvas) -> UInt16? {
        let row = canvas.size.height / 2 * canvas.stride
        var levels = InlineArray<20, Int>(repeating: 0)
        guard canvas.size.width >= cellCount * 4 else { return nil }
        for index in levels.indices {
            // Green is most of the brightness; four pixels in the cell's middle.
            let centre = canvas.size.width * (2 * index + 1) / (2 * cellCount)
            for offset in -2..<2 { levels[index] += Int(canvas.bytes[row + (centre + offset) * 4 + 1]) }
            levels[index] /= 4
        }
        guard levels[0] - levels[1] >= leastContrast, levels[0] - levels[cellCount - 1] >= leastContrast
        else { return nil }
        let middle = (levels[0] + levels[1]) / 2
        var (gray, ones) = (UInt16(0), 0)
        for index in 2..<2 + bitCount {
            let isWhite = levels[index] > middle
            gray = gray << 1 | (isWhite ? 1 : 0)
            ones += isWhite ? 1 : 0
        }
        guard (levels[2 + bitCount] > middle) == (ones % 2 == 1) else { return nil }
        var value = gray
        for shift in [8, 4, 2, 1] { value ^= value >> UInt16(shift) }
        return value
    }

    private static func cells(of value: UInt16) -> [Bool] {
        let gray = value ^ (value >> 1)
        let bits = (0..<bitCount).map { gray >> UInt16(bitCount - 1 - $0) & 1 == 1 }
        return [true, false] + bits + [gray.nonzeroBitCount % 2 == 1, false]
    }
}
