import Basis

/// How many answers that others provoke are sent: anybody in a room can ask anything of anybody, and a server throttles
/// whoever says more than it allows (Prosody's mod_limits; jitsi-meet's mod_rate_limit: ten iqs a second).
///
/// A token bucket: a burst of `capacity`, then one answer each `period`.
struct AnswerBudget: Sendable {
    static let capacity = 20
    static let period = Duration.milliseconds(250)

    private var tokens = AnswerBudget.capacity
    /// Up to when tokens were given out.
    private var refilledAt: MonotonicInstant?
    /// Questions that stayed without an answer.
    private(set) var dropped = 0

    /// Takes a token; false when there is none.
    mutating func take(at now: MonotonicInstant) -> Bool {
        refill(at: now)
        guard tokens > 0 else {
            dropped += 1
            return false
        }
        tokens -= 1
        return true
    }

    private mutating func refill(at now: MonotonicInstant) {
        guard let former = refilledAt else {
            refilledAt = now
            return
        }
        guard now > former else { return }
        let earned = (now - former).wholeMilliseconds / Self.period.wholeMilliseconds
        guard tokens + Int(clamping: min(earned, Int64(Self.capacity))) < Self.capacity else {
            tokens = Self.capacity
            refilledAt = now
            return
        }
        tokens += Int(clamping: earned)
        refilledAt = former + Self.period * Int(clamping: earned)
    }
}
