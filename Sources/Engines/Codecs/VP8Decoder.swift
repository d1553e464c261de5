internal import Basis
package import Devices

/// A VP8 decoder for one remote source. The size may change at each key frame, up to 4096x2304 pixels.
package struct VP8Decoder: ~Copyable {
    private let library: LibVPXDecoder
    private var reservation: DecodingReservation
    private var awaitsKeyframe = true

    /// - Parameter budget: what all decoders may hold together.
    package init(budget: DecodingBudget = DecodingBudget()) throws(CodecError) {
        let library = try LibVPXDecoder(.vp8)
        self.init(library, budget)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(_ library: consuming LibVPXDecoder, _ budget: DecodingBudget) {
        self.library = library
        reservation = DecodingReservation(budget, references: 6)
    }

    /// Whether `frame` is a key frame: bit 0 of the frame tag is clear (RFC 6386 section 9.1).
    package static func isKeyframe(_ frame: Span<UInt8>) -> Bool {
        guard let tag = frame.uint8(at: 0) else { return false }
        return tag & 1 == 0
    }

    /// The size that a key frame's header announces (RFC 6386 section 9.1); nil for anything else.
    package static func keyframeSize(_ frame: Span<UInt8>) -> PictureSize? {
        guard isKeyframe(frame), frame.uint24(at: 3) == 0x9D012A, let width = frame.uint16(at: 6)?.byteSwapped,
            let height = frame.uint16(at: 8)?.byteSwapped
        else { return nil }
        return PictureSize(width: Int(width & 0x3FFF), height: Int(height & 0x3FFF))
    }

    /// Decodes one whole compressed frame.
    ///
    /// - Returns: the picture, or nil when the frame shows nothing or `pool` has no buffer left: the decoder's state has
    ///   moved on all the same, and the next frame can be decoded.
    /// - Throws: after any error only a key frame is decoded again.
    package mutating func decode(_ frame: Span<UInt8>, pool: FramePool) throws(CodecError) -> VideoFrame? {
        guard !frame.isEmpty else { throw .malformed }
        if Self.isKeyframe(frame) {
            awaitsKeyframe = true
            guard let size = Self.keyframeSize(frame) else { throw .malformed }
            guard LibVPXDecoder.isAcceptable(size) else {
                throw .unsupportedSize(width: size.width, height: size.height)
            }
            try reservation.include(size)
        } else if awaitsKeyframe {
            throw .needsKeyframe
        }
        guard library.decode(frame) else {
            awaitsKeyframe = true
            throw .malformed
        }
        awaitsKeyframe = false
        return library.picture(from: pool)
    }
}
