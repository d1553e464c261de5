import Basis

/// A base of ours and a remote candidate, and what the checks between them have shown (RFC 8445 section 6.1.2.6).
struct ICEPair: Sendable {
    /// There is no frozen state: with one component it would only put off checks that the pacing orders anyway.
    enum State: Sendable {
        case waiting, inProgress, succeeded, failed
    }

    let path: DatagramPath
    /// RFC 8445 section 6.1.2.3.
    var priority: UInt64
    var state = State.waiting
    /// Whether the peer has proved on this pair that it knows what signalling said, by an answer or by a check.
    var isAuthenticated = false
    /// When the peer last answered here.
    var answeredAt: MonotonicInstant?
    /// RFC 6298's smoothed round trip.
    var roundTrip: Duration?

    init(path: DatagramPath, priority: UInt64) {
        self.path = path
        self.priority = priority
    }

    mutating func answered(after sample: Duration?, at now: MonotonicInstant) {
        state = .succeeded
        isAuthenticated = true
        answeredAt = now
        guard let sample else { return }
        roundTrip = roundTrip.map { ($0 * 7 + sample) / 8 } ?? sample
    }

    static func priority(controlling: UInt32, controlled: UInt32) -> UInt64 {
        // Priorities are below 2^31 (RFC 8445 section 5.1.2), which keeps the formula within 64 bits.
        let (g, d) = (UInt64(min(controlling, 0x7FFF_FFFF)), UInt64(min(controlled, 0x7FFF_FFFF)))
        return min(g, d) << 32 + 2 * max(g, d) + (g > d ? 1 : 0)
    }
}
