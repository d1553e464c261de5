internal import Basis
internal import Codecs
internal import Devices

/// The compression of one layer: its encoder while it is sent, and when it owes a key frame.
///
/// A class, because an encoder cannot be copied and so cannot be in an array.
final class LayerEncoder {
    enum Outcome {
        case sent(isKeyframe: Bool, byteCount: Int)
        /// Rate control left the picture out, or there was no room for it.
        case dropped
    }

    private static let keyframeSpacing = Duration.milliseconds(300)

    private let options: VP8Encoder.Options
    private let framesPerSecond: Int
    private var encoder: VP8Encoder?
    private var lastKeyframe: MonotonicInstant?
    private var bytes: [UInt8] = []
    var needsKeyframe = true

    init(framesPerSecond: Int, options: VP8Encoder.Options) {
        self.framesPerSecond = framesPerSecond
        self.options = options
    }

    /// Nobody wants the layer: what comes later begins with a key frame.
    func stop() {
        guard encoder != nil else { return }
        encoder = nil
        needsKeyframe = true
    }

    /// The next key frame is not to be merged with the one before.
    func restart() {
        needsKeyframe = true
        lastKeyframe = nil
    }

    /// Compresses `picture` and queues it as `layer`.
    /// - Parameter instant: when it was captured, for the stream.
    func encode(
        _ picture: borrowing VideoFrame, layer: Int, bitrate: Int, instant: MonotonicInstant,
        into queue: EncodedFrameQueue, at now: MonotonicInstant
    ) -> Outcome {
        do throws(CodecError) {
            return try compress(picture, layer: layer, bitrate: bitrate, instant: instant, into: queue, at: now)
        } catch {
            // A context that refused once is not trusted again: the next frame gets a new one.
            encoder = nil
            return .dropped
        }
    }

    private func compress(
        _ picture: borrowing VideoFrame, layer: Int, bitrate: Int, instant: MonotonicInstant,
        into queue: EncodedFrameQueue, at now: MonotonicInstant
    ) throws(CodecError) -> Outcome {
        if encoder == nil {
            encoder = try VP8Encoder(
                size: picture.size, framesPerSecond: framesPerSecond, bitrate: bitrate, options: options)
            restart()
        } else if encoder?.size != picture.size {
            try encoder?.resize(to: picture.size)
            restart()
        }
        try encoder?.setBitrate(bitrate)
        let mayForce = lastKeyframe.map { now - $0 >= Self.keyframeSpacing } ?? true
        let isKeyframe = try encoder?.encode(picture, forceKeyframe: needsKeyframe && mayForce, into: &bytes)
        let place = encoder?.place ?? .base
        guard let isKeyframe, !bytes.isEmpty else { return .dropped }
        if isKeyframe {
            needsKeyframe = false
            lastKeyframe = now
        }
        let count = bytes.count
        let header = EncodedFrame(
            layer: layer, isKeyframe: isKeyframe, size: picture.size, instant: instant, temporalLayer: place.layer,
            isLayerSync: place.isLayerSync, isNonReference: place.isNonReference)
        guard queue.push(&bytes, header: header) else {
            needsKeyframe = true
            return .dropped
        }
        return .sent(isKeyframe: isKeyframe, byteCount: count)
    }
}
