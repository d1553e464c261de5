internal import COpus

/// An Opus decoder with mono 48 kHz output; stereo packets are mixed down by the library.
package struct OpusDecoder: ~Copyable {
    private let context: OpaquePointer

    package init() throws(CodecError) {
        var code: Int32 = 0
        guard let context = opus_decoder_create(Int32(OpusFormat.sampleRate), 1, &code) else {
            throw .unavailable(codec: "Opus", code: Int(code))
        }
        self.context = context
    }

    deinit {
        opus_decoder_destroy(context)
    }

    /// Replaces `pcm` by the samples of `packet` (2.5 to 120 ms).
    package mutating func decode(_ packet: Span<UInt8>, into pcm: inout [Int16]) throws(CodecError) {
        guard !packet.isEmpty else { throw .malformed }
        try run(packet, samples: OpusFormat.longestPacketSamples, redundancy: false, into: &pcm)
    }

    /// Replaces `pcm` by the `samples` lost just before `next`, rebuilt from the redundancy that `next` carries; without
    /// redundancy in it the library conceals.
    package mutating func decodeFEC(_ next: Span<UInt8>, samples: Int, into pcm: inout [Int16]) throws(CodecError) {
        guard !next.isEmpty else { throw .malformed }
        try run(next, samples: Self.legal(samples), redundancy: true, into: &pcm)
    }

    /// Replaces `pcm` by `samples` that carry the last sound on, fading out when asked again and again.
    package mutating func conceal(samples: Int, into pcm: inout [Int16]) throws(CodecError) {
        let context = self.context
        let length = Self.legal(samples)
        pcm.resize(to: length)
        let decoded = pcm.withUnsafeMutableBufferPointer { output -> Int32 in
            guard let samples = output.baseAddress else { return 0 }
            return opus_decode(context, nil, 0, samples, Int32(length), 0)
        }
        pcm.removeLast(pcm.count - Int(max(0, decoded)))
        guard decoded > 0 else { throw .malformed }
    }

    private mutating func run(
        _ packet: Span<UInt8>, samples: Int, redundancy: Bool, into pcm: inout [Int16]
    ) throws(CodecError) {
        let context = self.context
        pcm.resize(to: samples)
        let decoded = packet.withUnsafeBufferPointer { bytes in
            pcm.withUnsafeMutableBufferPointer { output -> Int32 in
                guard let target = output.baseAddress else { return 0 }
                return opus_decode(
                    context, bytes.baseAddress, Int32(clamping: bytes.count), target, Int32(output.count),
                    redundancy ? 1 : 0)
            }
        }
        pcm.removeLast(pcm.count - Int(max(0, decoded)))
        guard decoded > 0 else { throw .malformed }
    }

    /// The library wants a multiple of 2.5 ms for what it makes up.
    private static func legal(_ samples: Int) -> Int {
        min(max(120, samples / 120 * 120), OpusFormat.longestPacketSamples)
    }
}
