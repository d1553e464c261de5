internal import Basis
internal import Codecs
internal import Devices
internal import RTP

/// One remote microphone: its jitter buffer, its decoder, and what is decoded but not yet played.
final class RemoteAudioSource {
    let ssrc: UInt32
    private(set) var jitterBuffer = AudioJitterBuffer()
    private(set) var damagedPackets = 0
    /// Energy heard and samples counted since the meter was last read.
    private var energy: Int64 = 0
    private var measuredSamples = 0
    private var decoder: OpusDecoder
    private var packet: [UInt8] = []
    private var samples: [Int16] = []
    private var position = 0
    private var lastPacket: MonotonicInstant

    init(ssrc: UInt32, at now: MonotonicInstant) throws(CodecError) {
        self.ssrc = ssrc
        decoder = try OpusDecoder()
        lastPacket = now
        samples.reserveCapacity(OpusFormat.longestPacketSamples)
        packet.reserveCapacity(AudioJitterBuffer.largestPayload)
    }

    func insert(_ header: IncomingAudio, payload: Span<UInt8>) {
        lastPacket = header.arrival
        jitterBuffer.insert(
            sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, payload: payload, at: header.arrival)
    }

    func silence(at now: MonotonicInstant) -> Duration {
        now - lastPacket
    }

    /// Adds the next 10 ms to `mix`; false when this source is silent.
    func addBlock(to mix: inout [Int32], at now: MonotonicInstant) -> Bool {
        var filled = 0
        while filled < AudioBlock.samples {
            if position >= samples.count, !decodeNext(at: now) { break }
            let count = min(AudioBlock.samples - filled, samples.count - position)
            for offset in 0..<count {
                let sample = Int32(samples[position + offset])
                mix[filled + offset] &+= sample
                energy &+= Int64(sample &* sample)
            }
            filled += count
            position += count
        }
        measuredSamples += AudioBlock.samples
        return filled > 0
    }

    /// The level since the last call.
    func takeLevel() -> UInt8 {
        let level = AudioLevel.level(ofEnergy: energy, samples: measuredSamples)
        energy = 0
        measuredSamples = 0
        return level
    }

    /// Replaces `samples` by what comes next; false for silence.
    private func decodeNext(at now: MonotonicInstant) -> Bool {
        position = 0
        samples.removeAll(keepingCapacity: true)
        let playout = jitterBuffer.next(at: now, into: &packet)
        do throws(CodecError) {
            switch playout {
            case .packet: try decoder.decode(packet.span, into: &samples)
            case .lost(nextHasFEC: true):
                try decoder.decodeFEC(packet.span, samples: jitterBuffer.frameSamples, into: &samples)
            case .lost(nextHasFEC: false): try decoder.conceal(samples: jitterBuffer.frameSamples, into: &samples)
            case .empty: return false
            }
        } catch {
            damagedPackets += 1
            samples.removeAll(keepingCapacity: true)
        }
        return !samples.isEmpty
    }
}
