package import Basis
package import RTP

/// For how much of the time the pictures that come stand still, of all sources on average.
package struct FrozenShare: Sendable {
    private struct Count {
        var packets: Int
        var frozen: Duration
    }

    private var counts: [UInt32: Count] = [:]
    private var notedAt: MonotonicInstant?

    package init() {}

    /// The share since the last call, 0…1; nil where no pictures come.
    package mutating func note(_ inbound: [RTPStatistics.Inbound], at now: MonotonicInstant) -> Double? {
        let elapsed = notedAt.map { now - $0 } ?? .zero
        notedAt = now
        var next: [UInt32: Count] = [:]
        var frozen = Duration.zero
        var sources: Int64 = 0
        for source in inbound {
            guard let video = source.video, video.framesAssembled > 0 else { continue }
            next[source.ssrc] = Count(packets: source.packets, frozen: video.frozen)
            guard let before = counts[source.ssrc], source.packets > before.packets else { continue }
            sources += 1
            // A standing picture counts from its beginning, once it has stood for long enough to be seen to stand.
            frozen += min(max(.zero, video.frozen - before.frozen), elapsed)
        }
        counts = next
        guard sources > 0, elapsed > .zero else { return nil }
        return Double(frozen.wholeNanoseconds) / Double(elapsed.wholeNanoseconds) / Double(sources)
    }
}
