import Basis

/// Finds out that a server is gone: a ping (XEP-0199) after silence, and the end after two without any answer.
struct PingMonitor: Sendable {
    enum Action: Equatable {
        case sendPing
        case giveUp
    }

    private static let interval: Duration = .seconds(10)
    private static let patience: Duration = .seconds(5)
    private static let tolerated = 2

    private var next: MonotonicInstant
    private var replyBy: MonotonicInstant?
    private var failures = 0

    init(boundAt now: MonotonicInstant) {
        next = now + Self.interval
    }

    /// Anything that arrives shows that the server is there, whether or not it answers a ping.
    mutating func heard(at now: MonotonicInstant) {
        next = now + Self.interval
        replyBy = nil
        failures = 0
    }

    /// At most one step: an event loop that was late must read its socket before the next one is judged.
    mutating func advance(to now: MonotonicInstant) -> Action? {
        if let replyBy {
            guard now >= replyBy else { return nil }
            self.replyBy = nil
            failures += 1
            return failures >= Self.tolerated ? .giveUp : nil
        }
        guard now >= next else { return nil }
        next = now + Self.interval
        replyBy = now + Self.patience
        return .sendPing
    }

    var deadline: MonotonicInstant { replyBy ?? next }
}
