internal import Basis
internal import Codecs
internal import Devices

/// The compression of one layer: its encoder while it is sent, of the one codec or the other, and when it owes a key frame.
///
/// A class, because an encoder cannot be copied and so cannot be in an array.
final class LayerEncoder {
    enum Outcome {
        case sent(isKeyframe: Bool, byteCount: Int)
        /// Rate control left the picture out, or there was no room for it.
        case dropped
    }

    private static let keyframeSpacing = Duration.milliseconds(300)

    private let options: EncodingOptions
    private let framesPerSecond: Int
    private var vp8: VP8Encoder?
    private var vp9: VP9Encoder?
    private var lastKeyframe: MonotonicInstant?
    private var bytes: [UInt8] = []
    var needsKeyframe = true

    init(framesPerSecond: Int, options: EncodingOptions) {
        self.framesPerSecond = framesPerSecond
        self.options = options
    }

    /// Nobody wants the layer: what comes later begins with a key frame.
    func stop() {
        guard vp8 != nil || vp9 != nil else { return }
        forget()
        needsKeyframe = true
    }

    private func forget() {
        vp8 = nil
        vp9 = nil
        bytes = []
    }

    /// The next key frame is not to be merged with the one before.
    func restart() {
        needsKeyframe = true
        lastKeyframe = nil
    }

    /// Compresses `picture` and queues it as `layer`.
    /// - Parameter instant: when it was captured, for the stream.
    func encode(
        _ picture: borrowing VideoFrame, as codec: VideoCodec, layer: Int, bitrate: Int, instant: MonotonicInstant,
        into queue: EncodedFrameQueue, at now: MonotonicInstant
    ) -> Outcome {
        do throws(CodecError) {
            return try compress(
                picture, as: codec, layer: layer, bitrate: bitrate, instant: instant, into: queue, at: now)
        } catch {
            // A context that refused once is not trusted again: the next frame gets a new one.
            forget()
            return .dropped
        }
    }

    private func compress(
        _ picture: borrowing VideoFrame, as codec: VideoCodec, layer: Int, bitrate: Int, instant: MonotonicInstant,
        into queue: EncodedFrameQueue, at now: MonotonicInstant
    ) throws(CodecError) -> Outcome {
        let frame =
            switch codec {
            case .vp8: try compressVP8(picture, bitrate: bitrate, at: now)
            case .vp9: try compressVP9(picture, bitrate: bitrate, at: now)
            }
        guard let (isKeyframe, place) = frame, !bytes.isEmpty else { return .dropped }
        if isKeyframe {
            needsKeyframe = false
            lastKeyframe = now
        }
        let count = bytes.count
        let header = EncodedFrame(
            codec: codec, layer: layer, isKeyframe: isKeyframe, size: picture.size, instant: instant,
            temporalLayer: place.layer, temporalLayers: options.temporalLayers, isLayerSync: place.isLayerSync,
            isNonReference: place.isNonReference)
        guard queue.push(&bytes, header: header) else {
            needsKeyframe = true
            return .dropped
        }
        return .sent(isKeyframe: isKeyframe, byteCount: count)
    }

    private func mayForceKeyframe(at now: MonotonicInstant) -> Bool {
        lastKeyframe.map { now - $0 >= Self.keyframeSpacing } ?? true
    }

    private func compressVP8(
        _ picture: borrowing VideoFrame, bitrate: Int, at now: MonotonicInstant
    ) throws(CodecError) -> (isKeyframe: Bool, place: VP8TemporalPlace)? {
        vp9 = nil
        if vp8 == nil {
            vp8 = try VP8Encoder(
                size: picture.size, framesPerSecond: framesPerSecond, bitrate: bitrate, options: options)
            restart()
        } else if vp8?.size != picture.size {
            try vp8?.resize(to: picture.size)
            restart()
        }
        try vp8?.setBitrate(bitrate)
        let isForced = needsKeyframe && mayForceKeyframe(at: now)
        guard let isKeyframe = try vp8?.encode(picture, forceKeyframe: isForced, into: &bytes) else { return nil }
        return (isKeyframe, vp8?.place ?? .base)
    }

    private func compressVP9(
        _ picture: borrowing VideoFrame, bitrate: Int, at now: MonotonicInstant
    ) throws(CodecError) -> (isKeyframe: Bool, place: VP8TemporalPlace)? {
        vp8 = nil
        if vp9 == nil {
            vp9 = try VP9Encoder(
                size: picture.size, framesPerSecond: framesPerSecond, bitrate: bitrate, options: options)
            restart()
        } else if vp9?.size != picture.size {
            try vp9?.resize(to: picture.size)
            restart()
        }
        try vp9?.setBitrate(bitrate)
        let isForced = needsKeyframe && mayForceKeyframe(at: now)
        guard let isKeyframe = try vp9?.encode(picture, forceKeyframe: isForced, into: &bytes) else { return nil }
        return (isKeyframe, vp9?.place ?? .base)
    }
}
