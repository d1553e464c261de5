/// A point on the machine's monotonic clock (CLOCK_MONOTONIC), in nanoseconds since an arbitrary origin.
///
/// Every state machine receives the present as a `MonotonicInstant`; none of them reads a clock. V4L2, DRM, GPIO and the
/// event loop stamp with the same clock, so instants from any of them compare.
package struct MonotonicInstant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's origin.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The clock's origin; virtual worlds start here.
    package static let zero = MonotonicInstant(nanoseconds: 0)

    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant that is `duration` later; it wraps beyond the 292 years of the clock, and never traps.
    package static func + (instant: Self, duration: Duration) -> Self {
        MonotonicInstant(nanoseconds: instant.nanoseconds &+ duration.wholeNanoseconds)
    }

    /// The instant that is `duration` earlier; it wraps as `+` does.
    package static func - (instant: Self, duration: Duration) -> Self {
        MonotonicInstant(nanoseconds: instant.nanoseconds &- duration.wholeNanoseconds)
    }

    /// The time from `earlier` to `later`; negative when they are the other way round.
    package static func - (later: Self, earlier: Self) -> Duration {
        .nanoseconds(later.nanoseconds &- earlier.nanoseconds)
    }

    /// Moves the instant `duration` on.
    package static func += (instant: inout Self, duration: Duration) {
        instant = instant + duration
    }
}

extension Duration {
    /// The duration in nanoseconds, saturating at the ends of `Int64` (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return scaled &+ attoseconds / 1_000_000_000
    }

    /// The duration in whole milliseconds, rounded towards zero.
    package var wholeMilliseconds: Int64 {
        wholeNanoseconds / 1_000_000
    }

    /// The duration in seconds.
    package var inSeconds: Double {
        Double(wholeNanoseconds) / 1e9
    }
}

/// The earliest of several deadlines, with the reason why one has to wake then.
package struct Soonest: Equatable, Sendable {
    /// The earliest deadline considered so far; nil without any.
    package private(set) var instant: MonotonicInstant?
    /// The reason given with it; `idle` without any.
    package private(set) var reason: String

    /// Without a deadline.
    package init() {
        instant = nil
        reason = "idle"
    }

    /// Takes `candidate` over when it is earlier than what is held; nil is "no deadline".
    package mutating func consider(_ candidate: MonotonicInstant?, _ candidateReason: String) {
        guard let candidate else { return }
        if let instant, instant <= candidate { return }
        instant = candidate
        reason = candidateReason
    }

    /// Takes another machine's over when it is earlier.
    package mutating func consider(_ other: Soonest) {
        consider(other.instant, other.reason)
    }
}
