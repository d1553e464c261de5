package import Basis

/// When to try a device again that failed: after 0.5 s, then twice as long each time, at most 30 s.
package struct RetryPace: Equatable, Sendable {
    private var backoff = Backoff(initial: .milliseconds(500), maximum: .seconds(30))
    /// When the next attempt is due; nil: none is.
    package private(set) var due: MonotonicInstant?

    /// - Parameter due: the first attempt; nil when there is none to make.
    package init(due: MonotonicInstant?) {
        self.due = due
    }

    /// Whether to try now.
    package func isDue(at now: MonotonicInstant) -> Bool {
        due.map { $0 <= now } ?? false
    }

    package mutating func failed(at now: MonotonicInstant) {
        due = now + backoff.next()
    }

    package mutating func succeeded() {
        self = RetryPace(due: nil)
    }

    /// No attempt is due; should it fail again, the pause goes on growing.
    package mutating func rest() {
        due = nil
    }

    /// Something happened that makes an attempt worth while: now, and with short pauses again.
    package mutating func hurry(at now: MonotonicInstant) {
        self = RetryPace(due: now)
    }
}
