internal import Basis
internal import CVPX
package import Devices

/// A real-time VP8 encoder (RFC 6386) with the rate-control settings that browsers use for calls.
package struct VP8Encoder: ~Copyable {
    /// What the pictures show.
    package enum Content: Equatable, Sendable {
        case camera
        /// A computer's screen: letters and lines, still for long.
        case screen
    }

    /// How the work is done; it does not change with the size.
    package struct Options: Equatable, Sendable {
        package var content: Content
        /// 1, or 3 for the pattern 0 2 1 2.
        package var temporalLayers: Int
        /// Processors of the machine: large pictures are shared among some of them.
        package var processors: Int

        package init(content: Content = .camera, temporalLayers: Int = 1, processors: Int = 4) {
            self.content = content
            self.temporalLayers = temporalLayers == 3 ? 3 : 1
            self.processors = max(1, processors)
        }
    }

    // The library keeps a pointer to its configuration: both have a fixed place.
    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private let configuration: UnsafeMutablePointer<vpx_codec_enc_cfg_t>
    private let frameDuration: UInt
    private let options: Options
    private var pattern = VP8TemporalPattern()
    private var lastTimestamp: Int64 = -1
    /// The size of the pictures that `encode` takes.
    package private(set) var size: PictureSize
    /// Where the frame that `encode` gave last stands in the temporal layers.
    package private(set) var place = VP8TemporalPlace.base

    /// - Parameter bitrate: bits per second.
    package init(
        size: PictureSize, framesPerSecond: Int = 30, bitrate: Int, options: Options = Options()
    ) throws(CodecError) {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let configuration = UnsafeMutablePointer<vpx_codec_enc_cfg_t>.allocate(capacity: 1)
        configuration.initialize(to: vpx_codec_enc_cfg_t())
        do throws(CodecError) {
            let status = vs_vpx_encoder_defaults(configuration)
            guard status == 0 else { throw .unavailable(codec: "VP8", code: Int(status)) }
            Self.applyRealTimeSettings(configuration)
            vs_vpx_set_rate(configuration, UInt32(options.temporalLayers), Self.kilobits(bitrate))
            try Self.start(context, configuration, size: size, options)
        } catch {
            vpx_codec_destroy(context)
            context.deallocate()
            configuration.deallocate()
            throw error
        }
        self.context = context
        self.configuration = configuration
        self.size = size
        self.options = options
        frameDuration = UInt(90_000 / min(max(1, framesPerSecond), 60))
    }

    deinit {
        // Refused with a code for a context that never started: nothing is leaked then.
        vpx_codec_destroy(context)
        context.deallocate()
        configuration.deallocate()
    }

    /// Changes the target, in bits per second, without a key frame.
    package mutating func setBitrate(_ bitrate: Int) throws(CodecError) {
        let kilobits = Self.kilobits(bitrate)
        guard configuration.pointee.rc_target_bitrate != kilobits else { return }
        vs_vpx_set_rate(configuration, UInt32(options.temporalLayers), kilobits)
        let status = vpx_codec_enc_config_set(context, configuration)
        guard status == VPX_CODEC_OK else { throw .refused(codec: "VP8", code: Int(status.rawValue)) }
    }

    /// Makes the encoder take pictures of `size`; the next frame is a key frame.
    package mutating func resize(to size: PictureSize) throws(CodecError) {
        guard size != self.size else { return }
        vpx_codec_destroy(context)
        self.size = size
        lastTimestamp = -1
        pattern.restart()
        try Self.start(context, configuration, size: size, options)
    }

    /// Replaces `output`, whose capacity is kept, by the compressed frame and says whether it is a key frame. `output` is
    /// empty when rate control skipped the picture.
    package mutating func encode(
        _ frame: borrowing VideoFrame, forceKeyframe: Bool, into output: inout [UInt8]
    ) throws(CodecError) -> Bool {
        output.removeAll(keepingCapacity: true)
        guard frame.size == size else {
            throw .unsupportedSize(width: frame.size.width, height: frame.size.height)
        }
        // The library wants strictly growing times; a clock that stands still must not stop the picture.
        let timestamp = max(lastTimestamp + 1, frame.instant.nanoseconds / 100_000 * 9)
        lastTimestamp = timestamp
        let isLayered = options.temporalLayers > 1
        if forceKeyframe { pattern.restart() }
        let flags = forceKeyframe ? Int(VPX_EFLAG_FORCE_KF) : isLayered ? Int(pattern.flags) : 0
        let expected = isLayered ? pattern.place : .base
        if isLayered {
            let status = vs_vpx_encoder_set(
                context, Int32(VP8E_SET_TEMPORAL_LAYER_ID.rawValue), Int32(expected.layer))
            guard status == 0 else { throw .refused(codec: "VP8", code: Int(status)) }
        }
        let (context, duration, size) = (self.context, self.frameDuration, self.size)
        let (lumaStride, chromaStride) = (frame.lumaStride, frame.chromaStride)
        let (uOffset, vOffset) = (frame.uOffset, frame.vOffset)
        let status = frame.storage.withUnsafeBufferPointer { bytes -> Int32 in
            guard let y = bytes.baseAddress else { return -1 }
            return vs_vpx_encode(
                context, y, y + uOffset, y + vOffset, Int32(lumaStride), Int32(chromaStride), UInt32(size.width),
                UInt32(size.height), timestamp, duration, flags)
        }
        guard status == 0 else { throw .refused(codec: "VP8", code: Int(status)) }
        var iterator: vpx_codec_iter_t?
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        var keyframe: Int32 = 0
        var isKeyframe = false
        while vs_vpx_next_frame(context, &iterator, &bytes, &count, &keyframe) != 0 {
            output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            isKeyframe = keyframe != 0
        }
        // A key frame of the encoder's own choice begins the pattern anew, too.
        if isKeyframe { pattern.restart() }
        place = isKeyframe ? .base : expected
        pattern.advance()
        return isKeyframe
    }

    private static func start(
        _ context: UnsafeMutablePointer<vpx_codec_ctx_t>, _ configuration: UnsafeMutablePointer<vpx_codec_enc_cfg_t>,
        size: PictureSize, _ options: Options
    ) throws(CodecError) {
        guard (16...4096).contains(size.width), (16...2304).contains(size.height) else {
            throw .unsupportedSize(width: size.width, height: size.height)
        }
        configuration.pointee.g_w = UInt32(size.width)
        configuration.pointee.g_h = UInt32(size.height)
        configuration.pointee.g_threads = UInt32(threadCount(size, processors: options.processors))
        let status = vs_vpx_encoder_init(context, configuration)
        guard status == 0 else { throw .unavailable(codec: "VP8", code: Int(status)) }
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
            guard status == 0 else { throw .unavailable(codec: "VP8", code: Int(status)) }
        }
    }

    /// Small pictures gain nothing from more threads, and one processor is left to the sound.
    static func threadCount(_ size: PictureSize, processors: Int) -> Int {
        let pixels = size.width * size.height
        let wanted = pixels > 1280 * 720 ? 3 : pixels > 640 * 480 ? 2 : 1
        return max(1, min(wanted, processors - 1))
    }

    private static func applyRealTimeSettings(_ configuration: UnsafeMutablePointer<vpx_codec_enc_cfg_t>) {
        configuration.pointee.g_timebase = vpx_rational(num: 1, den: 90_000)
        configuration.pointee.g_pass = VPX_RC_ONE_PASS
        configuration.pointee.g_lag_in_frames = 0
        configuration.pointee.g_error_resilient = 0
        configuration.pointee.rc_end_usage = VPX_CBR
        configuration.pointee.rc_dropframe_thresh = 30
        configuration.pointee.rc_resize_allowed = 0
        configuration.pointee.rc_min_quantizer = 2
        configuration.pointee.rc_max_quantizer = 56
        configuration.pointee.rc_undershoot_pct = 100
        configuration.pointee.rc_overshoot_pct = 15
        configuration.pointee.rc_buf_initial_sz = 500
        configuration.pointee.rc_buf_optimal_sz = 600
        configuration.pointee.rc_buf_sz = 1_000
        configuration.pointee.kf_mode = VPX_KF_AUTO
        // Receivers ask for the key frames that they need; one every five minutes is a last resort.
        configuration.pointee.kf_max_dist = 9_000
    }

    private static func kilobits(_ bitrate: Int) -> UInt32 {
        UInt32(min(max(30_000, bitrate), 20_000_000) / 1_000)
    }
}
