import Basis

/// What the first bytes of a VP8 frame tell (RFC 6386 section 9.1).
package struct VP8FrameHeader: Equatable, Sendable {
    /// Whether it can be decoded without any other.
    package var isKeyframe: Bool
    /// In pixels, of key frames; 0 in others.
    package var width: Int
    /// In pixels, of key frames; 0 in others.
    package var height: Int

    /// Reads the beginning of a frame; nil where it is empty or a key frame lacks its start code.
    package static func parse(_ frame: Span<UInt8>) -> VP8FrameHeader? {
        guard let first = frame.uint8(at: 0) else { return nil }
        guard first & 1 == 0 else { return VP8FrameHeader(isKeyframe: false, width: 0, height: 0) }
        guard frame.uint24(at: 3) == 0x9D012A, let width = frame.uint16(at: 6)?.byteSwapped,
            let height = frame.uint16(at: 8)?.byteSwapped
        else { return nil }
        return VP8FrameHeader(isKeyframe: true, width: Int(width & 0x3FFF), height: Int(height & 0x3FFF))
    }
}
