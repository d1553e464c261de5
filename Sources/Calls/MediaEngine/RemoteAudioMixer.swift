internal import Basis
internal import Devices
package import RTP

/// All remote microphones: each with its own delay, then their sum.
struct RemoteAudioMixer {
    /// Decoded at the same time, at most.
    static let mostSources = 32
    private static let idleTime = Duration.seconds(5)

    private var sources: [RemoteAudioSource] = []
    /// What sources that are gone had counted.
    private var retired = AudioStatistics()

    var count: Int { sources.count }

    /// Takes a packet in; false when there are too many sources for it.
    mutating func insert(_ header: IncomingAudio, payload: Span<UInt8>, at now: MonotonicInstant) -> Bool {
        guard let source = source(for: header.ssrc, at: now) else { return false }
        source.insert(header, payload: payload)
        return true
    }

    /// Adds the next 10 ms of everybody to `mix`.
    func add(to mix: inout [Int32], at now: MonotonicInstant) {
        for source in sources { _ = source.addBlock(to: &mix, at: now) }
    }

    mutating func remove(_ ssrc: UInt32) { retire { $0.ssrc == ssrc } }

    mutating func removeAll() { retire { _ in true } }

    /// Forgets those who have not sent anything for a while.
    mutating func removeIdle(at now: MonotonicInstant) { retire { $0.silence(at: now) > Self.idleTime } }

    /// The levels since the last call.
    func takeLevels(into levels: inout [HeardSource]) {
        levels.removeAll(keepingCapacity: true)
        for source in sources { levels.append(HeardSource(ssrc: source.ssrc, level: source.takeLevel())) }
    }

    /// Puts the sums of all sources, present and past, into `statistics`.
    func count(into statistics: inout AudioStatistics) {
        var totals = retired
        for source in sources { Self.add(source, to: &totals) }
        statistics.lostPackets = totals.lostPackets
        statistics.latePackets = totals.latePackets
        statistics.damagedPackets = totals.damagedPackets
        statistics.activeSources = sources.count
        statistics.jitterDelay = 0
        for source in sources {
            statistics.jitterDelay = max(
                statistics.jitterDelay, Int(source.jitterBuffer.targetDelay.wholeMilliseconds))
        }
    }

    /// Each source by itself.
    func details(into details: inout [RemoteAudioStatistics]) {
        details.removeAll(keepingCapacity: true)
        for source in sources {
            details.append(
                RemoteAudioStatistics(ssrc: source.ssrc, counters: source.counters, buffer: source.jitterBuffer))
        }
    }

    private mutating func source(for ssrc: UInt32, at now: MonotonicInstant) -> RemoteAudioSource? {
        if let known = sources.first(where: { $0.ssrc == ssrc }) { return known }
        guard sources.count < Self.mostSources, let source = try? RemoteAudioSource(ssrc: ssrc, at: now) else {
            return nil
        }
        sources.append(source)
        return source
    }

    private mutating func retire(where isGone: (RemoteAudioSource) -> Bool) {
        for index in sources.indices.reversed() where isGone(sources[index]) {
            Self.add(sources[index], to: &retired)
            sources.remove(at: index)
        }
    }

    private static func add(_ source: RemoteAudioSource, to total: inout AudioStatistics) {
        total.lostPackets += source.jitterBuffer.statistics.lost
        total.latePackets += source.jitterBuffer.statistics.late
        total.damagedPackets += source.counters.damagedPackets
    }
}

/// What became of the sound of one remote microphone since it was first heard.
package struct RemoteAudioStatistics: Equatable, Sendable {
    /// The source.
    package let ssrc: UInt32
    /// What was played of it, in samples.
    package let counters: RemoteAudioCounters
    /// What became of its packets.
    package let packets: AudioJitterBuffer.Statistics
    /// The delay that the line's unevenness asks for, in milliseconds.
    package let targetMilliseconds: Int

    init(ssrc: UInt32, counters: RemoteAudioCounters, buffer: AudioJitterBuffer) {
        self.ssrc = ssrc
        self.counters = counters
        packets = buffer.statistics
        targetMilliseconds = Int(buffer.targetDelay.wholeMilliseconds)
    }

    /// The present delay of the buffer, in milliseconds.
    package var delayMilliseconds: Int { counters.delaySamples / 48 }
    /// How much of what was heard had to be made up, in thousandths.
    package var concealedThousandths: Int {
        counters.decodedSamples > 0 ? counters.concealedSamples * 1_000 / counters.decodedSamples : 0
    }
}
