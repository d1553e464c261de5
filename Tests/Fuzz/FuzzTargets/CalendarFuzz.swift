import Basis
import ICalendar
import Room

/// An iCalendar text in a zone with summer time; where it begins like one, a file of the tz database.
func fuzzCalendar(_ bytes: [UInt8]) throws(BrokenProperty) {
    if let zone = CalendarZone(file: bytes) {
        let reader = AgendaReader(zone: zone, namedZone: { _ in zone }, room: { _ in nil })
        _ = reader.read(Array("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260601T100000\nEND:VEVENT".utf8), now: noon)
        return
    }
    // Half a year each, and the whole year round.
    let zone = CalendarZone { $0 / 15_778_800 % 2 == 0 ? 3_600 : 7_200 }
    let reader = AgendaReader(
        zone: zone, namedZone: { $0.hasPrefix("Europe/") ? zone : nil },
        room: { $0.hasSuffix("/Conseil") ? 0 : nil })
    guard let agenda = reader.read(bytes, now: noon) else { return }
    try check(agenda.meetings.count <= 500 && agenda.omissions.count <= 20, "calendar: bounded")
    for meeting in agenda.meetings {
        try check(meeting.start <= meeting.end, "calendar: ends after it begins")
        try check(meeting.end >= agenda.period.lowerBound, "calendar: not over")
        try check(meeting.start <= agenda.period.upperBound, "calendar: not too far")
        try check(meeting.title.unicodeScalars.count <= 200, "calendar: a bounded title")
        try check((meeting.room ?? 0) == 0, "calendar: a room that there is")
    }
    for omission in agenda.omissions {
        try check(omission.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "calendar: a line for the journal")
    }
    for hour in 0..<48 {
        let now = noon + Int64(hour) * 3_600
        guard let next = agenda.next(at: now) else { continue }
        try check(next.end >= now && next.start < now + Agenda.view, "calendar: runs, or begins within a day")
    }
}

/// 2026-06-01 12:00 UTC.
private let noon: Int64 = 1_780_315_200
