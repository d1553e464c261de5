/// Makes an agenda of an iCalendar text (RFC 5545).
///
/// Whatever is not understood leaves the meeting out that it belongs to, and is told: a meeting at a wrong time would be worse
/// than none.
package struct AgendaReader: Sendable {
    /// Periods of series that are looked at in one text; more is no calendar of a room.
    private static let budget = 2_000_000
    private static let mostMeetings = 500
    private static let mostOmissions = 20

    private let zone: CalendarZone
    private let namedZone: @Sendable (String) -> CalendarZone?
    private let room: @Sendable (String) -> Int?

    /// - Parameters:
    ///   - zone: the room's: that of times without one.
    ///   - namedZone: a zone of the tz database.
    ///   - room: the index of the configured room that has this address.
    package init(
        zone: CalendarZone, namedZone: @escaping @Sendable (String) -> CalendarZone?,
        room: @escaping @Sendable (String) -> Int?
    ) {
        self.zone = zone
        self.namedZone = namedZone
        self.room = room
    }

    /// The agenda of the days from `now` on; nil for what is no calendar.
    package func read(_ bytes: [UInt8], now: Int64) -> Agenda? {
        let period = (now &- Agenda.past)...(now &+ Agenda.reach)
        var reader = CalendarReader()
        reader.read(bytes) { Self.mayMatter($0, in: period) }
        guard reader.isCalendar else { return nil }
        var making = AgendaMaking(
            zones: Zones(own: zone, defined: reader.zones, named: namedZone), period: period, budget: Self.budget,
            room: room)
        making.make(reader.events)
        if reader.hasTooMany { making.omit("more than 20000 events") }
        let meetings = making.meetings.sorted { ($0.start, $0.end, $0.title) < ($1.start, $1.end, $1.title) }
        if meetings.count > Self.mostMeetings { making.omit("more than \(Self.mostMeetings) meetings in a week") }
        return Agenda(
            meetings: Array(meetings.prefix(Self.mostMeetings)), period: period,
            omissions: Array(making.omissions.sorted().prefix(Self.mostOmissions)))
    }

    /// A single event far from the period is of no use, unless it stands for an older revision. Zones are at most 26 hours apart.
    private static func mayMatter(_ event: CalendarEvent, in period: ClosedRange<Int64>) -> Bool {
        guard event.problem == nil, event.rule == nil, event.further.isEmpty, event.instance == nil,
            event.sequence == 0, let start = event.start, event.end == nil || event.duration == nil
        else { return true }
        let margin: Int64 = 3 * 86_400
        func clock(_ time: CalendarTime) -> Int64 { time.local { LocalTime(seconds: $0) }.seconds }
        var end = event.end.map(clock) ?? clock(start)
        if let duration = event.duration { end = end &+ Int64(duration.days) &* 86_400 &+ duration.seconds }
        return end &+ margin >= period.lowerBound && clock(start) &- margin <= period.upperBound
    }
}

/// The zones of one text by their names.
struct Zones {
    let own: CalendarZone
    let defined: [String: CalendarZone]
    let named: @Sendable (String) -> CalendarZone?
    private var known: [String: CalendarZone?] = [:]
    private static let mostKnown = 500

    init(own: CalendarZone, defined: [String: CalendarZone], named: @escaping @Sendable (String) -> CalendarZone?) {
        self.own = own
        self.defined = defined
        self.named = named
    }

    /// By the tz database, which knows more of a zone than texts do; else as the text itself defines it.
    mutating func zone(_ name: String) -> CalendarZone? {
        if let known = known[name] { return known }
        let found = inDatabase(name) ?? defined[name]
        if known.count < Self.mostKnown { known[name] = .some(found) }
        return found
    }

    /// Some programs write `/example.org/20260101/Europe/Paris`.
    private func inDatabase(_ name: String) -> CalendarZone? {
        guard name.utf8.count <= 200 else { return nil }
        if let zone = named(name) { return zone }
        guard name.hasPrefix("/") else { return nil }
        let parts = name.split(separator: "/")
        for count in [3, 2] where parts.count > count {
            if let zone = named(parts.suffix(count).joined(separator: "/")) { return zone }
        }
        return nil
    }
}
