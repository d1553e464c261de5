import Basis

/// A TCP connection after RFC 5681 that sends all it can: slow start, additive increase, half for a loss, a timeout.
///
/// Each transmission has a number of its own and an acknowledgement of its own: what matters here is only how much is on
/// its way.
package struct RenoFlow {
    /// With all headers.
    static let segment = 1_500
    static let acknowledgement = 60

    private struct Transmission {
        var number: Int
        var sentAt: MonotonicInstant
    }

    private var window = 10.0
    private var threshold = Double.infinity
    private var outstanding: [Transmission] = []
    private var nextNumber = 0
    /// Losses of what was sent before count as one.
    private var recovery = 0
    private var smoothed: Double?
    private var deviation = 0.0
    private var backoff = 1.0
    /// Segments still to be delivered; nil for a transfer without an end.
    private(set) var left: Int?
    private(set) var delivered = 0

    init(segments: Int?) {
        left = segments
    }

    var isDone: Bool { left == 0 && outstanding.isEmpty }

    /// The number of the next transmission, if one may go.
    mutating func take(at now: MonotonicInstant) -> Int? {
        guard left != 0, Double(outstanding.count) < window else { return nil }
        if let left { self.left = left - 1 }
        defer { nextNumber += 1 }
        outstanding.append(Transmission(number: nextNumber, sentAt: now))
        return nextNumber
    }

    mutating func acknowledge(_ number: Int, at now: MonotonicInstant) {
        guard let index = outstanding.firstIndex(where: { $0.number == number }) else { return }
        let sample = Double((now - outstanding[index].sentAt).wholeNanoseconds) / 1e9
        outstanding.remove(at: index)
        delivered += 1
        backoff = 1
        let mean = smoothed ?? sample
        deviation += (abs(sample - mean) - deviation) / 4
        smoothed = mean + (sample - mean) / 8
        // Three later ones came: what was sent before them is lost.
        let before = outstanding.count
        outstanding.removeAll { $0.number + 3 <= number }
        let lost = before - outstanding.count
        if lost > 0 {
            restore(lost)
            if number >= recovery {
                threshold = max(2, Double(before) / 2)
                window = threshold
                recovery = nextNumber
            }
        } else if number >= recovery {
            window += window < threshold ? 1 : 1 / window
        }
    }

    private mutating func restore(_ count: Int) {
        if let left { self.left = left + count }
    }

    var deadline: MonotonicInstant? {
        let patience = max(0.2, (smoothed ?? 0.5) + 4 * deviation) * backoff
        return outstanding.first.map { $0.sentAt + .nanoseconds(Int64(patience * 1e9)) }
    }

    /// Nothing has been acknowledged for too long.
    mutating func expire(at now: MonotonicInstant) {
        guard let deadline, deadline <= now else { return }
        threshold = max(2, Double(outstanding.count) / 2)
        window = 1
        backoff = min(backoff * 2, 16)
        recovery = nextNumber
        restore(outstanding.count)
        outstanding.removeAll()
    }
}
