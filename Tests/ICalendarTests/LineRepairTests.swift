import Testing

@testable import ICalendar

@Suite struct LineRepairTests {
    private func repaired(_ line: String) -> [String] {
        let name = line.prefix { $0 != ":" && $0 != ";" }
        return LineRepair.repair(String(name), Array(line.utf8)).map { String(decoding: $0.line, as: UTF8.self) }
    }

    @Test(arguments: [
        ("RRULE:", nil), ("RRULE:FREQ=WEEKLY;BYDAY=TU,", "RRULE:FREQ=WEEKLY;BYDAY=TU"),
        ("RRULE:FREQ=DAILY;;BYMONTH=;COUNT=2;", "RRULE:FREQ=DAILY;COUNT=2"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO, FR", "RRULE:FREQ=WEEKLY;BYDAY=MO,FR"),
        ("RRULE:FREQ=DAILY;UNTIL=20261201T1000z", "RRULE:FREQ=DAILY;UNTIL=20261201T100000Z"),
        ("RRULE:nonsense", "RRULE:nonsense"), ("DTSTART:20261201T1000", "DTSTART:20261201T100000"),
        ("DTSTART;TZID=GMT+05:30:20261201t1000z", "DTSTART;TZID=GMT+05:30:20261201T100000Z"),
        ("DTEND:", nil), ("DTEND:20261201", "DTEND:20261201"),
        ("EXDATE:20261201T1000,,20261202", "EXDATE:20261201T100000,20261202"),
        ("RDATE:20261201T1000/PT1H", "RDATE:20261201T100000/PT1H"), ("SUMMARY:a, b;", "SUMMARY:a, b;"),
    ])
    func linesWithOneMeaning(line: String, expected: String?) {
        #expect(repaired(line) == (expected.map { [$0] } ?? []))
    }

    /// libical keeps 500 values of a line.
    @Test func longListsBecomeSeveralLines() {
        let lines = LineRepair.repair(
            "EXDATE", Array(("EXDATE:" + Array(repeating: "20261201", count: 900).joined(separator: ",")).utf8))
        #expect(lines.map(\.values) == [400, 400, 100])
    }
}
