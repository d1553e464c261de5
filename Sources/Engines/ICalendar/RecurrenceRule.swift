internal import CICal

/// A rule of repetition (RFC 5545 section 3.3.10), which libical reads and follows.
///
/// libical searches for the next instance without an end of its own, and may be sent through centuries by a line. So what a rule
/// costs is reckoned before it is followed, and it is never followed further than the window that matters.
struct RecurrenceRule: Equatable, Sendable {
    /// What one text may cost, in instances looked at.
    static let budget = 400_000
    /// Of one rule.
    private static let maximumSteps = 100_000
    /// That fall into a window and are kept.
    private static let maximumStarts = 1_000
    /// What a rule costs that has no instance at all, such as the 30th of February: libical looks up to the year 20,000.
    private static let impossibleRule = 20_000
    /// What it may cost to find that the next instance is none of this century.
    private static let distantInstance = 50

    /// As in the property RRULE.
    let text: String
    /// As libical follows it.
    private let followed: String
    private let weeks: WeekNumbers?
    private let unit: Unit
    private let interval: Int64
    private let count: Int?
    /// The last moment at which an instance may begin.
    let until: CalendarTime?

    private enum Unit: Int {
        case secondly, minutely, hourly, daily, weekly, monthly, yearly

        /// In seconds, at least.
        var length: Int64 { [1, 60, 3_600, 86_400, 604_800, 28 * 86_400, 365 * 86_400][rawValue] }
    }

    /// Nil for what is not understood, and for rules of other calendars than the Gregorian.
    init?(_ text: String) {
        let parts = text.uppercased().split(separator: ";").map(String.init)
        var followed = parts
        weeks = WeekNumbers(parts)
        if let weeks {
            followed = weeks.days
        } else if parts.contains(where: { $0.hasPrefix("BYWEEKNO=") }) {
            return nil
        }
        followed = Self.daysFromTheEnd(followed)
        var rule = vs_ical_rule()
        let joined = followed.joined(separator: ";")
        guard text.utf8.count <= 2_000, ICalComponent.withLibrary({ vs_ical_read_rule(joined, &rule) }) != 0,
            let unit = Unit(rawValue: Int(rule.frequency)), rule.interval > 0, Self.isAllowed(followed, unit)
        else { return nil }
        self.text = parts.joined(separator: ";")
        self.followed = joined
        self.unit = unit
        interval = Int64(rule.interval)
        count = rule.count > 0 ? Int(rule.count) : nil
        until = rule.has_until != 0 ? CalendarTime(rule.until, zone: nil) : nil
        if rule.has_until != 0, until == nil { return nil }
    }

    /// Without the parts that a frequency excludes (RFC 5545 section 3.3.10, the table of BYxxx rule parts), and without BYSETPOS where
    /// libical does not look at it.
    private static func isAllowed(_ parts: [String], _ unit: Unit) -> Bool {
        let excluded: [String] =
            switch unit {
            case .secondly, .minutely, .hourly: ["BYSETPOS="]
            case .daily: ["BYYEARDAY=", "BYSETPOS="]
            case .weekly: ["BYYEARDAY=", "BYMONTHDAY=", "BYSETPOS="]
            case .monthly: ["BYYEARDAY="]
            case .yearly: []
            }
        return !parts.contains { part in excluded.contains { part.hasPrefix($0) } }
    }

    /// Workaround: libical 3.0.16 finds no days from the end of a month in a rule by days (docs/workarounds.md).
    private static func daysFromTheEnd(_ parts: [String]) -> [String] {
        guard parts.contains("FREQ=DAILY"), parts.contains(where: { $0.hasPrefix("BYMONTHDAY=") && $0.contains("-") })
        else { return parts }
        if parts.contains(where: { $0.hasPrefix("INTERVAL=") && $0 != "INTERVAL=1" }) { return [] }
        return parts.map { $0 == "FREQ=DAILY" ? "FREQ=MONTHLY" : $0 }
    }

