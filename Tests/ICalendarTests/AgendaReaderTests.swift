import Room
import Testing

@testable import ICalendar

@Suite struct AgendaReaderTests {
    /// Monday 2026-06-01 12:00 UTC, 14:00 in Paris.
    private static let noon: Int64 = 1_780_315_200

    private func read(_ text: String, now: Int64 = noon) throws -> Agenda {
        let rule = try #require(PosixZoneRule(Array("CET-1CEST,M3.5.0,M10.5.0/3".utf8)))
        let paris = CalendarZone { rule.offset(at: $0) }
        let eastern = try #require(PosixZoneRule(Array("EST5EDT,M3.2.0,M11.1.0".utf8)))
        let zones = ["Europe/Paris": paris, "America/New_York": CalendarZone { eastern.offset(at: $0) }]
        let reader = AgendaReader(
            zone: paris, namedZone: { zones[$0] },
            room: { ["https://visio.example.org/Conseil": 0, "https://visio.example.org/Bureau": 1][$0] })
        return try #require(reader.read(Array(text.utf8), now: now))
    }

    private func agenda(_ events: String...) throws -> Agenda {
        let all = events.map { "BEGIN:VEVENT\n\($0)\nEND:VEVENT\n" }.joined()
        return try read("BEGIN:VCALENDAR\n" + all + "END:VCALENDAR\n")
    }

    /// Days and times in Paris, in summer.
    private func times(_ agenda: Agenda) -> [String] {
        agenda.meetings.map { meeting in
            func written(_ instant: Int64) -> String {
                let local = LocalTime(seconds: instant + 7_200)
                let (hour, minute) = (local.secondOfDay / 3_600, local.secondOfDay / 60 % 60)
                return "\(local.day.parts.day) \(hour):\(minute < 10 ? "0" : "")\(minute)"
            }
            return written(meeting.start) + "-" + written(meeting.end)
        }
    }

