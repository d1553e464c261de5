import Basis

/// Finds out that a server is gone: a ping (XEP-0199) after silence, and the end after several without any answer.
struct PingMonitor: Sendable {
    enum Action: Equatable {
        case sendPing
        case giveUp
    }

    private static let interval: Duration = .seconds(10)
    private static let patience: Duration = .seconds(5)
    /// How long an answer to `probe` may take.
    private static let probePatience: Duration = .seconds(3)

    private let tolerated: Int
    private var next: MonotonicInstant
    private var replyBy: MonotonicInstant?
    private var failures = 0
    private var probed = false
    /// When the server was last heard.
    private(set) var heardAt: MonotonicInstant

    /// - Parameter tolerated: pings without answer after which the server counts as gone.
    init(boundAt now: MonotonicInstant, tolerated: Int = 2) {
        self.tolerated = tolerated
        heardAt = now
        next = now + Self.interval
    }

    /// Anything that arrives shows that the server is there, whether or not it answers a ping.
    mutating func heard(at now: MonotonicInstant) {
        heardAt = now
        next = now + Self.interval
        replyBy = nil
        failures = 0
        probed = false
    }

    /// The line is in doubt: a ping now, whose answer must come soon. Without effect while one is waited for.
    mutating func probe(at now: MonotonicInstant) -> Bool {
        guard !probed else { return false }
        probed = true
        replyBy = now + Self.probePatience
        next = now + Self.interval
        return true
    }

    /// The same wait anew, for a server that is asked on other connections now.
    func again(at now: MonotonicInstant) -> PingMonitor {
        var monitor = self
        monitor.replyBy = now + Self.patience
        monitor.failures = tolerated - 1
        return monitor
    }

    /// At most one step: an event loop that was late must read its socket before the next one is judged.
    mutating func advance(to now: MonotonicInstant) -> Action? {
        if let replyBy {
            guard now >= replyBy else { return nil }
            self.replyBy = nil
            if probed { return .giveUp }
            failures += 1
            return failures >= tolerated ? .giveUp : nil
        }
        guard now >= next else { return nil }
        next = now + Self.interval
        replyBy = now + Self.patience
        return .sendPing
    }

    var deadline: MonotonicInstant { replyBy ?? next }
}
