internal import Basis
internal import CVPX
package import Devices

/// A VP8 decoder for one remote source. The size may change at each key frame, up to 4096x2304 pixels.
package struct VP8Decoder: ~Copyable {
    /// The largest picture that is ever decoded, in pixels; a hostile header must not reserve gigabytes.
    package static let largestArea = 4096 * 2304

    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private var awaitsKeyframe = true

    package init() throws(CodecError) {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let status = vs_vpx_decoder_init(context, 1)
        guard status == 0 else {
            context.deallocate()
            throw .unavailable(codec: "VP8", code: Int(status))
        }
        self.context = context
    }

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
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
            guard Self.isAcceptable(size) else {
                throw .unsupportedSize(width: size.width, height: size.height)
            }
        } else if awaitsKeyframe {
            throw .needsKeyframe
        }
        let context = self.context
        let status = frame.withUnsafeBufferPointer { bytes in
            vpx_codec_decode(context, bytes.baseAddress, UInt32(clamping: bytes.count), nil, 0)
        }
        guard status == VPX_CODEC_OK else {
            awaitsKeyframe = true
            throw .malformed
        }
        awaitsKeyframe = false
        return picture(from: pool)
    }

    private mutating func picture(from pool: FramePool) -> VideoFrame? {
        var iterator: vpx_codec_iter_t?
        var newest: UnsafeMutablePointer<vpx_image_t>?
        while let image = vpx_codec_get_frame(context, &iterator) { newest = image }
        guard let image = newest?.pointee, image.fmt == VPX_IMG_FMT_I420, let y = image.planes.0,
            let u = image.planes.1, let v = image.planes.2
        else { return nil }
        let size = PictureSize(width: Int(image.d_w), height: Int(image.d_h))
        guard Self.isAcceptable(size), var frame = pool.frame(size: size) else { return nil }
        let (lumaStride, chromaStride, chromaHeight) = (frame.lumaStride, frame.chromaStride, frame.chromaHeight)
        let (uOffset, vOffset) = (frame.uOffset, frame.vOffset)
        frame.storage.withUnsafeMutableBufferPointer { output in
            guard let to = output.baseAddress else { return }
            copyPlane(from: y, stride: Int(image.stride.0), to: to, width: lumaStride, rows: size.height)
            copyPlane(
                from: u, stride: Int(image.stride.1), to: to + uOffset, width: chromaStride, rows: chromaHeight)
            copyPlane(
                from: v, stride: Int(image.stride.2), to: to + vOffset, width: chromaStride, rows: chromaHeight)
        }
        return frame
    }

    private static func isAcceptable(_ size: PictureSize) -> Bool {
        (1...4096).contains(size.width) && (1...4096).contains(size.height)
            && size.width * size.height <= largestArea
    }
}

/// Copies `rows` rows of `width` bytes into a plane without padding.
private func copyPlane(
    from source: UnsafeMutablePointer<UInt8>, stride: Int, to target: UnsafeMutablePointer<UInt8>, width: Int, rows: Int
) {
    for row in 0..<rows {
        (target + row * width).update(from: source + row * stride, count: width)
    }
}