    @Test func timesOfEveryKind() throws {
        let agenda = try agenda(
            "DTSTART:20260601T130000Z\nDTEND:20260601T140000Z\nSUMMARY:UTC",
            "DTSTART;TZID=Europe/Paris:20260601T170000\nDURATION:PT90M\nSUMMARY:Paris",
            "DTSTART;TZID=America/New_York:20260601T120000\nDURATION:PT30M\nSUMMARY:New York",
            "DTSTART:20260601T190000\nDTEND:20260601T193000\nSUMMARY:Floating",
            "DTSTART;VALUE=DATE:20260602\nSUMMARY:A day", "DTSTART;VALUE=DATE:20260603\nDTEND;VALUE=DATE:20260605")
        #expect(
            times(agenda) == [
                "1 15:00-1 16:00", "1 17:00-1 18:30", "1 18:00-1 18:30", "1 19:00-1 19:30", "2 0:00-3 0:00",
                "3 0:00-5 0:00",
            ])
        #expect(agenda.meetings.map(\.isAllDay) == [false, false, false, false, true, true])
        #expect(agenda.meetings.map(\.title) == ["UTC", "Paris", "New York", "Floating", "A day", ""])
        #expect(agenda.omissions.isEmpty)
    }

    /// The folding and the escapes of RFC 5545 sections 3.1 and 3.3.11.
    @Test func linesAreUnfoldedAndEscapesUndone() throws {
        let text =
            "\u{FEFF}BEGIN:VCALENDAR\r\nbegin:vevent\r\nDTSTART:20260601T130000Z\r\nSUMMARY:This is a lo\r\n ng "
            + "description\r\n\t that exists\\; on a\\, long \\\\ line\\nand\\Nmore\r\nEND:VEVENT\r\nEND:VCALENDAR"
        #expect(
            try read(text).meetings.map(\.title) == [
                "This is a long description that exists; on a, long \\ line\nand\nmore"
            ])
        // A character may be cut in the middle of its bytes.
        let bytes = Array("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260601T130000Z\nSUMMARY:\u{C3}".utf8.dropLast(2))
        let whole = bytes + [0xC3] + Array("\r\n ".utf8) + [0xA9] + Array("\nEND:VEVENT\nEND:VCALENDAR\n".utf8)
        let reader = AgendaReader(zone: .utc, namedZone: { _ in nil }, room: { _ in nil })
        #expect(reader.read(whole, now: Self.noon)?.meetings.map(\.title) == ["é"])
    }

    @Test func parametersMayBeQuoted() throws {
        let agenda = try agenda(
            "dtstart;X-A=\"a;b:c\";tzid=\"Europe/Paris\":20260601T170000\nSUMMARY;LANGUAGE=fr;X-B=x,z:quoted")
        #expect(times(agenda) == ["1 17:00-1 17:00"] && agenda.meetings.first?.title == "quoted")
    }

    @Test func aSeriesWithExceptions() throws {
        let agenda = try agenda(
            "UID:w\nDTSTART;TZID=Europe/Paris:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n"
                + "EXDATE;TZID=Europe/Paris:20260602T090000,20260603T090000\nRDATE;TZID=Europe/Paris:20260606T090000\n"
                + "SUMMARY:Bureau",
            "UID:w\nRECURRENCE-ID;TZID=Europe/Paris:20260604T090000\nDTSTART;TZID=Europe/Paris:20260604T140000\n"
                + "DURATION:PT2H\nSUMMARY:Bureau déplacé",
            "UID:w\nRECURRENCE-ID:20260605T070000Z\nSTATUS:CANCELLED\nDTSTART:20260605T070000Z\nSUMMARY:Bureau")
        #expect(
            times(agenda) == [
                "1 9:00-1 10:00", "4 14:00-4 16:00", "6 9:00-6 10:00", "8 9:00-8 10:00", "9 9:00-9 10:00",
            ])
        #expect(agenda.meetings[1].title == "Bureau déplacé")
        #expect(agenda.omissions.isEmpty)
    }

    @Test func anInstanceMayComeFromFarAwayAndGoThere() throws {
        let agenda = try agenda(
            "UID:m\nDTSTART:20260101T080000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYMONTHDAY=2",
            "UID:m\nRECURRENCE-ID:20260602T080000Z\nDTSTART:20260820T080000Z\nDURATION:PT1H",
            "UID:m\nRECURRENCE-ID:20260902T080000Z\nDTSTART:20260603T080000Z\nDURATION:PT1H")
        #expect(times(agenda) == ["3 10:00-3 11:00"])
    }

    @Test func theClockIsChangedInTheMiddleOfASeries() throws {
        // Sunday 2026-10-25 is the end of summer in Paris; the meeting stays at nine there.
        let october = try read(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Europe/Paris:20260601T090000\nDTEND;TZID=Europe/Paris:20260601T100000\n"
                + "RRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n", now: 1_792_800_000)
        let hours = october.meetings.map { $0.start % 86_400 / 3_600 }
        #expect(hours == [7, 7, 8, 8, 8, 8, 8, 8, 8])
        #expect(october.meetings.allSatisfy { $0.end - $0.start == 3_600 })
    }

    @Test func theLatestRevisionCounts() throws {
        let agenda = try agenda(
            "UID:a\nSEQUENCE:2\nDTSTART:20260601T160000Z\nSUMMARY:new",
            "UID:a\nSEQUENCE:1\nDTSTART:20260601T150000Z\nSUMMARY:old",
            "UID:b\nDTSTART:20260602T150000Z", "UID:b\nSEQUENCE:1\nSTATUS:CANCELLED\nDTSTART:20260602T150000Z",
            "UID:c\nDTSTART:20260603T150000Z", "UID:c\nSEQUENCE:3\nDTSTART:20270603T150000Z",
            "DTSTART:20260604T150000Z\nSUMMARY:one", "DTSTART:20260604T150000Z\nSUMMARY:other")
        #expect(agenda.meetings.map(\.title) == ["new", "one", "other"])
    }

    /// Whose beginning is not known.
    @Test(arguments: [
        ("DTSTART;TZID=Mars/Base:20260601T150000", "TZID=Mars/Base"), ("SUMMARY:never", "no DTSTART"),
        ("DTSTART:20260631T150000Z", "DTSTART"), ("DTSTART:20260601T250000Z", "DTSTART"), ("DTSTART:soon", "DTSTART"),
    ])
    func whatHasNoBeginningIsLeftOutAndNamed(event: String, omission: String) throws {
        let agenda = try agenda("SUMMARY:sound\nDTSTART:20260601T150000Z", event)
        #expect(agenda.meetings.map(\.title) == ["sound"])
        #expect(agenda.omissions == [omission])
    }

    /// A part that makes no sense does not take the meeting with it.
    @Test(arguments: [
        ("DTEND;TZID=Mars/Base:20260601T160000", "TZID=Mars/Base", 0),
        ("DTEND:20260601T140000Z", "DTEND before DTSTART", 0),
        ("DTEND;VALUE=DATE:20260602", "DTEND", 0), ("DTEND:20260632T160000Z", "DTEND", 0),
        ("DURATION:-PT5M", "DURATION", 0), ("DURATION:never", "DURATION", 0),
        ("DTEND:20260601T140000Z\nDURATION:PT5M", "DTEND before DTSTART", 300),
        ("RDATE;VALUE=DATE:20260603", "RDATE", 0), ("RRULE:FREQ=FORTNIGHTLY", "RRULE", 0),
        ("RRULE:FREQ=WEEKLY;BYMONTHDAY=3", "RRULE", 0), ("RRULE:RSCALE=CHINESE;FREQ=YEARLY", "RRULE", 0),
        ("EXRULE:nonsense", "EXRULE", 0), ("EXDATE;TZID=Nowhere:20260602T150000", "TZID=Nowhere", 0),
        ("EXDATE:20260230T150000Z,20260602T150000Z", "EXDATE", 0),
    ])
    func aPartWithoutSenseDoesNotCountAndIsNamed(part: String, omission: String, length: Int64) throws {
        let agenda = try agenda("DTSTART:20260601T150000Z\n" + part)
        #expect(agenda.meetings.map { $0.end - $0.start } == [length])
        #expect(agenda.omissions == [omission])
    }

    @Test func theEndCountsBeforeTheDuration() throws {
        let agenda = try agenda("DTSTART:20260601T150000Z\nDURATION:PT5M\nDTEND:20260601T160000Z")
        #expect(times(agenda) == ["1 17:00-1 18:00"] && agenda.omissions.isEmpty)
    }

    @Test func aSeriesThatIsChangedFromSomeDayOn() throws {
        let agenda = try agenda(
            "UID:r\nDTSTART;TZID=Europe/Paris:20260101T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:before",
            "UID:r\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20260603T100000\n"
                + "DTSTART;TZID=Europe/Paris:20260603T170000\nDURATION:PT2H\nSUMMARY:after",
            "UID:r\nRECURRENCE-ID;TZID=Europe/Paris:20260605T100000\nDTSTART;TZID=Europe/Paris:20260605T080000",
            "UID:r\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20260607T100000\nSTATUS:CANCELLED\n"
                + "DTSTART;TZID=Europe/Paris:20260607T100000")
        #expect(
            times(agenda) == [
                "1 10:00-1 11:00", "2 10:00-2 11:00", "3 17:00-3 19:00", "4 17:00-4 19:00", "5 8:00-5 8:00",
                "6 17:00-6 19:00",
            ])
        #expect(agenda.meetings.map(\.title).first == "before" && agenda.omissions.isEmpty)
    }

    /// Of a revision that removes an instance, and an older one that moved it, the later counts.
    @Test func whatALaterRevisionRemovesStaysAway() throws {
        func events(_ series: Int, _ change: Int) -> [String] {
            [
                "UID:s\nSEQUENCE:\(series)\nDTSTART:20260601T150000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260602T150000Z",
                "UID:s\nSEQUENCE:\(change)\nRECURRENCE-ID:20260602T150000Z\nDTSTART:20260602T180000Z",
            ]
        }
        func count(_ texts: [String]) throws -> Int { try agenda(texts[0], texts[1]).meetings.count }
        #expect(try count(events(2, 1)) == 1)
        #expect(try count(events(1, 1)) == 2)
        #expect(try count(events(1, 2)) == 2)
    }

    @Test func omissionsAreLinesForTheJournal() throws {
        let agenda = try agenda("DTSTART;TZID=\u{1B}[31mé\(String(repeating: "x", count: 300)):20260601T150000")
        let omission = try #require(agenda.omissions.first)
        #expect(omission.hasPrefix("TZID= [31mxxx") && omission.count == 80)
    }

    /// Programs name zones in their own ways: Exchange by names of Windows, with a definition; Mozilla with a prefix.
    @Test func zonesByOtherNames() throws {
        let agenda = try read(
            """
            BEGIN:VCALENDAR
            BEGIN:VTIMEZONE
            TZID:Romance Standard Time
            BEGIN:STANDARD
            DTSTART:16010101T030000
            TZOFFSETFROM:+0200
            TZOFFSETTO:+0100
            RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
            END:STANDARD
            BEGIN:DAYLIGHT
            DTSTART:16010101T020000
            TZOFFSETFROM:+0100
            TZOFFSETTO:+0200
            RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
            END:DAYLIGHT
            END:VTIMEZONE
            BEGIN:VEVENT
            DTSTART;TZID="Romance Standard Time":20260601T150000
            DTEND;TZID=Romance Standard Time:20260601T160000
            END:VEVENT
            BEGIN:VEVENT
            DTSTART;TZID=/mozilla.org/20050126_1/Europe/Paris:20260601T170000
            END:VEVENT
            END:VCALENDAR
            """)
        #expect(times(agenda) == ["1 15:00-1 16:00", "1 17:00-1 17:00"])
    }

    @Test func titlesThatAreNotForEverybody() throws {
        let agenda = try agenda(
            "DTSTART:20260601T150000Z\nCLASS:PRIVATE", "DTSTART:20260601T160000Z\nCLASS:CONFIDENTIAL",
            "DTSTART:20260601T170000Z\nCLASS:PUBLIC", "DTSTART:20260601T180000Z\nCLASS:X-OURS")
        #expect(agenda.meetings.map(\.isPrivate) == [true, true, false, true])
    }

    @Test(arguments: [
        ("LOCATION:https://visio.example.org/Conseil", 0), ("LOCATION:visio.example.org/Bureau", 1),
        ("URL:https://visio.example.org/Bureau", 1),
        ("DESCRIPTION:Ordre du jour\\nRejoindre : https://visio.example.org/Conseil.", 0),
        ("DESCRIPTION:<a href=\"https://visio.example.org/Conseil\">ici</a>", 0),
        ("DESCRIPTION:(HTTPS://visio.example.org/x\\; https://visio.example.org/Bureau)", 1),
        ("CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://visio.example.org/Conseil", 0),
        ("LOCATION:Mairie/1er étage", nil), ("DESCRIPTION:https://ailleurs.example.org/Conseil", nil), ("UID:x", nil),
    ])
    func theButtonIsThatOfTheLink(line: String, room: Int?) throws {
        #expect(try agenda("DTSTART:20260601T150000Z\n" + line).meetings.map(\.room) == [room])
    }

    @Test func thePlaceIsAskedBeforeTheDescription() throws {
        let agenda = try agenda(
            "DTSTART:20260601T150000Z\nDESCRIPTION:https://visio.example.org/Bureau\nLOCATION:https://visio.example.org/Conseil"
        )
        #expect(agenda.meetings.map(\.room) == [0])
    }

    @Test func alarmsAndOtherThingsAreNoMeetings() throws {
        let agenda = try read(
            "BEGIN:VCALENDAR\nBEGIN:VTODO\nDTSTART:20260601T130000Z\nEND:VTODO\nBEGIN:VEVENT\nDTSTART:20260601T150000Z\n"
                + "BEGIN:VALARM\nDURATION:PT5M\nDESCRIPTION:https://visio.example.org/Conseil\nEND:VALARM\nEND:VEVENT\n"
                + "BEGIN:X-GROUP\nBEGIN:VEVENT\nDTSTART:20260601T160000Z\nEND:VEVENT\nEND:X-GROUP\nEND:VCALENDAR")
        #expect(agenda.meetings.count == 1 && agenda.meetings.first?.room == nil)
        #expect(agenda.meetings.first.map { $0.end == $0.start } == true)
    }

    @Test func whatIsNoCalendarIsNone() {
        let reader = AgendaReader(zone: .utc, namedZone: { _ in nil }, room: { _ in nil })
        for text in ["", "<!DOCTYPE html><title>Connexion</title>", "BEGIN:VCARD\nEND:VCARD\n"] {
            #expect(reader.read(Array(text.utf8), now: 0) == nil)
        }
    }

    @Test func hugeCalendarsStayBounded() throws {
        var text = "BEGIN:VCALENDAR\n"
        for index in 0..<25_000 { text += "BEGIN:VEVENT\nUID:\(index)\nDTSTART:20260602T100000Z\nEND:VEVENT\n" }
        let agenda = try read(text)
        #expect(agenda.meetings.count == 500)
        #expect(agenda.omissions == ["more than 20000 events", "more than 500 meetings in a week"])
        let long =
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260602T100000Z\nDESCRIPTION:"
            + String(repeating: "x", count: 70_000)
            + "\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20260602T100000Z\nSUMMARY:"
            + String(repeating: "y", count: 70_000) + "\nEND:VEVENT\n"
        let cut = try read(long)
        #expect(cut.meetings.map(\.title) == ["", ""] && cut.omissions == ["SUMMARY"])
    }

    @Test(arguments: [
        ("P1DT5H0M20S", 104_420), ("P1W", 604_800), ("+PT1H", 3_600), ("PT0S", 0),
    ])
    func durations(text: String, seconds: Int64) throws {
        let agenda = try agenda("DTSTART:20260601T150000Z\nDURATION:" + text)
        #expect(agenda.meetings.map { $0.end - $0.start } == [seconds] && agenda.omissions.isEmpty)
    }

    /// Series that cost too much are given up one by one; what is beside them stays.
    @Test func rulesThatCostTooMuchAreGivenUp() throws {
        for rule in ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=1000000000", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] {
            let agenda = try agenda(
                "DTSTART:19000101T150000Z\nRRULE:" + rule, "DTSTART:20260501T150000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=2")
            #expect(times(agenda) == ["2 17:00-2 17:00"], "\(rule)")
        }
    }
}
