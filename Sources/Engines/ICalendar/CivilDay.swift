/// A day of the Gregorian calendar by its number; 0 is 1 January 1970.
struct CivilDay: Comparable, Hashable, Sendable {
    var number: Int

    init(number: Int) {
        self.number = number
    }

    /// Nil for a day that the calendar does not have.
    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...Self.length(ofMonth: month, year: year)).contains(day)
        else { return nil }
        number = Self.first(ofMonth: month, year: year).number + day - 1
    }

    /// 0 for Monday to 6 for Sunday.
    var weekday: Int { Self.remainder(number &+ 3, 7) }

    var parts: (year: Int, month: Int, day: Int) {
        // Years that begin in March, in eras of 400: the leap day is then the last of its year.
        let shifted = number &+ 719_468
        let era = Self.quotient(shifted, 146_097)
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }

    /// The first day of a month, 1 to 12.
    static func first(ofMonth month: Int, year: Int) -> CivilDay {
        let shifted = month <= 2 ? year - 1 : year
        let era = quotient(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return CivilDay(number: era * 146_097 + dayOfEra - 719_468)
    }

    static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func < (left: CivilDay, right: CivilDay) -> Bool { left.number < right.number }
    static func + (day: CivilDay, days: Int) -> CivilDay { CivilDay(number: day.number &+ days) }

    /// Rounded down, whatever the sign.
    static func quotient(_ dividend: Int, _ divisor: Int) -> Int {
        dividend >= 0 ? dividend / divisor : -((divisor - 1 - dividend) / divisor)
    }

    static func remainder(_ dividend: Int, _ divisor: Int) -> Int {
        let rest = dividend % divisor
        return rest < 0 ? rest + divisor : rest
    }
}

/// What the clocks of some zone show.
struct LocalTime: Comparable, Hashable, Sendable {
    /// Since 1970-01-01 00:00 on these clocks, as if they were never changed.
    var seconds: Int64

    init(seconds: Int64) {
        self.seconds = seconds
    }

    init(_ day: CivilDay, secondOfDay: Int = 0) {
        seconds = Int64(day.number) &* 86_400 &+ Int64(secondOfDay)
    }

    var day: CivilDay { CivilDay(number: CivilDay.quotient(Int(seconds), 86_400)) }
    /// 0 to 86,399.
    var secondOfDay: Int { CivilDay.remainder(Int(seconds), 86_400) }

    static func < (left: LocalTime, right: LocalTime) -> Bool { left.seconds < right.seconds }
    static func + (time: LocalTime, seconds: Int64) -> LocalTime { LocalTime(seconds: time.seconds &+ seconds) }
    static func - (time: LocalTime, seconds: Int64) -> LocalTime { LocalTime(seconds: time.seconds &- seconds) }
}
