import Basis

/// What the uncompressed header of a VP9 frame tells (VP9 bitstream specification, section 6.2), of profile 0 alone: eight
/// bits and 4:2:0, which is all that calls carry.
package struct VP9FrameHeader: Equatable, Sendable {
    /// Whether it can be decoded without any other.
    package var isKeyframe: Bool
    /// In pixels; 0 where the frame takes the size of one that it refers to.
    package var width: Int
    /// In pixels, of key frames; 0 in others.
    package var height: Int

    /// Reads the beginning of a frame; nil where it is none, or of another profile.
    package static func parse(_ frame: Span<UInt8>) -> VP9FrameHeader? {
        var bits = Bits()
        guard bits.take(2, of: frame) == 2, bits.take(2, of: frame) == 0, let showsExisting = bits.take(1, of: frame)
        else { return nil }
        if showsExisting == 1 { return VP9FrameHeader(isKeyframe: false, width: 0, height: 0) }
        guard let type = bits.take(1, of: frame), let isShown = bits.take(1, of: frame),
            let isResilient = bits.take(1, of: frame)
        else { return nil }
        if type == 0 {
            guard bits.take(24, of: frame) == syncCode, let space = bits.take(3, of: frame), space != sRGB,
                // The range of the colours.
                bits.take(1, of: frame) != nil
            else { return nil }
            return sized(isKeyframe: true, &bits, frame)
        }
        let isIntraOnly = isShown == 1 ? 0 : bits.take(1, of: frame)
        guard let isIntraOnly, isResilient == 1 || bits.take(2, of: frame) != nil else { return nil }
        if isIntraOnly == 1 {
            guard bits.take(24, of: frame) == syncCode, bits.take(8, of: frame) != nil else { return nil }
            return sized(isKeyframe: false, &bits, frame)
        }
        // Which buffers it replaces; which three it refers to, each with a sign.
        guard bits.take(8, of: frame) != nil, bits.take(12, of: frame) != nil else { return nil }
        for _ in 0..<3 {
            guard let hasSizeOfReference = bits.take(1, of: frame) else { return nil }
            if hasSizeOfReference == 1 { return VP9FrameHeader(isKeyframe: false, width: 0, height: 0) }
        }
        return sized(isKeyframe: false, &bits, frame)
    }

    private static let syncCode = 0x498342
    /// Of the colour spaces the one that profile 0 does not have.
    private static let sRGB = 7

    private static func sized(isKeyframe: Bool, _ bits: inout Bits, _ frame: Span<UInt8>) -> VP9FrameHeader? {
        guard let width = bits.take(16, of: frame), let height = bits.take(16, of: frame) else { return nil }
        return VP9FrameHeader(isKeyframe: isKeyframe, width: width + 1, height: height + 1)
    }
}

/// A place between the bits of a header, the most significant first.
private struct Bits {
    private var position = 0

    mutating func take(_ count: Int, of bytes: Span<UInt8>) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = bytes.uint8(at: position >> 3) else { return nil }
            value = value << 1 | Int(byte >> (7 - UInt8(position & 7)) & 1)
            position += 1
        }
        return value
    }
}
