/// A DATE or DATE-TIME (RFC 5545 sections 3.3.4 and 3.3.5).
enum CalendarTime: Hashable, Sendable {
    case day(CivilDay)
    /// The same by the clocks of every zone.
    case floating(LocalTime)
    /// Seconds since 1970 UTC.
    case utc(Int64)
    case zoned(LocalTime, zone: String)

    /// By clocks on which an instant is `show(instant)`; the end of a day without time.
    func local(_ show: (Int64) -> LocalTime) -> LocalTime {
        switch self {
        case .day(let day): LocalTime(day, secondOfDay: 86_399)
        case .floating(let local), .zoned(let local, _): local
        case .utc(let instant): show(instant)
        }
    }
}

/// A DURATION (RFC 5545 section 3.3.6): days by the calendar, and seconds. None is negative or longer than 100 years.
struct CalendarDuration: Equatable, Sendable {
    static let maximumDays = 36_525

    var days = 0
    var seconds: Int64 = 0

    init(days: Int = 0, seconds: Int64 = 0) {
        self.days = days
        self.seconds = seconds
    }
}

/// A PERIOD (RFC 5545 section 3.3.9).
struct CalendarPeriod: Equatable, Sendable {
    var start: CalendarTime
    var end: CalendarTime?
    var duration: CalendarDuration?
}
