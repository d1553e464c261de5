/// An RRULE (RFC 5545 section 3.3.10) by days, weeks, months or years. What it cannot express makes no rule.
struct RecurrenceRule: Equatable, Sendable {
    enum Frequency: String, Sendable {
        case daily = "DAILY"
        case weekly = "WEEKLY"
        case monthly = "MONTHLY"
        case yearly = "YEARLY"
    }

    struct Weekday: Hashable, Sendable {
        /// 0 for Monday to 6 for Sunday.
        var day: Int
        /// The how-manieth of its month or year, from the end where negative; nil for each.
        var ordinal: Int?
    }

    var frequency: Frequency
    var interval = 1
    var count: Int?
    var until: CalendarTime?
    var weekdays: [Weekday] = []
    var monthDays: [Int] = []
    var months: [Int] = []
    var positions: [Int] = []
    /// 0 for Monday.
    var weekStart = 0

    static let dayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

    /// The part that is not understood, such as `FREQ=HOURLY`.
    struct Problem: Error, Equatable {
        var part: String
    }

    init(_ text: String) throws(Problem) {
        var parts: [(key: String, value: String)] = []
        for part in text.uppercased().split(separator: ";") {
            let words = part.split(separator: "=", maxSplits: 1)
            guard words.count == 2, parts.count < 20 else { throw Problem(part: String(part)) }
            parts.append((String(words[0]), String(words[1])))
        }
        guard let word = parts.first(where: { $0.key == "FREQ" })?.value, let frequency = Frequency(rawValue: word)
        else { throw Problem(part: "FREQ=" + (parts.first { $0.key == "FREQ" }?.value ?? "")) }
        self.frequency = frequency
        for (key, value) in parts {
            let isUnderstood: Bool
            switch key {
            case "FREQ": isUnderstood = true
            case "INTERVAL": isUnderstood = read(value, 1...10_000) { $0.interval = $1 }
            case "COUNT": isUnderstood = read(value, 1...1_000_000) { $0.count = $1 }
            case "UNTIL":
                until = CalendarTime(value)
                isUnderstood = until != nil
            case "BYDAY": isUnderstood = readWeekdays(value)
            case "BYMONTHDAY": isUnderstood = readList(value, 31) { $0.monthDays = $1 }
            case "BYMONTH": isUnderstood = readList(value, 12) { $0.months = $1 } && months.allSatisfy { $0 > 0 }
            case "BYSETPOS": isUnderstood = readList(value, 366) { $0.positions = $1 }
            case "WKST":
                let day = Self.dayNames.firstIndex(of: value)
                weekStart = day ?? 0
                isUnderstood = day != nil
            default: isUnderstood = false
            }
            guard isUnderstood else { throw Problem(part: "\(key)=\(value)") }
        }
        let hasOrdinals = weekdays.contains { $0.ordinal != nil }
        if hasOrdinals, frequency == .daily || frequency == .weekly { throw Problem(part: "BYDAY") }
        if !monthDays.isEmpty, frequency == .weekly { throw Problem(part: "BYMONTHDAY") }
        if count != nil, until != nil { throw Problem(part: "UNTIL") }
    }

    private mutating func read(_ text: String, _ range: ClosedRange<Int>, _ keep: (inout Self, Int) -> Void) -> Bool {
        guard text.utf8.count <= 7, let number = Int(text), range.contains(number) else { return false }
        keep(&self, number)
        return true
    }

    private mutating func readList(_ text: String, _ limit: Int, _ keep: (inout Self, [Int]) -> Void) -> Bool {
        var list: [Int] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard word.utf8.count <= 4, let number = Int(word), number != 0, abs(number) <= limit, list.count < 62
            else { return false }
            list.append(number)
        }
        keep(&self, list)
        return true
    }

    private mutating func readWeekdays(_ text: String) -> Bool {
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let day = Self.dayNames.firstIndex(of: String(word.suffix(2))), weekdays.count < 62 else {
                return false
            }
            let prefix = word.dropLast(2)
            if prefix.isEmpty {
                weekdays.append(Weekday(day: day))
            } else {
                guard prefix.utf8.count <= 3, let ordinal = Int(prefix), ordinal != 0, abs(ordinal) <= 53 else {
                    return false
                }
                weekdays.append(Weekday(day: day, ordinal: ordinal))
            }
        }
        return true
    }
}
