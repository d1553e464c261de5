import Basis

/// What a TCP connection would take in our place: the throughput equation of RFC 5348, section 3.1.
///
/// For a queue that others keep full whatever we do: who only yields to delay would get nothing beside them.
struct TransferShare: Sendable {
    /// Of TCP, with its headers, in bits.
    private static let segment = 12_000.0
    /// RFC 5348 section 5.4.
    private static let weights = [1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]

    /// Packets between two events of loss, the newest first.
    private var intervals: [Double] = []
    private var open = 0.0
    private(set) var lostAt: MonotonicInstant?

    /// - Parameters:
    ///   - rate: what we had when the others came, in bit/s.
    ///   - response: the round trip with the queue, in seconds.
    init(rate: Double, response: Double, at now: MonotonicInstant) {
        let fraction = Self.segment / (response * max(rate, 1))
        intervals = [max(4, 1 / (1.5 * fraction * fraction))]
        lostAt = now
    }

    /// Packets came and were lost; losses within a round trip are one event.
    mutating func note(came: Int, lost: Int, response: Double, at now: MonotonicInstant) {
        open += Double(came + lost)
        guard lost > 0, lostAt.map({ now - $0 > .nanoseconds(Int64(min(response, 10) * 1e9)) }) ?? true else { return }
        lostAt = now
        intervals.insert(max(1, open), at: 0)
        if intervals.count > Self.weights.count { intervals.removeLast() }
        open = 0
    }

    /// In bit/s.
    func rate(response: Double) -> Double {
        let share = 1 / max(mean(of: intervals), mean(of: [open] + intervals.dropLast()))
        let timeout = max(0.2, 4 * response)
        let rare = response * (2 * share / 3).squareRoot()
        let severe = timeout * 3 * (3 * share / 8).squareRoot() * share * (1 + 32 * share * share)
        return Self.segment / max(1e-3, rare + severe)
    }

    private func mean(of intervals: [Double]) -> Double {
        let weighed = zip(intervals, Self.weights)
        let sum = weighed.reduce(0) { $0 + $1.0 * $1.1 }
        return max(1, sum / max(1, weighed.reduce(0) { $0 + $1.1 }))
    }
}
