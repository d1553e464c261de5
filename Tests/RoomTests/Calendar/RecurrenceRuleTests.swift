import Basis
import Testing

@testable import Room

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
            "20070115", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "20070115 20070130 20070215 20070315 20070330"),
    ]

    private func local(_ day: String, hour: Int = 9) throws -> LocalTime {
        guard case .day(let day) = try #require(CalendarTime(day)) else { throw CancellationError() }
        return LocalTime(day, secondOfDay: hour * 3_600)
    }

    private func written(_ time: LocalTime) -> String {
        let (year, month, day) = time.day.parts
        return "\(year * 10_000 + month * 100 + day)"
    }

    private func starts(_ example: Example, in window: ClosedRange<LocalTime>) throws -> [LocalTime] {
        let rule = try RecurrenceRule(example.rule)
        var budget = 10_000
        // New York, but for the hour.
        let until = rule.until.map { $0.local { LocalTime(seconds: $0 - 5 * 3_600) } }
        let starts = rule.starts(of: try local(example.start), in: window, until: until, budget: &budget)
        #expect(budget >= 0)
        return starts
    }

    @Test(arguments: examples) func theExamplesOfTheStandard(example: Example) throws {
        let window = try local(example.start, hour: 0)...local("20121231")
        let days = try starts(example, in: window).map(written)
        #expect((example.isWhole ? days : Array(days.prefix(example.days.count))) == example.days)
        #expect(example.isWhole || days.count > example.days.count || example.rule.contains("YEARLY"))
    }

    /// What falls into a window does not depend on where it begins.
    @Test(arguments: examples) func aWindowShowsThePartThatItShows(example: Example) throws {
        var random = RandomSource(seed: 5_545)
        let first = try local(example.start, hour: 0)
        let all = try starts(example, in: first...local("20121231"))
        for _ in 0..<40 {
            let begin = first + Int64.random(in: -100...3_000, using: &random) * 86_400
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
        ("FREQ=HOURLY;INTERVAL=3", "FREQ=HOURLY"), ("FREQ=MINUTELY;COUNT=4", "FREQ=MINUTELY"),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "BYYEARDAY=1,100,200"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "BYWEEKNO=20"), ("FREQ=DAILY;BYHOUR=9,10", "BYHOUR=9,10"),
        ("INTERVAL=2", "FREQ="), ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"), ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"), ("FREQ=DAILY;COUNT=3;UNTIL=20260101", "UNTIL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1"), ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY=54MO"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY=XX"), ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=MONTHLY;BYMONTHDAY=", "BYMONTHDAY="), ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW"),
        ("FREQ=DAILY;X-RULE=1", "X-RULE=1"), ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH=-1"),
    ])
    func whatIsNotUnderstoodMakesNoRule(text: String, part: String) {
        #expect(throws: RecurrenceRule.Problem(part: part)) { try RecurrenceRule(text) }
    }

    @Test func aRuleThatIsTooMuchIsGivenUp() throws {
        let rule = try RecurrenceRule("FREQ=DAILY;COUNT=1000000")
        var budget = 500
        let starts = rule.starts(
            of: try local("19000101"), in: try local("20260101")...local("20260110"), until: nil, budget: &budget)
        #expect(starts.isEmpty && budget < 0)
    }
}
