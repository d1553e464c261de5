internal import Basis
internal import CVPX
internal import Devices

/// A decoding context of libvpx, of either of its codecs.
struct LibVPXDecoder: ~Copyable {
    /// The largest picture that is ever decoded, in pixels; a hostile header must not reserve gigabytes.
    static let largestArea = 4096 * 2304

    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>

    init(_ codec: VideoCodec) throws(CodecError) {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let status = vs_vpx_decoder_init(context, 1, codec == .vp9 ? 1 : 0)
        guard status == 0 else {
            context.deallocate()
            throw .unavailable(codec: codec.title, code: Int(status))
        }
        self.context = context
    }

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    static func isAcceptable(_ size: PictureSize) -> Bool {
        (1...4096).contains(size.width) && (1...4096).contains(size.height)
            && size.width * size.height <= largestArea
    }

    /// False where the bytes are damaged.
    func decode(_ bytes: Span<UInt8>) -> Bool {
        let context = self.context
        let status = bytes.withUnsafeBufferPointer { bytes in
            vpx_codec_decode(context, bytes.baseAddress, UInt32(clamping: bytes.count), nil, 0)
        }
        return status == VPX_CODEC_OK
    }

    /// The newest picture; nil where there is none, or no buffer for it.
    func picture(from pool: FramePool) -> VideoFrame? {
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
}

/// Copies `rows` rows of `width` bytes into a plane without padding.
private func copyPlane(
    from source: UnsafeMutablePointer<UInt8>, stride: Int, to target: UnsafeMutablePointer<UInt8>, width: Int, rows: Int
) {
    for row in 0..<rows {
        (target + row * width).update(from: source + row * stride, count: width)
    }
}
