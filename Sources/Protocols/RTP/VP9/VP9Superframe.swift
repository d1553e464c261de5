import Basis

/// Several frames handed to a decoder as one, such as the spatial layers of a picture, with an index of their lengths at the
/// end (VP9 bitstream specification, annex B). A single frame without an index is one of one.
package struct VP9Superframe: Sendable {
    /// The index has three bits for it.
    package static let maximumCount = 8

    /// 1…8.
    package let count: Int
    /// Whether the unit ends with an index.
    package let hasIndex: Bool
    /// How many bytes each length has.
    private let magnitude: Int
    /// Where the first length is.
    private let table: Int

    /// Nil where there are no bytes, or an index that does not fit them.
    package init?(_ unit: Span<UInt8>) {
        guard let last = unit.uint8(at: unit.count - 1) else { return nil }
        let count = Int(last & 7) + 1
        let magnitude = Int(last >> 3 & 3) + 1
        let start = unit.count - 2 - count * magnitude
        guard last & 0xE0 == 0xC0, start >= 0, unit.uint8(at: start) == last else {
            self.count = 1
            self.magnitude = 0
            table = unit.count
            hasIndex = false
            return
        }
        self.count = count
        self.magnitude = magnitude
        table = start + 1
        hasIndex = true
        var sum = 0
        for index in 0..<count {
            let length = length(of: index, in: unit)
            guard length > 0 else { return nil }
            sum += length
        }
        guard sum <= start else { return nil }
    }

    /// How many bytes the frame number `index` has; the frames follow one another from the first byte of `unit` on.
    package func length(of index: Int, in unit: Span<UInt8>) -> Int {
        guard hasIndex else { return unit.count }
        var length = 0
        for byte in 0..<magnitude {
            length |= Int(unit.uint8(at: table + index * magnitude + byte) ?? 0) << (8 * byte)
        }
        return length
    }

    /// The size of the largest frame that tells its size, in pixels; nil where none does or one is no frame.
    package static func size(of unit: Span<UInt8>) -> (width: Int, height: Int)? {
        guard let superframe = VP9Superframe(unit) else { return nil }
        var largest = (width: 0, height: 0)
        var start = 0
        for index in 0..<superframe.count {
            let end = start + superframe.length(of: index, in: unit)
            guard let header = VP9FrameHeader.parse(unit.extracting(start..<end)) else { return nil }
            if header.width * header.height > largest.width * largest.height {
                largest = (header.width, header.height)
            }
            start = end
        }
        return largest.width > 0 ? largest : nil
    }

    /// How many bytes `appendIndex` takes for so many frames.
    package static func indexLength(of count: Int) -> Int { 2 + 4 * count }

    /// Appends the index of frames of these lengths, at most eight, that `unit` consists of.
    package static func appendIndex(of lengths: [Int], to unit: inout [UInt8]) {
        let marker = 0xD8 | UInt8(truncatingIfNeeded: lengths.count - 1) & 7
        unit.append(marker)
        for length in lengths {
            for byte in 0..<4 { unit.append(UInt8(truncatingIfNeeded: length >> (8 * byte))) }
        }
        unit.append(marker)
    }
}
