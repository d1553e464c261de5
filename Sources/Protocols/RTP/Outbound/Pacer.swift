import Basis

/// Spreads video over time: faster than the line carries it on average, so that a picture takes not long, and not so fast that a
/// key frame fills the line's queue, in which the sound would have to wait: on a narrow line, where a key frame lasts, by a
/// quarter, on a wide one by two and a half times. Nothing waits here for more than 400 ms.
struct Pacer: Sendable {
    static let interval = Duration.milliseconds(5)
    private static let factors = 1.25...2.5
    /// In bit/s: where the greatest factor is reached.
    private static let wide = 2_000_000.0
    private static let longest = 0.4
    /// In bit/s, where nobody has told what the line carries.
    private static let unknown = 15_000_000.0

    /// In bytes; may be owed.
    private var budget = 0.0
    private(set) var next: MonotonicInstant = .zero

    /// Whether the next of `waiting` bytes may go now.
    /// - Parameter bandwidth: in bit/s; nil where it is not known.
    mutating func mayGo(waiting: Int, bandwidth: Int?, at now: MonotonicInstant) -> Bool {
        if now >= next {
            let rate = max(
                bandwidth.map(Self.rate(bandwidth:)) ?? Self.unknown, Double(waiting) * 8 / Self.longest)
            // What was not used is not saved up; what is owed is paid back for the time that passed.
            let intervals = min(max(1, Double((now - next).wholeNanoseconds) / 5e6 + 1), 1_000)
            budget = min(budget, 0) + rate / 8 * 0.005 * (budget < 0 ? intervals : 1)
            budget = min(budget, rate / 8 * 0.005)
            next = now + Self.interval
        }
        return budget > 0
    }

    private static func rate(bandwidth: Int) -> Double {
        let share = min(1, Double(bandwidth) / wide)
        return Double(bandwidth) * (factors.lowerBound + (factors.upperBound - factors.lowerBound) * share)
    }

    mutating func spend(_ bytes: Int) {
        budget -= Double(bytes)
    }

    /// When the next packet may go, given that some wait.
    var deadline: MonotonicInstant {
        budget > 0 ? .zero : next
    }
}
