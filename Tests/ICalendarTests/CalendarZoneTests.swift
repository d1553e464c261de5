import Basis
import Testing

@testable import ICalendar

@Suite struct CivilDayTests {
    @Test func daysAreCountedByTheGregorianCalendar() throws {
        #expect(CivilDay(year: 1970, month: 1, day: 1)?.number == 0)
        #expect(CivilDay(year: 2000, month: 2, day: 29)?.number == 11_016)
        #expect(CivilDay(year: 2026, month: 6, day: 1)?.weekday == 0)
        #expect(CivilDay(year: 1601, month: 1, day: 1)?.weekday == 0)
        for wrong in [(2026, 2, 29), (1900, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (0, 1, 1)] {
            #expect(CivilDay(year: wrong.0, month: wrong.1, day: wrong.2) == nil, "\(wrong)")
        }
        for number in stride(from: -700_000, through: 2_900_000, by: 37) {
            let (year, month, day) = CivilDay(number: number).parts
            #expect(CivilDay(year: year, month: month, day: day)?.number == number)
        }
    }

    @Test func timesBefore1970AreTimes() {
        let time = LocalTime(seconds: -1)
        #expect(time.day.number == -1 && time.secondOfDay == 86_399)
    }
}

@Suite struct CalendarZoneTests {
    private func zone(_ rule: String) throws -> CalendarZone {
        let rule = try #require(PosixZoneRule(Array(rule.utf8)))
        return CalendarZone { rule.offset(at: $0) }
    }

