import FoundationEssentials
import Room
import Testing

@testable import ICalendar

/// Shapes that calendars in the field have (`Fixtures`), asked at 2026-12-01 07:00 UTC in a room in Paris.
@Suite struct CalendarCasesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        /// What is spoken of on 1 December, by the clocks of Paris; nil for nothing.
        var meeting: String?
        var title: String?
        var omissions: [String] = []
        var room: Int?

        var testDescription: String { file }
    }

    static let cases = [
        Case(file: "zone-windows-name-alone", meeting: "10:00-11:00"),
        Case(file: "zone-vtimezone-empty-x-lic-location", meeting: "10:00-11:00"),
        Case(file: "zone-vtimezone-byhour", meeting: "10:00-11:00"),
        Case(file: "zone-quoted-in-vtimezone", meeting: "10:00-11:00"),
        Case(file: "zone-leading-slash", meeting: "10:00-11:00"),
        Case(file: "rrule-empty", meeting: "10:00-11:00"),
        Case(file: "rrule-byhour-same-as-start", meeting: "10:00-11:00"),
        Case(file: "rrule-byyearday", meeting: "10:00-11:00"),
        Case(file: "rrule-byweekno", meeting: "10:00-11:00"),
        Case(file: "rrule-hourly", meeting: "10:00-11:00"),
        Case(file: "rrule-twice-the-same", meeting: "10:00-11:00"),
        Case(file: "rrule-byday-trailing-comma", meeting: "10:00-11:00"),
        Case(file: "rdate-period", meeting: "10:00-12:00"),
        Case(file: "exrule", meeting: "10:00-11:00"),
        Case(file: "recurrence-id-range-later", meeting: "10:00-11:00", title: "Serie"),
        Case(file: "allday-override-named-by-time", meeting: nil),
        Case(file: "override-older-than-exdate", meeting: nil),
        Case(file: "uid-shared-by-two-meetings", meeting: "10:00-11:00", title: "Une"),
        // Its end makes no sense, so it has none.
        Case(file: "end-before-start", meeting: "11:00-11:00", omissions: ["DTEND before DTSTART"]),
        Case(file: "dtend-and-duration", meeting: "10:00-11:30"),
        Case(file: "time-without-seconds", meeting: "10:00-11:00"),
        Case(file: "link-guillemets", meeting: "10:00-11:00", room: 0),
        Case(file: "link-zero-width-space", meeting: "10:00-11:00", room: 0),
        Case(file: "link-html-entities", meeting: "10:00-11:00", room: 0),
        Case(file: "link-safelinks", meeting: "10:00-11:00", room: 0),
        Case(file: "link-http", meeting: "10:00-11:00", room: 0),
        Case(file: "link-app-scheme", meeting: "10:00-11:00", room: 0),
        Case(file: "link-x-alt-desc-only", meeting: "10:00-11:00", room: 0),
    ]

    /// 2026-12-01 07:00 UTC.
    private static let now: Int64 = 1_796_108_400

    static func read(_ file: String) throws -> Agenda {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let bytes = Array(try Data(contentsOf: folder.appending(path: file + ".ics")))
        let rule = try #require(PosixZoneRule(Array("CET-1CEST,M3.5.0,M10.5.0/3".utf8)))
        let british = try #require(PosixZoneRule(Array("GMT0BST,M3.5.0/1,M10.5.0".utf8)))
        let paris = CalendarZone { rule.offset(at: $0) }
        let zones = [
            "Europe/Paris": paris, "Europe/Stockholm": paris, "Europe/London": CalendarZone { british.offset(at: $0) },
        ]
        let reader = AgendaReader(
            zone: paris, namedZone: { zones[$0] },
            room: { $0 == "https://visio.ville.example:18443/Conseil" ? 0 : nil })
        return try #require(reader.read(bytes, now: now))
    }

    @Test(arguments: cases) func whatTheFieldWrites(_ each: Case) throws {
        let agenda = try Self.read(each.file)
        let next = agenda.next(at: Self.now)
        func written(_ instant: Int64) -> String {
            let minutes = (instant + 3_600) % 86_400 / 60
            return "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"
        }
        #expect(next.map { written($0.start) + "-" + written($0.end) } == each.meeting)
        if let next { #expect((next.start + 3_600) / 86_400 == (Self.now + 3_600) / 86_400) }
        if let title = each.title { #expect(next?.title == title) }
        #expect(next?.room == each.room)
        #expect(agenda.omissions == each.omissions)
    }

    /// A day that was moved is shown where it was moved to, and nowhere else.
    @Test func aMovedDayIsShownOnce() throws {
        let days = try Self.read("allday-override-named-by-time").meetings.map {
            ($0.start + 3_600 - Self.now / 86_400 * 86_400) / 86_400
        }
        #expect(days == [2, 7])
    }

    /// A change of all later instances, seen from both sides of it.
    @Test func laterInstancesAreMoved() throws {
        let meetings = try Self.read("recurrence-id-range-later").meetings
        #expect(meetings.map(\.title) == ["Serie", "Plus tard"])
        #expect(meetings.map { ($0.start + 3_600) % 86_400 / 3_600 } == [10, 14])
    }

    /// Ten rules of 740,000 instances each, all of which still run: counted, not kept.
    @Test func rulesWithoutEndStayBounded() throws {
        let agenda = try Self.read("rules-without-end")
        #expect(agenda.meetings.isEmpty)
        #expect(agenda.omissions.allSatisfy { $0.hasPrefix("too many instances: FREQ=YEARLY;BYDAY=") })
        #expect(agenda.omissions.count == 1)
    }

    /// What comes with what is not understood stays.
    @Test func oneMeetingNeverTakesOthersWithIt() throws {
        for file in ["rules-without-end", "end-before-start", "exrule"] {
            let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
            let text = String(decoding: try Data(contentsOf: folder.appending(path: file + ".ics")), as: UTF8.self)
            let sound =
                "BEGIN:VEVENT\nUID:sound\nDTSTART:20261201T140000Z\nRRULE:FREQ=WEEKLY\nSUMMARY:sound\nEND:VEVENT\n"
            let whole = text.replacing("END:VCALENDAR", with: sound + "END:VCALENDAR")
            let reader = AgendaReader(zone: .utc, namedZone: { _ in .utc }, room: { _ in nil })
            let agenda = try #require(reader.read(Array(whole.utf8), now: Self.now))
            #expect(agenda.meetings.contains { $0.title == "sound" }, "\(file)")
        }
    }
}
