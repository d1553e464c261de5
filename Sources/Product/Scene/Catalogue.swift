/// All that one language has to bring: messages by their id, plurals, dates and numbers.
package struct Catalogue: Sendable {
    /// The plural categories of CLDR; each language uses some of them.
    package enum Category: String, CaseIterable, Sendable { case zero, one, two, few, many, other }

    /// `{name}` stands for a name, `{count}` for a number.
    package let messages: [Message: String]
    /// The forms of each counted message; `other` is always there.
    package let plurals: [Plural: [Category: String]]
    /// Which form a count of 0 or more takes.
    package let category: @Sendable (Int) -> Category
    /// From Monday.
    package let weekdays: [String]
    /// From January.
    package let months: [String]
    /// `{weekday}`, `{day}`, `{month}` and `{year}`.
    package let datePattern: String
    /// What the first of a month is called where it differs from its number.
    package let firstDay: String?
    /// `{hour}` and `{minute}`, of 24 hours.
    package let timePattern: String
    /// Whether hours below ten have two digits.
    package let padsHours: Bool
    /// Between units and tenths.
    package let decimalMark: String
    /// Between groups of three digits.
    package let groupMark: String
    /// Between a number and its sign or unit, `%` for instance.
    package let unitSpace: String
    /// The invisible character that gives a line this language's direction, whatever the names in it (UAX #9).
    package let mark: String
}

/// A date of the calendar, as it is in the room.
package struct CivilDate: Hashable, Sendable {
    /// Of the Gregorian calendar.
    package var year: Int
    /// 1 to 12.
    package var month: Int
    /// 1 to 31.
    package var day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// 0 for Monday to 6 for Sunday (Zeller's congruence, Gregorian calendar).
    package var weekday: Int {
        let early = month < 3
        let shifted = early ? month &+ 12 : month
        let counted = early ? year &- 1 : year
        let century = counted / 100
        let inCentury = counted % 100
        let sum = day &+ 13 &* (shifted &+ 1) / 5 &+ inCentury &+ inCentury / 4 &+ century / 4 &+ 5 &* century
        // 0 is Saturday.
        return ((sum &+ 5) % 7 + 7) % 7
    }
}

/// A time of day, as clocks in the room show it.
package struct CivilTime: Hashable, Sendable {
    /// 0 to 23.
    package var hour: Int
    /// 0 to 59.
    package var minute: Int

    package init(hour: Int, minute: Int) {
        self.hour = hour
        self.minute = minute
    }
}
