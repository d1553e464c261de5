import Basis

/// Spreads video over time: each 5 ms a quarter of what waits goes out, eight packets at least.
///
/// A key frame of sixty packets so takes about 30 ms instead of overflowing the first narrow buffer on its way.
struct Pacer: Sendable {
    static let interval = Duration.milliseconds(5)
    private static let minimumBurst = 8

    private var allowance = minimumBurst
    private(set) var next: MonotonicInstant = .zero

    /// Whether one of `waiting` packets may go now; counts it.
    mutating func take(waiting: Int, at now: MonotonicInstant) -> Bool {
        if now >= next {
            allowance = max(Self.minimumBurst, (waiting + 3) / 4)
            next = now + Self.interval
        }
        guard allowance > 0 else { return false }
        allowance -= 1
        return true
    }

    /// When the next packet may go, given that some wait.
    var deadline: MonotonicInstant {
        allowance > 0 ? .zero : next
    }
}
