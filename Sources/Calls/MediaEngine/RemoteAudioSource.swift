internal import Basis
internal import Codecs
internal import Devices
internal import RTP

/// One remote microphone: its jitter buffer, its decoder, and what is decoded but not yet played.
///
/// What waits is made shorter or longer by single pitch periods, so that the delay follows what the line needs, and the
/// far clock, without a gap.
final class RemoteAudioSource {
    /// Samples above and below the wanted delay in which nothing is done; as wide together as the longest pitch period.
    /// Below is nearer: of the least delay a period of 10 ms is needed before the next packet is missed.
    private static let mostAbove = 480
    private static let mostBelow = 240
    /// Periods between two cuts, and where the delay is far too long.
    private static let pace = 4
    private static let fastPace = 2

    let ssrc: UInt32
    private(set) var jitterBuffer = AudioJitterBuffer()
    private(set) var counters = RemoteAudioCounters()
    /// Energy heard and samples counted since the meter was last read.
    private var energy: Int64 = 0
    private var measuredSamples = 0
    private var decoder: OpusDecoder
    private var packet: [UInt8] = []
    private var decoded: [Int16] = []
    private var queue = SampleQueue()
    private var stretcher = TimeStretcher()
    /// Periods until the next cut.
    private var rest = 0
    /// What the end of a sound leaves to fade, so that it does not click.
    private var remnant: Float = 0
    private var lastPacket: MonotonicInstant

    init(ssrc: UInt32, at now: MonotonicInstant) throws(CodecError) {
        self.ssrc = ssrc
        decoder = try OpusDecoder()
        lastPacket = now
        decoded.reserveCapacity(OpusFormat.longestPacketSamples)
        packet.reserveCapacity(AudioJitterBuffer.largestPayload)
    }

    func insert(_ header: IncomingAudio, payload: Span<UInt8>) {
        lastPacket = header.arrival
        guard header.isRedundant else {
            return jitterBuffer.insert(
                sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, payload: payload,
                at: header.arrival)
        }
        guard let parts = RedundantAudio(payload) else {
            counters.damagedPackets += 1
            return
        }
        jitterBuffer.insert(
            sequenceNumber: header.sequenceNumber, timestamp: header.timestamp,
            payload: payload.extracting(parts.primary), at: header.arrival)
        for index in 0..<parts.copyCount {
            let copy = parts.copy(index)
            jitterBuffer.insertCopy(
                sequenceNumber: header.sequenceNumber, distance: copy.distance,
                timestamp: header.timestamp &- copy.timestampOffset, payload: payload.extracting(copy.range),
                at: header.arrival)
        }
    }

    func silence(at now: MonotonicInstant) -> Duration {
        now - lastPacket
    }

    /// Adds the next 10 ms to `mix`; false when this source is silent.
    func addBlock(to mix: inout [Int32], at now: MonotonicInstant) -> Bool {
        while queue.count < AudioBlock.samples, decodeNext(at: now) {}
        stretch(at: now)
        if let surplus = jitterBuffer.surplus(at: now, pending: queue.count) {
            counters.delaySamples = max(0, surplus &+ Int(jitterBuffer.targetDelay.wholeNanoseconds * 48 / 1_000_000))
        }
        let count = min(queue.count, AudioBlock.samples)
        energy &+= queue.take(count, addingTo: &mix)
        measuredSamples += AudioBlock.samples
        if count > 0 { remnant = Float(queue.last) }
        if count < AudioBlock.samples { fade(&mix, from: count) }
        return count > 0
    }

    /// The level since the last call.
    func takeLevel() -> UInt8 {
        let level = AudioLevel.level(ofEnergy: energy, samples: measuredSamples)
        energy = 0
        measuredSamples = 0
        return level
    }

    // MARK: -

    /// Lets what was heard last die away within a few milliseconds.
    private func fade(_ mix: inout [Int32], from first: Int) {
        guard abs(remnant) >= 1 else { return }
        for index in first..<AudioBlock.samples {
            remnant *= 0.98
            mix[index] &+= Int32(remnant)
        }
    }

    /// Decodes what comes next; false for silence.
    private func decodeNext(at now: MonotonicInstant) -> Bool {
        let playout = jitterBuffer.next(at: now, pending: queue.count, into: &packet)
        var skipped = 0
        do throws(CodecError) {
            switch playout {
            case .packet: try decoder.decode(packet.span, into: &decoded)
            case .restored(let samples, let skipping):
                try decoder.decodeFEC(packet.span, samples: samples, into: &decoded)
                skipped = skipping
            case .lost(let samples):
                try decoder.conceal(samples: samples, into: &decoded)
                counters.concealedSamples += decoded.count
            case .comfort: try decoder.conceal(samples: AudioBlock.samples, into: &decoded)
            case .empty: return false
            }
        } catch {
            counters.damagedPackets += 1
            return false
        }
        counters.decodedSamples += decoded.count - skipped
        let waiting = queue.count
        queue.append(decoded, from: skipped)
        return queue.count > waiting
    }

    /// Brings the delay nearer to what is wanted.
    private func stretch(at now: MonotonicInstant) {
        rest -= 1
        guard rest <= 0, let surplus = jitterBuffer.surplus(at: now, pending: queue.count) else { return }
        if surplus > Self.mostAbove {
            // A cut needs two periods of the lowest voice.
            while queue.count < 3 * AudioBlock.samples, jitterBuffer.hasContinuation, decodeNext(at: now) {}
            let removed = stretcher.shorten(&queue, likeness: surplus > 7_200 ? 0.3 : surplus > 2_880 ? 0.6 : 0.8)
            counters.acceleratedSamples += removed
            rest = removed == 0 ? 1 : surplus > 4_800 ? Self.fastPace : Self.pace
        } else if surplus < -Self.mostBelow {
            let added = stretcher.lengthen(&queue, likeness: surplus < -360 ? 0.5 : 0.8)
            counters.expandedSamples += added
            rest = added == 0 ? 1 : Self.pace
        }
    }
}

/// What became of one source's sound, in samples at 48 kHz.
package struct RemoteAudioCounters: Equatable, Sendable {
    /// Handed to the speaker in all, before it was made shorter or longer.
    package var decodedSamples = 0
    /// Of these, made up by the decoder because the packet was lost or late.
    package var concealedSamples = 0
    /// Taken out to bring the delay down, and put in to bring it up.
    package var acceleratedSamples = 0
    /// Samples stretched in to lengthen the delay.
    package var expandedSamples = 0
    /// Packets whose bytes Opus refused.
    package var damagedPackets = 0
    /// The present delay of the buffer: from a packet's arrival, had it been the fastest, to its sound.
    package var delaySamples = 0
}
