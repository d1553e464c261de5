package import Basis
package import Room

/// What the clocks of the room's time zone show.
package struct CivilMoment: Equatable, Sendable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int

    /// A moment of the Gregorian calendar.
    package init(year: Int, month: Int, day: Int, hour: Int, minute: Int) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
    }
}

/// The time of day, for what people and protocols date: never for deadlines. The host's clock on a box, a constant in
/// virtual time.
package struct WallTime: Sendable {
    /// From 1900-01-01 UTC (the era of NTP, RFC 5905 section 6) to the origin of the monotonic clock, as of now.
    package var ntpOffset: @Sendable () -> Duration
    /// How right the clock is.
    package var trust: @Sendable () -> ClockTrust
    /// What the room's clocks show at an instant, in seconds since 1970-01-01 UTC; nil where that cannot be told.
    package var civil: @Sendable (_ secondsSince1970: Int64) -> CivilMoment?

    /// A clock of these readings.
    package init(
        ntpOffset: @escaping @Sendable () -> Duration, trust: @escaping @Sendable () -> ClockTrust,
        civil: @escaping @Sendable (_ secondsSince1970: Int64) -> CivilMoment?
    ) {
        self.ntpOffset = ntpOffset
        self.trust = trust
        self.civil = civil
    }

    /// From 1900-01-01 to 1970-01-01.
    private static let eraToEpoch = Duration.seconds(2_208_988_800)

    /// Milliseconds since 1970-01-01 UTC.
    package func millisecondsSince1970(at now: MonotonicInstant) -> Int64 {
        (ntpOffset() - Self.eraToEpoch + .nanoseconds(now.nanoseconds)).wholeMilliseconds
    }

    /// Seconds since 1970-01-01 UTC; nil while the clock is not to be believed.
    func trustedSeconds(at now: MonotonicInstant) -> Int64? {
        trust() == .wrong ? nil : millisecondsSince1970(at: now) / 1_000
    }

    /// What the room's clocks show now, on the same condition.
    func civil(at now: MonotonicInstant) -> CivilMoment? { trustedSeconds(at: now).flatMap(civil) }
}