    /// `20260329T005959`, or the same with a Z.
    private func local(_ text: String) throws -> LocalTime {
        func number(_ start: Int, _ count: Int) throws -> Int { try #require(Int(text.dropFirst(start).prefix(count))) }
        let day = try #require(CivilDay(year: try number(0, 4), month: try number(4, 2), day: try number(6, 2)))
        return LocalTime(day, secondOfDay: try number(9, 2) * 3_600 + number(11, 2) * 60 + number(13, 2))
    }

    private func utc(_ text: String) throws -> Int64 { try local(text).seconds }

    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", "20260329T005959Z", 3_600),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "20260329T010000Z", 7_200),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "20261025T005959Z", 7_200),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "20261025T010000Z", 3_600),
        ("GMT0BST,M3.5.0/1,M10.5.0", "20260701T000000Z", 3_600),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "20260101T000000Z", 39_600),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "20260701T000000Z", 36_000),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "20260329T005959Z", -7_200),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "20260329T010000Z", -3_600),
        ("<+0330>-3:30", "20260701T000000Z", 12_600), ("EST5", "20260701T000000Z", -18_000),
        ("XXX4YYY,J60,J300", "20240229T120000Z", -14_400), ("XXX4YYY,J60,J300", "20240301T120000Z", -10_800),
        ("XXX4YYY,59,300", "20240229T120000Z", -10_800),
    ])
    func rulesOfTheVariableTZ(rule: String, at time: String, offset: Int) throws {
        #expect(try zone(rule).offset(utc(time)) == offset)
    }

    @Test(arguments: [
        "", "CE", "CET", "CET-25", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/168", "<CET-1", "CET-1CEST,J0,J3", "CET-1 ", "CET-1CEST",
        "CET-99999999999999999999",
    ])
    func whatIsNoRule(rule: String) { #expect(PosixZoneRule(Array(rule.utf8)) == nil) }

    /// The two cases of RFC 5545 section 3.3.5.
    @Test func timesThatAreTwiceOrNever() throws {
        let newYork = try zone("EST5EDT,M3.2.0,M11.1.0")
        #expect(try newYork.instant(of: local("20071104T013000")) == utc("20071104T053000Z"))
        #expect(try newYork.instant(of: local("20070311T023000")) == utc("20070311T073000Z"))
        #expect(try newYork.local(of: utc("20070311T073000Z")) == local("20070311T033000"))
        #expect(try newYork.instant(of: local("20071104T023000")) == utc("20071104T073000Z"))
        #expect(try newYork.instant(of: local("20071104T003000")) == utc("20071104T043000Z"))
    }

    /// A file of the tz database with a change in 2000, and a rule after it.
    private func file(version: UInt8, footer: String) -> [UInt8] {
        func header(_ counts: [UInt32]) -> [UInt8] {
            var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            for count in counts { bytes.append(uint32: count) }
            return bytes
        }
        let types: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0x0E, 0x10, 0, 0] + Array("CET\u{0}".utf8)
        let counts: [UInt32] = [0, 0, 0, 1, 2, 4]
        var bytes = header(counts)
        bytes.append(uint32: 946_684_800)
        bytes += [1] + types
        guard version > 0 else { return bytes }
        bytes += header(counts)
        bytes.append(uint64: 946_684_800)
        return bytes + [1] + types + Array("\n\(footer)\n".utf8)
    }

    @Test func filesOfTheDatabase() throws {
        let zone = try #require(CalendarZone(file: file(version: 0x32, footer: "CET-1CEST,M3.5.0,M10.5.0/3")))
        #expect(zone.offset(946_684_799) == 0)
        #expect(zone.offset(946_684_800) == 3_600)
        #expect(try zone.offset(utc("20260701T000000Z")) == 7_200)
        let old = try #require(CalendarZone(file: file(version: 0, footer: "")))
        #expect(old.offset(0) == 0 && old.offset(2_000_000_000) == 3_600)
        let whole = file(version: 0x32, footer: "")
        #expect(CalendarZone(file: whole)?.offset(2_000_000_000) == 3_600)
        for length in 0..<whole.count - 2 { #expect(CalendarZone(file: Array(whole[..<length])) == nil, "\(length)") }
        #expect(CalendarZone(file: file(version: 0x32, footer: "nonsense")) == nil)
    }

    /// The zone of RFC 5545 section 3.6.5 with all its past.
    @Test(arguments: [
        ("19670101T000000Z", -18_000), ("19670430T070000Z", -14_400), ("19670430T065959Z", -18_000),
        ("19741027T060000Z", -18_000), ("19740106T070000Z", -14_400), ("19750223T065959Z", -18_000),
        ("19750223T070000Z", -14_400), ("19860427T070000Z", -14_400), ("19870301T000000Z", -18_000),
        ("19870405T070000Z", -14_400), ("20061029T060000Z", -18_000), ("20070311T065959Z", -18_000),
        ("20070311T070000Z", -14_400), ("20071104T060000Z", -18_000), ("20260701T000000Z", -14_400),
        ("20261225T000000Z", -18_000),
    ])
    func theZoneOfTheStandard(time: String, offset: Int) throws {
        let definition = try #require(Self.definition(Self.newYork))
        #expect(definition.name == "America/New_York")
        let instant = try utc(time)
        var budget = 10_000
        // Whatever part of it matters.
        for distance in [0, 86_400, 200 * 86_400] as [Int64] {
            let zone = try #require(
                definition.zone(around: instant - distance...instant + distance, budget: &budget))
            #expect(zone.offset(instant) == offset)
        }
    }

    @Test func aZoneWithAHoleIsNone() throws {
        for broken in ["RRULE:FREQ=NEVER", "RRULE:FREQ=SECONDLY", "RDATE:nonsense"] {
            let text = Self.newYork.split(separator: "\n").map { line in
                line == "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU" ? Substring(broken) : line
            }
            var budget = 10_000
            let zone = Self.definition(text.joined(separator: "\n"))?.zone(
                around: 1_780_315_200...1_780_315_201, budget: &budget)
            #expect(zone == nil, "\(broken)")
        }
    }

    private static func definition(_ text: String) -> ZoneDefinition? {
        var scanner = CalendarScanner(Array(text.utf8))
        guard case .zone(let piece) = scanner.next(), let component = ICalComponent.parse(piece.text) else {
            return nil
        }
        return ZoneDefinition(component, of: piece)
    }

    private static let newYork = """
        BEGIN:VCALENDAR
        BEGIN:VTIMEZONE
        TZID:America/New_York
        LAST-MODIFIED:20050809T050000Z
        BEGIN:DAYLIGHT
        DTSTART:19670430T020000
        RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1SU;UNTIL=19730429T070000Z
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        TZNAME:EDT
        END:DAYLIGHT
        BEGIN:STANDARD
        DTSTART:19671029T020000
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z
        TZOFFSETFROM:-0400
        TZOFFSETTO:-0500
        TZNAME:EST
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:19740106T020000
        RDATE:19750223T020000
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        TZNAME:EDT
        END:DAYLIGHT
        BEGIN:DAYLIGHT
        DTSTART:19760425T020000
        RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1SU;UNTIL=19860427T070000Z
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        TZNAME:EDT
        END:DAYLIGHT
        BEGIN:DAYLIGHT
        DTSTART:19870405T020000
        RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        TZNAME:EDT
        END:DAYLIGHT
        BEGIN:DAYLIGHT
        DTSTART:20070311T020000
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        TZNAME:EDT
        END:DAYLIGHT
        BEGIN:STANDARD
        DTSTART:20071104T020000
        RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
        TZOFFSETFROM:-0400
        TZOFFSETTO:-0500
        TZNAME:EST
        END:STANDARD
        END:VTIMEZONE
        END:VCALENDAR
        """
}
