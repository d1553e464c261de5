internal import Basis

/// Lets pictures out at a steady rate; after a stall it goes on from the present instead of hurrying.
struct FramePace {
    private let interval: Duration
    private var due: MonotonicInstant?

    init(numerator: Int, denominator: Int) {
        interval = .nanoseconds(1_000_000_000 * Int64(denominator) / Int64(max(1, numerator)))
    }

    /// Whether the next picture's time has come; says so once for each picture.
    mutating func isDue(at now: MonotonicInstant) -> Bool {
        guard let due else {
            self.due = now + interval
            return true
        }
        guard now >= due else { return false }
        let next = due + interval
        self.due = next + interval < now ? now + interval : next
        return true
    }
}
