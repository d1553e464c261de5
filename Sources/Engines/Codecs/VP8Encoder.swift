internal import Basis
internal import CVPX
package import Devices

/// A real-time VP8 encoder (RFC 6386).
package struct VP8Encoder: ~Copyable {
    /// What VP8 and VP9 have in common.
    package typealias Options = EncodingOptions

    private var library: LibVPXEncoder
    private let options: Options
    private var pattern = VP8TemporalPattern()
    /// Where the frame that `encode` gave last stands in the temporal layers.
    package private(set) var place = VP8TemporalPlace.base

    /// - Parameter bitrate: bits per second.
    package init(
        size: PictureSize, framesPerSecond: Int = 30, bitrate: Int, options: Options = Options()
    ) throws(CodecError) {
        let setup = LibVPXEncoder.Setup(
            codec: .vp8, framesPerSecond: framesPerSecond, temporalLayers: options.temporalLayers,
            processors: options.processors, isResilient: false, maximumQuantizer: 56)
        let library = try LibVPXEncoder(setup, size: size, bitrate: bitrate) { context, _ in
            Self.control(context, options)
        }
        self.init(library, options)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(_ library: consuming LibVPXEncoder, _ options: Options) {
        self.library = library
        self.options = options
    }

    /// The size of the pictures that `encode` takes.
    package var size: PictureSize { library.size }

    /// Changes the target, in bits per second, without a key frame.
    package mutating func setBitrate(_ bitrate: Int) throws(CodecError) {
        try library.setBitrate(bitrate)
    }

    /// Makes the encoder take pictures of `size`; the next frame is a key frame.
    package mutating func resize(to size: PictureSize) throws(CodecError) {
        guard size != self.size else { return }
        pattern.restart()
        let options = self.options
        try library.resize(to: size) { context, _ in Self.control(context, options) }
    }

    /// Replaces `output`, whose capacity is kept, by the compressed frame and says whether it is a key frame. `output` is
    /// empty when rate control skipped the picture.
    package mutating func encode(
        _ frame: borrowing VideoFrame, forceKeyframe: Bool, into output: inout [UInt8]
    ) throws(CodecError) -> Bool {
        guard frame.size == size else {
            throw .unsupportedSize(width: frame.size.width, height: frame.size.height)
        }
        let isLayered = options.temporalLayers > 1
        if forceKeyframe { pattern.restart() }
        let flags = forceKeyframe ? Int(VPX_EFLAG_FORCE_KF) : isLayered ? Int(pattern.flags) : 0
        let expected = isLayered ? pattern.place : .base
        if isLayered {
            try library.tell {
                vs_vpx_encoder_set($0, Int32(VP8E_SET_TEMPORAL_LAYER_ID.rawValue), Int32(expected.layer))
            }
        }
        let isKeyframe = try library.encode(frame, flags: flags, into: &output)
        // A key frame of the encoder's own choice begins the pattern anew, too.
        if isKeyframe { pattern.restart() }
        place = isKeyframe ? .base : expected
        pattern.advance()
        return isKeyframe
    }

    private static func control(_ context: UnsafeMutablePointer<vpx_codec_ctx_t>, _ options: Options) -> Int32 {
        let controls: [(vp8e_enc_control_id, Int32)] = [
            (VP8E_SET_CPUUSED, -6),
            // Unchanged macroblocks are skipped early: a still room costs next to nothing.
            (VP8E_SET_STATIC_THRESHOLD, 1),
            (VP8E_SET_TOKEN_PARTITIONS, Int32(VP8_ONE_TOKENPARTITION.rawValue)),
            (VP8E_SET_NOISE_SENSITIVITY, 0),
            // A key frame may take this share (percent) of a frame's mean budget, so that it does not stall the path.
            (VP8E_SET_MAX_INTRA_BITRATE_PCT, 900),
            // 1: letters stay sharp, and what did not change is not touched.
            (VP8E_SET_SCREEN_CONTENT_MODE, options.content == .screen ? 1 : 0),
        ]
        for (control, value) in controls {
            let status = vs_vpx_encoder_set(context, Int32(control.rawValue), value)
            guard status == 0 else { return status }
        }
        return 0
    }
}
