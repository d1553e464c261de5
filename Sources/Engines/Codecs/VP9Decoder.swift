internal import Basis
package import Devices
internal import RTP

/// A VP9 decoder for one remote source, of profile 0 (8 bits, 4:2:0). The size may change with each frame, up to 4096x2304
/// pixels.
package struct VP9Decoder: ~Copyable {
    private let library: LibVPXDecoder
    private var reservation: DecodingReservation
    private var awaitsKeyframe = true
    /// A frame with an index of its own behind it.
    private var indexed: [UInt8] = []

    /// - Parameter budget: what all decoders may hold together.
    package init(budget: DecodingBudget = DecodingBudget()) throws(CodecError) {
        let library = try LibVPXDecoder(.vp9)
        self.init(library, budget)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(_ library: consuming LibVPXDecoder, _ budget: DecodingBudget) {
        self.library = library
        reservation = DecodingReservation(budget, references: 12)
    }

    /// Decodes one frame, or the spatial layers of one picture as a superframe; of those the largest is the picture.
    ///
    /// - Returns: the picture, or nil when the frame shows nothing or `pool` has no buffer left: the decoder's state has
    ///   moved on all the same, and the next frame can be decoded.
    /// - Throws: after any error only a key frame is decoded again.
    package mutating func decode(_ unit: Span<UInt8>, pool: FramePool) throws(CodecError) -> VideoFrame? {
        let beginsAnew = try check(unit)
        guard beginsAnew || !awaitsKeyframe else { throw .needsKeyframe }
        // Until it turns out well.
        awaitsKeyframe = true
        guard decodeChecked(unit) else { throw .malformed }
        awaitsKeyframe = false
        return library.picture(from: pool)
    }

    /// Reads the header of each frame before the library does: a predicted frame, too, may be of any size.
    /// - Returns: whether the first is a key frame.
    private mutating func check(_ unit: Span<UInt8>) throws(CodecError) -> Bool {
        guard let superframe = VP9Superframe(unit) else {
            awaitsKeyframe = true
            throw .malformed
        }
        var start = 0
        var beginsAnew = false
        for index in 0..<superframe.count {
            let end = start + superframe.length(of: index, in: unit)
            guard let header = VP9FrameHeader.parse(unit.extracting(start..<end)) else {
                awaitsKeyframe = true
                throw .malformed
            }
            let size = PictureSize(width: header.width, height: header.height)
            guard size.width == 0 || LibVPXDecoder.isAcceptable(size) else {
                awaitsKeyframe = true
                throw .unsupportedSize(width: size.width, height: size.height)
            }
            do throws(CodecError) {
                try reservation.include(size)
            } catch {
                awaitsKeyframe = true
                throw error
            }
            if index == 0 { beginsAnew = header.isKeyframe }
            start = end
        }
        return beginsAnew
    }

    /// The library goes on after the end of a frame as if another began there, whose header nobody has read: the index
    /// tells it that none does.
    private mutating func decodeChecked(_ unit: Span<UInt8>) -> Bool {
        if VP9Superframe(unit)?.hasIndex == true { return library.decode(unit) }
        indexed.removeAll(keepingCapacity: true)
        indexed.append(copying: unit)
        VP9Superframe.appendIndex(of: [unit.count], to: &indexed)
        return library.decode(indexed.span)
    }
}
