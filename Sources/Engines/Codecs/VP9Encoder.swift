internal import Basis
internal import CVPX
package import Devices

/// A real-time VP9 encoder of profile 0, in one size, with the settings that browsers use for calls.
package struct VP9Encoder: ~Copyable {
    private var library: LibVPXEncoder
    private let options: EncodingOptions
    private var pattern = VP8TemporalPattern()
    /// Where the frame that `encode` gave last stands in the temporal layers.
    package private(set) var place = VP8TemporalPlace.base

    /// - Parameter bitrate: bits per second.
    package init(
        size: PictureSize, framesPerSecond: Int = 30, bitrate: Int, options: EncodingOptions = EncodingOptions()
    ) throws(CodecError) {
        // Contexts and motion are carried on from frame to frame: where frames may be missing that must not be.
        let setup = LibVPXEncoder.Setup(
            codec: .vp9, framesPerSecond: framesPerSecond, temporalLayers: options.temporalLayers,
            processors: options.processors, isResilient: options.temporalLayers > 1, maximumQuantizer: 52)
        let library = try LibVPXEncoder(setup, size: size, bitrate: bitrate) { context, configuration in
            Self.control(context, configuration, options)
        }
        self.init(library, options)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(_ library: consuming LibVPXEncoder, _ options: EncodingOptions) {
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
        try library.resize(to: size) { context, configuration in Self.control(context, configuration, options) }
    }

    /// Replaces `output`, whose capacity is kept, by the compressed frame and says whether it is a key frame. `output` is
    /// empty when rate control skipped the picture; the pattern then waits, for receivers reckon with its order.
    package mutating func encode(
        _ frame: borrowing VideoFrame, forceKeyframe: Bool, into output: inout [UInt8]
    ) throws(CodecError) -> Bool {
        guard frame.size == size else {
            throw .unsupportedSize(width: frame.size.width, height: frame.size.height)
        }
        let isLayered = options.temporalLayers > 1
        if forceKeyframe { pattern.restart() }
        let expected = isLayered ? pattern.place : .base
        if isLayered {
            let duration = library.frameDuration
            let usesUpper: Int32 = expected.layer == 2 && !expected.isLayerSync ? 1 : 0
            try library.tell { vs_vp9_begin_frame($0, Int32(expected.layer), usesUpper, duration) }
        }
        let isKeyframe = try library.encode(
            frame, flags: forceKeyframe ? Int(VPX_EFLAG_FORCE_KF) : 0, into: &output)
        guard !output.isEmpty else { return false }
        // A key frame of the encoder's own choice begins the pattern anew, too.
        if isKeyframe { pattern.restart() }
        place = isKeyframe ? .base : expected
        pattern.advance()
        return isKeyframe
    }

    /// Of 0…9, how little is tried for the sake of time: 720 lines then cost 1.4 times what VP8 costs.
    private static let speed: Int32 = 8

    private static func control(
        _ context: UnsafeMutablePointer<vpx_codec_ctx_t>, _ configuration: UnsafeMutablePointer<vpx_codec_enc_cfg_t>,
        _ options: EncodingOptions
    ) -> Int32 {
        let threads = configuration.pointee.g_threads
        let controls: [(vp8e_enc_control_id, Int32)] = [
            (VP8E_SET_CPUUSED, speed),
            (VP8E_SET_STATIC_THRESHOLD, 1),
            // A key frame may take this share (percent) of a frame's mean budget, so that it does not stall the path.
            (VP8E_SET_MAX_INTRA_BITRATE_PCT, 900),
            // Columns that threads share, as a power of two.
            (VP9E_SET_TILE_COLUMNS, threads > 2 ? 2 : threads > 1 ? 1 : 0),
            (VP9E_SET_ROW_MT, threads > 1 ? 1 : 0),
            (VP9E_SET_FRAME_PARALLEL_DECODING, 0),
            // 3: a part of the picture is made better with each frame, so that a still room gets sharp.
            (VP9E_SET_AQ_MODE, 3),
            (VP9E_SET_NOISE_SENSITIVITY, 0),
            (
                VP9E_SET_TUNE_CONTENT,
                Int32((options.content == .screen ? VP9E_CONTENT_SCREEN : VP9E_CONTENT_DEFAULT).rawValue)
            ),
        ]
        for (control, value) in controls {
            let status = vs_vpx_encoder_set(context, Int32(control.rawValue), value)
            guard status == 0 else { return status }
        }
        guard options.temporalLayers > 1 else { return 0 }
        return vs_vp9_use_layers(context, configuration, speed)
    }
}
