/// A DATE or DATE-TIME (RFC 5545 sections 3.3.4 and 3.3.5).
enum CalendarTime: Hashable, Sendable {
    case day(CivilDay)
    /// The same by the clocks of every zone.
    case floating(LocalTime)
    /// Seconds since 1970 UTC.
    case utc(Int64)
    case zoned(LocalTime, zone: String)

    /// - Parameter zone: the value of TZID.
    init?(_ text: some StringProtocol, zone: String? = nil) {
        let digits = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in digits[range] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        guard digits.count == 8 || digits.count == 15 || digits.count == 16, let year = number(0..<4),
            let month = number(4..<6), let date = number(6..<8),
            let day = CivilDay(year: year, month: month, day: date)
        else { return nil }
        guard digits.count > 8 else {
            self = .day(day)
            return
        }
        // A leap second is the last but one.
        guard digits[8] == UInt8(ascii: "T"), let hour = number(9..<11), hour < 24, let minute = number(11..<13),
            minute < 60, let second = number(13..<15), second <= 60
        else { return nil }
        let local = LocalTime(day, secondOfDay: hour * 3_600 + minute * 60 + min(59, second))
        if digits.count == 16 {
            guard digits[15] == UInt8(ascii: "Z") else { return nil }
            self = .utc(local.seconds)
        } else if let zone {
            self = .zoned(local, zone: zone)
        } else {
            self = .floating(local)
        }
    }

    /// By clocks on which an instant is `show(instant)`; the end of a day without time.
    func local(_ show: (Int64) -> LocalTime) -> LocalTime {
        switch self {
        case .day(let day): LocalTime(day, secondOfDay: 86_399)
        case .floating(let local), .zoned(let local, _): local
        case .utc(let instant): show(instant)
        }
    }
}

/// A DURATION (RFC 5545 section 3.3.6): days by the calendar, and seconds.
struct CalendarDuration: Equatable, Sendable {
    var days = 0
    var seconds: Int64 = 0

    init(days: Int = 0, seconds: Int64 = 0) {
        self.days = days
        self.seconds = seconds
    }

    /// Such as `P15DT5H0M20S` or `P7W`. An event lasts at most a hundred years; none lasts a negative time.
    init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
        guard bytes.first == UInt8(ascii: "P") else { return nil }
        bytes.removeFirst()
        var isTime = false
        var number: Int?
        var isEmpty = true
        for byte in bytes {
            if byte == UInt8(ascii: "T"), !isTime, number == nil {
                isTime = true
                continue
            }
            if (48...57).contains(byte) {
                number = (number ?? 0) * 10 + Int(byte - 48)
                guard let number, number <= 10_000_000 else { return nil }
                continue
            }
            guard let value = number else { return nil }
            switch (byte, isTime) {
            case (UInt8(ascii: "W"), false): days += 7 * value
            case (UInt8(ascii: "D"), false): days += value
            case (UInt8(ascii: "H"), true): seconds += Int64(value) * 3_600
            case (UInt8(ascii: "M"), true): seconds += Int64(value) * 60
            case (UInt8(ascii: "S"), true): seconds += Int64(value)
            default: return nil
            }
            number = nil
            isEmpty = false
        }
        guard !isEmpty, number == nil, days <= 36_525, seconds <= 3_155_760_000 else { return nil }
    }
}
