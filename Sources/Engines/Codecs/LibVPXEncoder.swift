internal import CVPX
internal import Devices
internal import Basis

/// An encoding context of libvpx, of either of its codecs, with the rate control that browsers use for calls.
struct LibVPXEncoder: ~Copyable {
    /// What does not change with the size.
    struct Setup {
        var codec: VideoCodec
        var framesPerSecond: Int
        /// 1, or 3 for the pattern 0 2 1 2.
        var temporalLayers: Int
        var processors: Int
        /// Whether a frame is decoded alike whatever of the upper layers is missing.
        var isResilient: Bool
        /// 0…63.
        var maximumQuantizer: UInt32
    }

    // The library keeps a pointer to its configuration: both have a fixed place.
    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private let configuration: UnsafeMutablePointer<vpx_codec_enc_cfg_t>
    private let setup: Setup
    private var lastTimestamp: Int64
    /// The size of the pictures that `encode` takes.
    private(set) var size: PictureSize

    /// - Parameter bitrate: bits per second.
    init(
        _ setup: Setup, size: PictureSize, bitrate: Int,
        controls: (UnsafeMutablePointer<vpx_codec_ctx_t>, UnsafeMutablePointer<vpx_codec_enc_cfg_t>) -> Int32
    ) throws(CodecError) {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let configuration = UnsafeMutablePointer<vpx_codec_enc_cfg_t>.allocate(capacity: 1)
        configuration.initialize(to: vpx_codec_enc_cfg_t())
        do throws(CodecError) {
            let status = vs_vpx_encoder_defaults(configuration, setup.codec == .vp9 ? 1 : 0)
            guard status == 0 else { throw .unavailable(codec: setup.codec.title, code: Int(status)) }
            Self.applyRealTimeSettings(configuration, setup)
            vs_vpx_set_rate(configuration, UInt32(setup.temporalLayers), Self.kilobits(bitrate))
            try Self.start(context, configuration, size: size, setup, controls)
        } catch {
            vpx_codec_destroy(context)
            context.deallocate()
            configuration.deallocate()
            throw error
        }
        self.context = context
        self.configuration = configuration
        self.setup = setup
        self.size = size
        lastTimestamp = -1
    }

    deinit {
        // Refused with a code for a context that never started: nothing is leaked then.
        vpx_codec_destroy(context)
        context.deallocate()
        configuration.deallocate()
    }

    /// Of a picture, on the clock of 90 kHz.
    var frameDuration: Int64 { Int64(90_000 / min(max(1, setup.framesPerSecond), 60)) }

    /// Changes the target, in bits per second, without a key frame.
    mutating func setBitrate(_ bitrate: Int) throws(CodecError) {
        let kilobits = Self.kilobits(bitrate)
        guard configuration.pointee.rc_target_bitrate != kilobits else { return }
        vs_vpx_set_rate(configuration, UInt32(setup.temporalLayers), kilobits)
        let status = vpx_codec_enc_config_set(context, configuration)
        guard status == VPX_CODEC_OK else { throw .refused(codec: setup.codec.title, code: Int(status.rawValue)) }
    }

    /// Makes the encoder take pictures of `size`; the next frame is a key frame.
    mutating func resize(
        to size: PictureSize,
        controls: (UnsafeMutablePointer<vpx_codec_ctx_t>, UnsafeMutablePointer<vpx_codec_enc_cfg_t>) -> Int32
    ) throws(CodecError) {
        vpx_codec_destroy(context)
        self.size = size
        lastTimestamp = -1
        try Self.start(context, configuration, size: size, setup, controls)
    }

    /// Says something to the library about the frame that follows.
    func tell(_ control: (UnsafeMutablePointer<vpx_codec_ctx_t>) -> Int32) throws(CodecError) {
        let status = control(context)
        guard status == 0 else { throw .refused(codec: setup.codec.title, code: Int(status)) }
    }

    /// Replaces `output`, whose capacity is kept, by the compressed frame and says whether it is a key frame. `output` is
    /// empty when rate control skipped the picture.
    mutating func encode(
        _ frame: borrowing VideoFrame, flags: Int, into output: inout [UInt8]
    ) throws(CodecError) -> Bool {
        output.removeAll(keepingCapacity: true)
        // The library wants strictly growing times; a clock that stands still must not stop the picture.
        let timestamp = max(lastTimestamp + 1, frame.instant.nanoseconds / 100_000 * 9)
        lastTimestamp = timestamp
        let (context, duration, size) = (self.context, UInt(frameDuration), self.size)
        let (lumaStride, chromaStride) = (frame.lumaStride, frame.chromaStride)
        let (uOffset, vOffset) = (frame.uOffset, frame.vOffset)
        let status = frame.storage.withUnsafeBufferPointer { bytes -> Int32 in
            guard let y = bytes.baseAddress else { return -1 }
            return vs_vpx_encode(
                context, y, y + uOffset, y + vOffset, Int32(lumaStride), Int32(chromaStride), UInt32(size.width),
                UInt32(size.height), timestamp, duration, flags)
        }
        guard status == 0 else { throw .refused(codec: setup.codec.title, code: Int(status)) }
        var iterator: vpx_codec_iter_t?
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        var keyframe: Int32 = 0
        var isKeyframe = false
        while vs_vpx_next_frame(context, &iterator, &bytes, &count, &keyframe) != 0 {
            output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            isKeyframe = keyframe != 0
        }
        return isKeyframe
    }

    private static func start(
        _ context: UnsafeMutablePointer<vpx_codec_ctx_t>, _ configuration: UnsafeMutablePointer<vpx_codec_enc_cfg_t>,
        size: PictureSize, _ setup: Setup,
        _ controls: (UnsafeMutablePointer<vpx_codec_ctx_t>, UnsafeMutablePointer<vpx_codec_enc_cfg_t>) -> Int32
    ) throws(CodecError) {
        guard (16...4096).contains(size.width), (16...2304).contains(size.height) else {
            throw .unsupportedSize(width: size.width, height: size.height)
        }
        configuration.pointee.g_w = UInt32(size.width)
        configuration.pointee.g_h = UInt32(size.height)
        configuration.pointee.g_threads = UInt32(threadCount(size, processors: setup.processors))
        var status = vs_vpx_encoder_init(context, configuration, setup.codec == .vp9 ? 1 : 0)
        if status == 0 { status = controls(context, configuration) }
        guard status == 0 else { throw .unavailable(codec: setup.codec.title, code: Int(status)) }
    }

    /// Small pictures gain nothing from more threads, and one processor is left to the sound.
    static func threadCount(_ size: PictureSize, processors: Int) -> Int {
        let pixels = size.width * size.height
        let wanted = pixels > 1280 * 720 ? 3 : pixels > 640 * 480 ? 2 : 1
        return max(1, min(wanted, processors - 1))
    }

    private static func applyRealTimeSettings(
        _ configuration: UnsafeMutablePointer<vpx_codec_enc_cfg_t>, _ setup: Setup
    ) {
        configuration.pointee.g_timebase = vpx_rational(num: 1, den: 90_000)
        configuration.pointee.g_pass = VPX_RC_ONE_PASS
        configuration.pointee.g_lag_in_frames = 0
        configuration.pointee.g_error_resilient = setup.isResilient ? UInt32(VPX_ERROR_RESILIENT_DEFAULT) : 0
        configuration.pointee.rc_end_usage = VPX_CBR
        configuration.pointee.rc_dropframe_thresh = 30
        configuration.pointee.rc_resize_allowed = 0
        configuration.pointee.rc_min_quantizer = 2
        configuration.pointee.rc_max_quantizer = setup.maximumQuantizer
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
