/// A zone as the variable TZ has it (POSIX.1-2017 section 8.3, with the hours of RFC 8536 section 3.3.1), for instance
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixZoneRule: Sendable {
    /// When clocks are changed, every year.
    private enum Day: Sendable {
        /// 1 to 365; 29 February is never counted.
        case julian(Int)
        /// 0 to 365; 29 February is counted.
        case ordinal(Int)
        /// The `week`-th (5: the last) `weekday` (0: Sunday) of a month.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    private struct Change: Sendable {
        var day: Day
        var secondOfDay: Int
    }

    private let standard: Int
    private let summer: (offset: Int, begins: Change, ends: Change)?

    init?(_ bytes: [UInt8]) {
        var scanner = Scanner(bytes: bytes)
        guard scanner.name(), let west = scanner.time(limit: 24) else { return nil }
        standard = -west
        if scanner.isAtEnd {
            summer = nil
            return
        }
        guard scanner.name() else { return nil }
        var offset = standard + 3_600
        if scanner.next != UInt8(ascii: ",") {
            guard let west = scanner.time(limit: 24) else { return nil }
            offset = -west
        }
        guard let begins = scanner.change(), let ends = scanner.change(), scanner.isAtEnd else { return nil }
        summer = (offset, begins, ends)
    }

    func offset(at instant: Int64) -> Int {
        guard let summer else { return standard }
        let year = LocalTime(seconds: instant &+ Int64(standard)).day.parts.year
        let begins = Self.second(of: summer.begins, in: year) &- Int64(standard)
        let ends = Self.second(of: summer.ends, in: year) &- Int64(summer.offset)
        // South of the equator summer holds over the new year.
        let isSummer = begins < ends ? begins <= instant && instant < ends : !(ends <= instant && instant < begins)
        return isSummer ? summer.offset : standard
    }

    private static func second(of change: Change, in year: Int) -> Int64 {
        let newYear = CivilDay.first(ofMonth: 1, year: year)
        let day: CivilDay
        switch change.day {
        case .julian(let number): day = newYear + (number - 1 + (CivilDay.isLeap(year) && number >= 60 ? 1 : 0))
        case .ordinal(let number): day = newYear + number
        case .weekday(let month, let week, let weekday):
            let first = CivilDay.first(ofMonth: month, year: year)
            // Monday is our first, Sunday theirs.
            let ahead = CivilDay.remainder(weekday + 6 - first.weekday, 7)
            let length = CivilDay.length(ofMonth: month, year: year)
            var inMonth = ahead + 7 * (week - 1)
            if inMonth >= length { inMonth -= 7 }
            day = first + inMonth
        }
        return Int64(day.number) &* 86_400 &+ Int64(change.secondOfDay)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0

        var next: UInt8? { index < bytes.count ? bytes[index] : nil }
        var isAtEnd: Bool { index == bytes.count }

        mutating func take(_ character: Character) -> Bool {
            guard let next, next == character.asciiValue else { return false }
            index += 1
            return true
        }

        /// `CET`, or `<+0330>`.
        mutating func name() -> Bool {
            let isQuoted = take("<")
            let start = index
            while let next {
                let isLetter = (65...90).contains(next) || (97...122).contains(next)
                let isSign = (48...57).contains(next) || next == UInt8(ascii: "+") || next == UInt8(ascii: "-")
                guard isLetter || isQuoted && isSign else { break }
                index += 1
            }
            return index - start >= 3 && (!isQuoted || take(">"))
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            var value: Int?
            while let next, (48...57).contains(next), (value ?? 0) <= 999 {
                value = (value ?? 0) * 10 + Int(next - 48)
                index += 1
            }
            return value.flatMap { range.contains($0) ? $0 : nil }
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(limit: Int) -> Int? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = number(0...limit) else { return nil }
            var seconds = hours * 3_600
            if take(":") {
                guard let minutes = number(0...59) else { return nil }
                seconds += minutes * 60
                if take(":") {
                    guard let rest = number(0...59) else { return nil }
                    seconds += rest
                }
            }
            return isNegative ? -seconds : seconds
        }

        /// `,M3.5.0/2`, `,J60` or `,59`.
        mutating func change() -> Change? {
            guard take(",") else { return nil }
            let day: Day
            if take("M") {
                guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                    let weekday = number(0...6)
                else { return nil }
                day = .weekday(month: month, week: week, weekday: weekday)
            } else if take("J") {
                guard let number = number(1...365) else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(0...365) else { return nil }
                day = .ordinal(number)
            }
            guard take("/") else { return Change(day: day, secondOfDay: 7_200) }
            return time(limit: 167).map { Change(day: day, secondOfDay: $0) }
        }
    }
}
