internal import Basis
internal import Codecs
package import Devices

/// What the decoding thread does when woken: compressed frames to pictures in the slots of their sources.
package struct DecodeLoop: ~Copyable {
    /// Of one source: whose codec may change at any key frame.
    private final class Decoder {
        private var vp8: VP8Decoder?
        private var vp9: VP9Decoder?

        func decode(
            _ frame: Span<UInt8>, of codec: VideoCodec, pool: FramePool
        ) throws(CodecError) -> VideoFrame? {
            switch codec {
            case .vp8:
                vp9 = nil
                if vp8 == nil { vp8 = try VP8Decoder() }
                return try vp8?.decode(frame, pool: pool)
            case .vp9:
                vp8 = nil
                if vp9 == nil { vp9 = try VP9Decoder() }
                return try vp9?.decode(frame, pool: pool)
            }
        }
    }

    private let exchange: DecodeExchange
    private let pool: FramePool
    private var decoders: [UInt32: Decoder] = [:]
    private var bytes: [UInt8] = []

    /// - Parameter pool: holds the pictures in the slots and on the screen: three for each source suffice.
    package init(exchange: DecodeExchange, pool: FramePool) {
        self.exchange = exchange
        self.pool = pool
    }

    /// Decodes one frame; false when none waits.
    package mutating func step() -> Bool {
        guard let (source, codec, instant) = exchange.pop(into: &bytes) else {
            retireDecoders()
            return false
        }
        guard let slot = exchange.slot(of: source) else {
            decoders[source] = nil
            return true
        }
        do throws(CodecError) {
            let picture = try decoder(for: source).decode(bytes.span, of: codec, pool: pool)
            guard var frame = picture else {
                exchange.note(source) {
                    $0.decodedFrames += 1
                    $0.droppedPictures += 1
                }
                return true
            }
            frame.instant = instant
            let size = frame.size
            slot.put(frame)
            exchange.note(source) {
                $0.decodedFrames += 1
                $0.size = size
            }
        } catch {
            exchange.note(source) { $0.damagedFrames += 1 }
            exchange.askForKeyframe(source)
        }
        return true
    }

    private mutating func decoder(for source: UInt32) -> Decoder {
        if let known = decoders[source] { return known }
        let made = Decoder()
        decoders[source] = made
        return made
    }

    /// Whether there is nobody left of whom pictures come.
    package var isIdle: Bool { decoders.isEmpty }

    private mutating func retireDecoders() {
        guard !decoders.isEmpty else { return }
        for source in decoders.keys where !exchange.knows(source) { decoders[source] = nil }
        guard decoders.isEmpty else { return }
        bytes = []
        pool.rest()
    }
}