    /// When the instances of a series begin that fall into `window`, in order. The series begins with `first` itself, be it
    /// an instance of the rule or not.
    ///
    /// - Parameters:
    ///   - isDay: the series is of whole days.
    ///   - until: the end of the rule by the clocks of the series.
    ///   - budget: what may still be spent.
    /// - Returns: nil where the rule costs more than that, or too many instances fall into the window.
    func starts(
        of first: LocalTime, isDay: Bool, in window: ClosedRange<LocalTime>, until: LocalTime?, budget: inout Int
    ) -> [LocalTime]? {
        var found = window.contains(first) ? [first] : []
        let end = min(window.upperBound, until ?? window.upperBound)
        guard first < end else { return found }
        let begin = self.begin(of: first, for: window.lowerBound)
        let steps = (end.seconds &- max(begin.start, begin.from ?? begin.start).seconds) / (unit.length &* interval)
        guard steps <= Int64(min(Self.maximumSteps, budget)) else { return nil }
        guard let start = icaltimetype(begin.start, isDay: isDay), let last = icaltimetype(end, isDay: isDay) else {
            return found
        }
        // The first is one of those that are counted.
        var left = (count ?? .max) - 1
        var previous = first
        let from = begin.from.flatMap { icaltimetype($0, isDay: isDay) }
        let text = isDay ? Self.withoutTimes(followed) : followed
        return ICalComponent.withLibrary {
            var from = from ?? icaltimetype()
            let iterator =
                begin.from == nil
                ? vs_ical_iterate(text, start, nil, last) : vs_ical_iterate(text, start, &from, last)
            guard let iterator else {
                budget -= Self.impossibleRule
                return budget >= 0 ? found : nil
            }
            defer { icalrecur_iterator_free(iterator) }
            var steps = 0
            while left > 0 {
                steps += 1
                budget -= 1
                guard budget >= 0, steps <= Self.maximumSteps else { return nil }
                let next = icalrecur_iterator_next(iterator)
                guard icaltime_is_null_time(next) == 0, let local = LocalTime(next), local <= end else { break }
                guard local > previous, weeks?.contain(local.day, from: first.day) ?? true else { continue }
                previous = local
                left -= 1
                guard local >= window.lowerBound else { continue }
                found.append(local)
                guard found.count <= Self.maximumStarts else { return nil }
            }
            if steps == 1 { budget -= Self.distantInstance }
            return budget >= 0 ? found : nil
        }
    }

    /// Whether the start of the series is itself an instance of the rule.
    func includes(_ first: LocalTime, isDay: Bool) -> Bool {
        guard let start = icaltimetype(first, isDay: isDay) else { return false }
        let text = isDay ? Self.withoutTimes(followed) : followed
        guard weeks?.contain(first.day, from: first.day) ?? true else { return false }
        return ICalComponent.withLibrary {
            guard let iterator = vs_ical_iterate(text, start, nil, start) else { return false }
            defer { icalrecur_iterator_free(iterator) }
            return LocalTime(icalrecur_iterator_next(iterator)) == first
        }
    }

    /// Where libical has to begin so as to miss nothing from `moment` on. Who counts has to begin at the beginning.
    private func begin(of first: LocalTime, for moment: LocalTime) -> (start: LocalTime, from: LocalTime?) {
        guard count == nil, moment > first else { return (first, nil) }
        switch unit {
        case .monthly, .yearly: return (first, moment)
        default:
            // libical would look at the hour alone where a rule by hours does not divide the day.
            let step = unit.length &* interval
            let skipped = max(0, (moment.seconds &- first.seconds) / step - 1)
            return (first + skipped &* step, nil)
        }
    }

    /// A day has no hours: those of a rule do not count (RFC 5545 section 3.3.10).
    private static func withoutTimes(_ text: String) -> String {
        text.split(separator: ";").filter { part in
            !["BYHOUR=", "BYMINUTE=", "BYSECOND="].contains { part.hasPrefix($0) }
        }.joined(separator: ";")
    }
}

extension icaltimetype {
    /// Nil outside of the years that libical reckons with.
    fileprivate init?(_ local: LocalTime, isDay: Bool) {
        let (year, month, day) = local.day.parts
        guard (1...2_500).contains(year) else { return nil }
        self.init()
        (self.year, self.month, self.day) = (Int32(year), Int32(month), Int32(day))
        is_date = isDay ? 1 : 0
        guard !isDay else { return }
        let second = local.secondOfDay
        (hour, minute, self.second) = (Int32(second / 3_600), Int32(second / 60 % 60), Int32(second % 60))
    }
}

extension LocalTime {
    fileprivate init?(_ time: icaltimetype) {
        guard let day = CivilDay(year: Int(time.year), month: Int(time.month), day: Int(time.day)) else { return nil }
        self.init(
            day, secondOfDay: time.is_date != 0 ? 0 : Int(time.hour) * 3_600 + Int(time.minute) * 60 + Int(time.second))
    }
}
