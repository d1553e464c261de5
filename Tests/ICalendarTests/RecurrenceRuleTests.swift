import Basis
import Testing

@testable import ICalendar

/// The examples of RFC 5545 section 3.8.5.3, as far as days go; all of them begin at 9:00.
@Suite struct RecurrenceRuleTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var start: String
        var rule: String
        /// The first ones; all, where the rule ends and `isWhole`.
        var days: [String]
        var isWhole: Bool

        init(_ start: String, _ rule: String, _ days: String, isWhole: Bool = false) {
            self.start = start
            self.rule = rule
            self.days = days.split(separator: " ").map(String.init)
            self.isWhole = isWhole || rule.contains("COUNT")
        }

        /// So far it is followed.
        var end: String { rule.contains("DAILY") ? "19991231" : "20121231" }

        var testDescription: String { rule }
    }

    static let examples = [
        Example(
            "19970902", "FREQ=DAILY;COUNT=10",
            "19970902 19970903 19970904 19970905 19970906 19970907 19970908 19970909 19970910 19970911"),
        Example("19970902", "FREQ=DAILY;INTERVAL=2", "19970902 19970904 19970906 19970908 19970910 19970912"),
        Example("19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", "19970902 19970912 19970922 19971002 19971012"),
        Example(
            "19970902", "FREQ=WEEKLY;COUNT=10",
            "19970902 19970909 19970916 19970923 19970930 19971007 19971014 19971021 19971028 19971104"),
        Example(
            "19970902", "FREQ=WEEKLY;UNTIL=19971224T000000Z",
            "19970902 19970909 19970916 19970923 19970930 19971007 19971014 19971021 19971028 19971104 19971111 19971118 "
                + "19971125 19971202 19971209 19971216 19971223", isWhole: true),
        Example(
            "19970902", "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
            "19970902 19970916 19970930 19971014 19971028 19971111 19971125 19971209 19971223 19980106 19980120"),
        Example(
            "19970902", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
            "19970902 19970904 19970909 19970911 19970916 19970918 19970923 19970925 19970930 19971002", isWhole: true),
        Example(
            "19970901", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            "19970901 19970903 19970905 19970915 19970917 19970919 19970929 19971001 19971003 19971013 19971015 19971017 "
                + "19971027 19971029 19971031 19971110 19971112 19971114 19971124 19971126 19971128 19971208 19971210 "
                + "19971212 19971222", isWhole: true),
        Example(
            "19970902", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
            "19970902 19970904 19970916 19970918 19970930 19971002 19971014 19971016"),
        Example(
            "19970905", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
            "19970905 19971003 19971107 19971205 19980102 19980206 19980306 19980403 19980501 19980605"),
        Example(
            "19970905", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "19970905 19971003 19971107 19971205",
            isWhole: true),
        Example(
            "19970907", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
            "19970907 19970928 19971102 19971130 19980104 19980125 19980301 19980329 19980503 19980531"),
        Example(
            "19970922", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "19970922 19971020 19971117 19971222 19980119 19980216"),
        Example(
            "19970928", "FREQ=MONTHLY;BYMONTHDAY=-3", "19970928 19971029 19971128 19971229 19980129 19980226"),
        Example(
            "19970902", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
            "19970902 19970915 19971002 19971015 19971102 19971115 19971202 19971215 19980102 19980115"),
        Example(
            "19970930", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
            "19970930 19971001 19971031 19971101 19971130 19971201 19971231 19980101 19980131 19980201"),
        Example(
            "19970910", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
            "19970910 19970911 19970912 19970913 19970914 19970915 19990310 19990311 19990312 19990313"),
        Example(
            "19970902", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
            "19970902 19970909 19970916 19970923 19970930 19971104 19971111 19971118 19971125 19980106 19980113 19980120"
        ),
        Example(
            "19970610", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
            "19970610 19970710 19980610 19980710 19990610 19990710 20000610 20000710 20010610 20010710"),
        Example(
            "19970310", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
            "19970310 19990110 19990210 19990310 20010110 20010210 20010310 20030110 20030210 20030310"),
        Example("19970519", "FREQ=YEARLY;BYDAY=20MO", "19970519 19980518 19990517"),
        Example(
            "19970313", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
            "19970313 19970320 19970327 19980305 19980312 19980319 19980326 19990304 19990311 19990318 19990325"),
        // "Every Friday the 13th"; the RFC takes the first one away by an EXDATE.
        Example(
            "19970902", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "19970902 19980213 19980313 19981113 19990813 20001013"),
        Example(
            "19970913", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
            "19970913 19971011 19971108 19971213 19980110 19980207 19980307 19980411 19980509 19980613"),
        Example(
            "19961105", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "19961105 20001107 20041102"),
        Example("19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904 19971007 19971106"),
        Example(
            "19970929", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "19970929 19971030 19971127 19971230 19980129 19980226 19980330"),
        Example(
            "19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805 19970810 19970819 19970824"),
        Example(
            "19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805 19970817 19970819 19970831"),
        Example(
            "19970101", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
            "19970101 19970410 19970719 20000101 20000409 20000718 20030101 20030410 20030719 20060101"),
        Example("19970512", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "19970512 19980511 19990517"),
        Example(
            "20070115", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "20070115 20070130 20070215 20070315 20070330"),
    ]

    private func local(_ day: String, hour: Int = 9) throws -> LocalTime {
        let number = try #require(Int(day))
        let day = try #require(CivilDay(year: number / 10_000, month: number / 100 % 100, day: number % 100))
        return LocalTime(day, secondOfDay: hour * 3_600)
    }

    private func written(_ time: LocalTime) -> String {
        let (year, month, day) = time.day.parts
        return "\(year * 10_000 + month * 100 + day)"
    }

    private func starts(_ example: Example, in window: ClosedRange<LocalTime>) throws -> [LocalTime] {
        let rule = try #require(RecurrenceRule(example.rule))
        var budget = 10_000
        // New York, but for the hour.
        let until = rule.until.map { $0.local { LocalTime(seconds: $0 - 5 * 3_600) } }
        return try #require(
            rule.starts(of: try local(example.start), isDay: false, in: window, until: until, budget: &budget))
    }

    @Test(arguments: examples) func theExamplesOfTheStandard(example: Example) throws {
        let window = try local(example.start, hour: 0)...local(example.end)
        let days = try starts(example, in: window).map(written)
        #expect((example.isWhole ? days : Array(days.prefix(example.days.count))) == example.days)
        #expect(example.isWhole || days.count > example.days.count || example.rule.contains("YEARLY"))
    }

    /// What falls into a window does not depend on where it begins.
    @Test(arguments: examples) func aWindowShowsThePartThatItShows(example: Example) throws {
        var random = RandomSource(seed: 5_545)
        let first = try local(example.start, hour: 0)
        let all = try starts(example, in: first...local(example.end))
        for _ in 0..<40 {
            let begin = first + Int64.random(in: -100...(example.end < "2" ? 600 : 3_000), using: &random) * 86_400
            let end = begin + Int64.random(in: 0...200, using: &random) * 86_400
            let shown = try starts(example, in: begin...end)
            #expect(shown == all.filter { (begin...end).contains($0) })
        }
    }

    @Test func everyDayInJanuaryForThreeYears() throws {
        let days = "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA"
        let window = try local("19970101")...local("20121231")
        let one = try starts(Example("19980101", days, ""), in: window)
        let other = try starts(Example("19980101", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", ""), in: window)
        #expect(one.count == 93 && one == other)
        #expect(one.first.map(written) == "19980101" && one.last.map(written) == "20000131")
    }

    @Test func dailyUntilChristmas() throws {
        let days = try starts(
            Example("19970902", "FREQ=DAILY;UNTIL=19971224T000000Z", ""), in: local("19970101")...local("19991231"))
        #expect(days.count == 113 && days.last.map(written) == "19971223")
    }

    @Test(arguments: [
        "INTERVAL=2", "FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=DAILY;BYWEEKNO=3", "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=3;UNTIL=20260101", "FREQ=DAILY;INTERVAL=-1", "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;X-RULE=1",
        "FREQ=YEARLY;BYMONTH=-1", "FREQ=MONTHLY;BYWEEKNO=3", "FREQ=YEARLY;BYWEEKNO=54", "FREQ=YEARLY;BYWEEKNO=0",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "FREQ=YEARLY;BYWEEKNO=1;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1",
        "RSCALE=HEBREW;FREQ=YEARLY", "",
    ])
    func whatIsNotUnderstoodMakesNoRule(text: String) {
        #expect(RecurrenceRule(text) == nil)
    }

    /// The examples of the standard that are of hours and minutes, and those of its errata.
    @Test(arguments: [
        ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", [9, 12]),
        ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", [9, 9, 9, 9, 10, 10]),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", [9, 10, 12, 13]),
        ("FREQ=HOURLY;INTERVAL=5;COUNT=3", [9, 14, 19]),
        ("FREQ=DAILY;BYHOUR=9,10,11;BYMINUTE=0,20,40;COUNT=4", [9, 9, 9, 10]),
    ])
    func hoursOfADay(rule: String, hours: [Int]) throws {
        let starts = try starts(
            Example("19970902", rule, ""), in: local("19970902", hour: 0)...local("19970902", hour: 23))
        #expect(starts.map { $0.secondOfDay / 3_600 } == hours)
    }

    /// Hours that do not divide the day, days later.
    @Test func hoursGoOnOverDays() throws {
        let rule = try #require(RecurrenceRule("FREQ=HOURLY;INTERVAL=5"))
        let first = try local("19970902")
        var budget = 1_000
        let window = first + 100 * 86_400...first + 101 * 86_400
        let starts = try #require(rule.starts(of: first, isDay: false, in: window, until: nil, budget: &budget))
        #expect(starts.count == 5 && starts.allSatisfy { ($0.seconds - first.seconds) % (5 * 3_600) == 0 })
    }

    /// Days from the end of a month, in a rule by days.
    @Test func theLastDayOfEachMonth() throws {
        let days = try starts(
            Example("19970131", "FREQ=DAILY;BYMONTHDAY=-1", ""), in: local("19970101")...local("19970430"))
        #expect(days.map(written) == ["19970131", "19970228", "19970331", "19970430"])
    }

    /// Without BYDAY, where libical would write beside its arrays; week 53 exists in some years only, week 1 begins in December.
    @Test(arguments: [
        ("20241202", "FREQ=YEARLY;BYWEEKNO=49", "20241202 20251201 20261130 20271206"),
        ("20201228", "FREQ=YEARLY;BYWEEKNO=53", "20201228 20261228"),
        ("20241230", "FREQ=YEARLY;BYWEEKNO=1", "20241230 20251229 20270104 20280103"),
        ("20241223", "FREQ=YEARLY;BYWEEKNO=-1", "20241223 20251222 20261228 20271227"),
        ("20241229", "FREQ=YEARLY;BYWEEKNO=1;WKST=SU", "20241229 20260104 20270103 20280102"),
        ("20241230", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,FR;COUNT=4", "20241230 20250103 20251229 20260102"),
    ])
    func weeksOfTheYear(start: String, rule: String, expected: String) throws {
        let days = try starts(Example(start, rule, ""), in: local(start, hour: 0)...local("20280201")).map(written)
        #expect(days.joined(separator: " ") == expected)
    }

    @Test func aRuleThatCostsTooMuchIsGivenUp() throws {
        let window = try local("20260101")...local("20260110")
        let rule = try #require(RecurrenceRule("FREQ=DAILY;COUNT=1000000"))
        var budget = 500
        #expect(rule.starts(of: try local("19000101"), isDay: false, in: window, until: nil, budget: &budget) == nil)
        let endless = try #require(RecurrenceRule("FREQ=SECONDLY"))
        budget = RecurrenceRule.budget
        #expect(endless.starts(of: try local("20260101"), isDay: false, in: window, until: nil, budget: &budget) == nil)
        // Reckoned, not tried.
        #expect(budget == RecurrenceRule.budget)
    }

    @Test func aRuleWithoutInstancesIsPaidFor() throws {
        let rule = try #require(RecurrenceRule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"))
        let window = try local("20260101")...local("20260110")
        var budget = 30_000
        #expect(rule.starts(of: try local("20250101"), isDay: false, in: window, until: nil, budget: &budget) == [])
        #expect(rule.starts(of: try local("20250101"), isDay: false, in: window, until: nil, budget: &budget) == nil)
    }
}
