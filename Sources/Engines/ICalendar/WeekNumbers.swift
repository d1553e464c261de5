/// The part BYWEEKNO of a yearly rule (RFC 5545 section 3.3.10).
///
/// Workaround: libical writes beside its arrays where BYDAY is missing (docs/workarounds.md). It follows the same rule by days, of
/// which those of the wanted weeks are taken here.
struct WeekNumbers: Equatable, Sendable {
    /// The rule by days, with all its other parts.
    let days: [String]
    /// 1 to 53, or −1 to −53 from the end of the year.
    private let numbers: Set<Int>
    /// 0 for Monday to 6 for Sunday.
    private let weekStart: Int
    private let hasDays: Bool

    private static let dayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

    /// Nil without such a part, and where it stands beside others with which it makes no sense or a rule that is not followed:
    /// years that are left out, weekdays with a number, positions.
    init?(_ parts: [String]) {
        func value(_ name: String) -> Substring? { parts.first { $0.hasPrefix(name) }?.dropFirst(name.count) }
        guard let list = value("BYWEEKNO="), parts.contains("FREQ=YEARLY"), value("INTERVAL=") ?? "1" == "1",
            value("BYSETPOS=") == nil, value("BYMONTHDAY=") == nil, value("BYYEARDAY=") == nil
        else { return nil }
        let words = list.split(separator: ",")
        numbers = Set(words.compactMap { Int($0) }.filter { $0 != 0 && abs($0) <= 53 })
        let names = value("BYDAY=")?.split(separator: ",").map(String.init)
        let start = value("WKST=") ?? "MO"
        guard !numbers.isEmpty, words.count <= 106,
            words.allSatisfy({ Int($0).map { $0 != 0 && abs($0) <= 53 } == true }),
            names?.allSatisfy({ Self.dayNames.contains($0) }) ?? true,
            let weekStart = Self.dayNames.firstIndex(of: String(start))
        else { return nil }
        self.weekStart = weekStart
        hasDays = names != nil
        days = parts.filter { !$0.hasPrefix("BYWEEKNO=") && !$0.hasPrefix("INTERVAL=") }
            .map { $0 == "FREQ=YEARLY" ? "FREQ=DAILY" : $0 }
    }

    /// Whether a day is in one of the weeks; on the weekday of the first one where the rule names none.
    func contain(_ day: CivilDay, from first: CivilDay) -> Bool {
        guard hasDays || day.weekday == first.weekday else { return false }
        let (year, number) = week(of: day)
        if numbers.contains(number) { return true }
        let last = week(of: CivilDay.first(ofMonth: 12, year: year) + 27).number
        return numbers.contains(number - last - 1)
    }

    /// The number of the week, and the year in which it has most of its days.
    private func week(of day: CivilDay) -> (year: Int, number: Int) {
        let middle = day + (3 - CivilDay.remainder(day.weekday - weekStart, 7))
        let year = middle.parts.year
        return (year, (middle.number - CivilDay.first(ofMonth: 1, year: year).number) / 7 + 1)
    }
}
