import Basis

/// Spreads video over time: at two and a half times what the line carries, so that a picture neither fills a queue on its
/// way, in which the sound would have to wait, nor takes long itself; and nothing waits here for more than 100 ms.
struct Pacer: Sendable {
    static let interval = Duration.milliseconds(5)
    private static let factor = 2.5
    private static let longest = 0.1
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
                bandwidth.map { Double($0) * Self.factor } ?? Self.unknown, Double(waiting) * 8 / Self.longest)
            // What was not used is not saved up; what is owed is paid back for the time that passed.
            let intervals = min(max(1, Double((now - next).wholeNanoseconds) / 5e6 + 1), 1_000)
            budget = min(budget, 0) + rate / 8 * 0.005 * (budget < 0 ? intervals : 1)
            budget = min(budget, rate / 8 * 0.005)
            next = now + Self.interval
        }
        return budget > 0
    }

    mutating func spend(_ bytes: Int) {
        budget -= Double(bytes)
    }

    /// When the next packet may go, given that some wait.
    var deadline: MonotonicInstant {
        budget > 0 ? .zero : next
    }
}
