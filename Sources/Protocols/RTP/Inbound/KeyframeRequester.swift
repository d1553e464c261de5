import Basis

/// When to send picture loss indications for one source, within what the bridge lets through:
/// at least 200 ms apart and three in ten seconds; repeated after 1, 2, 4 s.
struct KeyframeRequester: Sendable {
    private static let spacing = Duration.milliseconds(200)
    private static let window = Duration.seconds(10)
    private static let perWindow = 3

    private var isWanted = false
    private var repetitions = 0
    private var due = MonotonicInstant.zero
    /// The last ones, oldest first; at most `perWindow`.
    private var sent: [MonotonicInstant] = []
    /// Without packets since the last request the stream pauses, and asking again is in vain.
    private var hasTrafficSinceRequest = false

    /// Wants a key frame; a request under way is not repeated sooner by it.
    mutating func demand(at now: MonotonicInstant) {
        guard !isWanted else { return }
        isWanted = true
        repetitions = 0
        due = now
    }

    mutating func noteTraffic() {
        hasTrafficSinceRequest = true
    }

    mutating func satisfy() {
        isWanted = false
    }

    var deadline: MonotonicInstant? {
        guard isWanted, repetitions == 0 || hasTrafficSinceRequest else { return nil }
        var earliest = due
        if let last = sent.last { earliest = max(earliest, last + Self.spacing) }
        if sent.count == Self.perWindow, let oldest = sent.first { earliest = max(earliest, oldest + Self.window) }
        return earliest
    }

    /// Whether a request is to be sent now; notes it as sent.
    mutating func poll(at now: MonotonicInstant) -> Bool {
        guard let deadline, deadline <= now else { return false }
        if sent.count == Self.perWindow { sent.removeFirst() }
        sent.append(now)
        due = now + .seconds(1 << min(repetitions, 2))
        repetitions += 1
        hasTrafficSinceRequest = false
        return true
    }
}
