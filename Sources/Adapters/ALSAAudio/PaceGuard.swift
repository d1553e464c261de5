package import Basis

/// Keeps a device that is always ready, because it is broken or lies, from turning the audio thread into a spinning one.
package struct PaceGuard: Equatable, Sendable {
    /// The least time that a block takes: a twentieth faster than any clock is.
    private static let leastTime = Duration.microseconds(9_500)
    /// What may be caught up with at once.
    private static let credit = Duration.milliseconds(80)

    private var earliest: MonotonicInstant?

    package init() {}

    /// Counts a block; when it may begin, if that is later than `now`.
    package mutating func admit(at now: MonotonicInstant) -> MonotonicInstant? {
        let oldest = now - Self.credit
        let start = max(earliest ?? oldest, oldest)
        earliest = start + Self.leastTime
        return start > now ? start : nil
    }
}
