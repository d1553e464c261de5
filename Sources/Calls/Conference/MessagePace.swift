internal import Basis

/// Lets a few messages through at once, then one a second: what each costs the bridge is a new allocation, and often
/// somebody a key frame.
struct MessagePace: Equatable, Sendable {
    private static let most = 3
    private static let period = Duration.seconds(1)

    private var credit = MessagePace.most
    /// When the next credit is due; nil while all are there.
    private var refill: MonotonicInstant?

    /// When a message may go: at once where there is credit.
    var due: MonotonicInstant? { credit > 0 ? nil : refill }

    /// Whether a message may go now; notes that it went.
    mutating func take(at now: MonotonicInstant) -> Bool {
        while let next = refill, next <= now {
            credit += 1
            refill = credit < Self.most ? next + Self.period : nil
        }
        guard credit > 0 else { return false }
        credit -= 1
        if refill == nil { refill = now + Self.period }
        return true
    }
}
