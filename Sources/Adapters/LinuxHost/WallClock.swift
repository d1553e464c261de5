internal import Basis
internal import CLinux
internal import Glibc

/// The time of day, for what people and protocols date: never for deadlines.
package struct WallClock: Sendable {
    package init() {}

    /// Milliseconds since 1970-01-01 UTC.
    package var millisecondsSince1970: Int64 {
        let time = Self.now
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// From 1900-01-01 UTC (the era of NTP, RFC 5905 section 6) to the origin of the monotonic clock.
    package var ntpOffset: Duration {
        let time = Self.now
        return .seconds(Int64(time.tv_sec) + 2_208_988_800) + .nanoseconds(Int64(time.tv_nsec))
            - .nanoseconds(MonotonicClock.now.nanoseconds)
    }

    /// Hours and minutes in the host's time zone ("14:05"), or nil while the clock stands before the software was made: a
    /// board without a battery starts in 1970.
    package var timeOfDay: String? {
        guard let parts = Self.local else { return nil }
        return "\(parts.tm_hour < 10 ? "0" : "")\(parts.tm_hour):\(parts.tm_min < 10 ? "0" : "")\(parts.tm_min)"
    }

    /// The day in the host's time zone, on the same condition.
    package var date: (year: Int, month: Int, day: Int)? {
        Self.local.map { (Int($0.tm_year) + 1900, Int($0.tm_mon) + 1, Int($0.tm_mday)) }
    }

    /// Whether the clock stands after the day that the software was made on.
    package var isPlausible: Bool { Self.local != nil }

    /// Whether somebody keeps the clock right (NTP); nil when the kernel does not say.
    package var isKept: Bool? {
        let answer = vs_linux_clock_is_kept()
        return answer < 0 ? nil : answer == 1
    }

    /// Hours and minutes in the host's time zone; nil as `timeOfDay`.
    package var hourAndMinute: (hour: Int, minute: Int)? {
        Self.local.map { (Int($0.tm_hour), Int($0.tm_min)) }
    }

    /// What the clocks of the host's time zone show at an instant, in seconds since 1970 UTC.
    package static func civil(
        _ seconds: Int64
    ) -> (year: Int, month: Int, day: Int, hour: Int, minute: Int, offset: Int)? {
        var seconds = time_t(seconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return nil }
        return (
            Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min),
            Int(parts.tm_gmtoff)
        )
    }

    private static var local: tm? {
        var seconds = now.tv_sec
        guard seconds > 1_750_000_000 else { return nil }
        var parts = tm()
        return localtime_r(&seconds, &parts) == nil ? nil : parts
    }

    private static var now: timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }
}
