internal import COpus

/// What both ends of a call agree on about Opus: RTP clock and frame length (RFC 7587, protocol section 8.6).
package enum OpusFormat {
    /// The RTP clock and our PCM rate, in hertz.
    package static let sampleRate = 48_000
    /// Samples of the 20 ms frame that we send.
    package static let frameSamples = 960
    /// The longest packet that RFC 6716 allows: 120 ms.
    package static let longestPacketSamples = 5_760
    /// RFC 6716 section 3.2.1: the longest single frame, in bytes.
    package static let largestFrame = 1_275
}

/// A mono 48 kHz Opus encoder of 20 ms frames for speech; with in-band forward error correction and without DTX, unless
/// told otherwise.
package struct OpusEncoder: ~Copyable {
    private let context: OpaquePointer

    /// - Parameters:
    ///   - bitrate: bits per second.
    ///   - expectedLoss: percent of packets that the path loses; from about 5 on the encoder spends bits on redundancy.
    package init(bitrate: Int = 32_000, expectedLoss: Int = 5) throws(CodecError) {
        var code: Int32 = 0
        guard let context = opus_encoder_create(Int32(OpusFormat.sampleRate), 1, OPUS_APPLICATION_VOIP, &code) else {
            throw .unavailable(codec: "Opus", code: Int(code))
        }
        let settings: [(request: Int32, value: Int)] = [
            (OPUS_SET_BITRATE_REQUEST, bitrate), (OPUS_SET_INBAND_FEC_REQUEST, 1), (OPUS_SET_DTX_REQUEST, 0),
            (OPUS_SET_SIGNAL_REQUEST, Int(OPUS_SIGNAL_VOICE)), (OPUS_SET_COMPLEXITY_REQUEST, 6),
            (OPUS_SET_PACKET_LOSS_PERC_REQUEST, min(max(0, expectedLoss), 100)),
        ]
        for setting in settings {
            let status = vs_opus_encoder_set(context, setting.request, Int32(clamping: setting.value))
            guard status == OPUS_OK else {
                opus_encoder_destroy(context)
                throw .unavailable(codec: "Opus", code: Int(status))
            }
        }
        self.context = context
    }

    deinit {
        opus_encoder_destroy(context)
    }

    /// Takes effect with the next frame.
    package mutating func apply(_ encoding: SpeechEncoding) {
        // The requests are always valid after clamping: there is no failure to report.
        _ = vs_opus_encoder_set(context, OPUS_SET_BITRATE_REQUEST, Int32(min(max(6_000, encoding.bitrate), 128_000)))
        _ = vs_opus_encoder_set(context, OPUS_SET_INBAND_FEC_REQUEST, encoding.expectedLoss > 0 ? 1 : 0)
        _ = vs_opus_encoder_set(
            context, OPUS_SET_PACKET_LOSS_PERC_REQUEST, Int32(min(max(0, encoding.expectedLoss), 100)))
        _ = vs_opus_encoder_set(context, OPUS_SET_DTX_REQUEST, encoding.isDiscontinuous ? 1 : 0)
    }

    /// Forgets the sound so far: nothing of it is in later packets, not even the codec's look-ahead of 6.5 ms.
    package mutating func reset() {
        // The request takes no value that could be refused.
        _ = vs_opus_encoder_reset(context)
    }

    /// Replaces `packet`, whose capacity is kept, by the encoding of exactly 960 samples.
    package mutating func encode(_ pcm: Span<Int16>, into packet: inout [UInt8]) throws(CodecError) {
        guard pcm.count == OpusFormat.frameSamples else { throw .refused(codec: "Opus", code: Int(OPUS_BAD_ARG)) }
        let context = self.context
        packet.resize(to: OpusFormat.largestFrame)
        let written = pcm.withUnsafeBufferPointer { samples in
            packet.withUnsafeMutableBufferPointer { bytes -> Int32 in
                guard let input = samples.baseAddress, let output = bytes.baseAddress else { return 0 }
                return opus_encode(context, input, Int32(samples.count), output, Int32(bytes.count))
            }
        }
        packet.removeLast(packet.count - Int(max(0, written)))
        guard written > 0 else { throw .refused(codec: "Opus", code: Int(written)) }
    }
}

extension Array where Element: FixedWidthInteger {
    /// Makes the count exactly `count`, keeping capacity and what fits.
    mutating func resize(to count: Int) {
        if self.count > count {
            removeLast(self.count - count)
        } else {
            append(contentsOf: repeatElement(0, count: count - self.count))
        }
    }
}
