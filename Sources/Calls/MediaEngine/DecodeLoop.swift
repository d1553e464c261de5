internal import Basis
package import Codecs
package import Devices

/// What the decoding thread does when woken: compressed frames to pictures in the slots of their sources.
package struct DecodeLoop: ~Copyable {
    /// Of one source: whose codec may change at any key frame.
    private final class Decoder {
        private var vp8: VP8Decoder?
        private var vp9: VP9Decoder?
        private let budget: DecodingBudget
        /// The memory of all decoders is used up: key frames are waited for, not asked for.
        var isRefused = false

        init(budget: DecodingBudget) {
            self.budget = budget
        }

        func decode(
            _ frame: Span<UInt8>, of codec: VideoCodec, pool: FramePool
        ) throws(CodecError) -> VideoFrame? {
            switch codec {
            case .vp8:
                vp9 = nil
                if vp8 == nil { vp8 = try VP8Decoder(budget: budget) }
                return try vp8?.decode(frame, pool: pool)
            case .vp9:
                vp8 = nil
                if vp9 == nil { vp9 = try VP9Decoder(budget: budget) }
                return try vp9?.decode(frame, pool: pool)
            }
        }
    }

    private let exchange: DecodeExchange
    private let pool: FramePool
    private let budget: DecodingBudget
    private var decoders: [UInt32: Decoder] = [:]
    private var bytes: [UInt8] = []

    /// - Parameters:
    ///   - pool: holds the pictures in the slots and on the screen: three for each source suffice.
    ///   - budget: the memory of all sources' decoders.
    package init(exchange: DecodeExchange, pool: FramePool, budget: DecodingBudget = DecodingBudget()) {
        self.exchange = exchange
        self.pool = pool
        self.budget = budget
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
        let decoder = decoder(for: source)
        do throws(CodecError) {
            let picture = try decoder.decode(bytes.span, of: codec, pool: pool)
            decoder.isRefused = false
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
            if case .outOfMemory = error { decoder.isRefused = true }
            // Another one would be as large. The sender's own key frames tell when it is smaller, or others have left.
            if !decoder.isRefused { exchange.askForKeyframe(source) }
        }
        return true
    }

    private mutating func decoder(for source: UInt32) -> Decoder {
        if let known = decoders[source] { return known }
        let made = Decoder(budget: budget)
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
