package import Room

/// Makes an agenda of an iCalendar text (RFC 5545), which libical parses and whose rules it follows.
///
/// What is not understood of a meeting does not count, and is named; a meeting of which it is not known when it begins is left
/// out, for at a wrong time it would be worse than not at all. It never takes others with it.
package struct AgendaReader: Sendable {
    private static let maximumEvents = 20_000
    private static let maximumZones = 200
    private static let maximumMeetings = 500
    private static let maximumOmissions = 20

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

    /// The agenda of the days from `now` on, in seconds since 1970 UTC; nil for what is no calendar.
    package func read(_ bytes: [UInt8], now: Int64) -> Agenda? {
        let period = (now &- Agenda.past)...(now &+ Agenda.reach)
        var scanner = CalendarScanner(bytes)
        var events: [CalendarEvent] = []
        var zones: [ZoneDefinition] = []
        var (isFull, unreadable) = (false, 0)
        while let component = scanner.next() {
            switch component {
            case .event(let piece):
                guard let parsed = ICalComponent.parse(piece.text) else {
                    unreadable += 1
                    continue
                }
                let event = CalendarEvent(parsed, of: piece)
                guard Self.mayMatter(event, in: period) else { continue }
                isFull = isFull || events.count >= Self.maximumEvents
                if !isFull { events.append(event) }
            case .zone(let piece):
                guard zones.count < Self.maximumZones, let parsed = ICalComponent.parse(piece.text) else { continue }
                zones.append(ZoneDefinition(parsed, of: piece))
            }
        }
        guard scanner.isCalendar else { return nil }
        let names = ZoneNames(own: zone, definitions: zones, period: period, named: namedZone)
        var making = AgendaMaking(zones: names, period: period, room: room)
        making.make(events)
        if isFull { making.omit("more than \(Self.maximumEvents) events") }
        if unreadable > 0 { making.omit("VEVENT") }
        let meetings = making.meetings.sorted { ($0.start, $0.end, $0.title) < ($1.start, $1.end, $1.title) }
        if meetings.count > Self.maximumMeetings { making.omit("more than \(Self.maximumMeetings) meetings in a week") }
        return Agenda(
            meetings: Array(meetings.prefix(Self.maximumMeetings)), period: period,
            omissions: Array(making.omissions.sorted().prefix(Self.maximumOmissions)))
    }

    /// A single event far from the period is of no use, unless it stands for an older revision. Zones are at most 26 hours apart.
    private static func mayMatter(_ event: CalendarEvent, in period: ClosedRange<Int64>) -> Bool {
        guard event.problems.isEmpty, event.rules.isEmpty, event.further.isEmpty, event.instance == nil,
            event.sequence == 0, let start = event.start
        else { return true }
        let margin: Int64 = 3 * 86_400
        func clock(_ time: CalendarTime) -> Int64 { time.local { LocalTime(seconds: $0) }.seconds }
        var end = event.end.map(clock) ?? clock(start)
        if let duration = event.duration {
            end = max(end, clock(start) &+ Int64(duration.days) &* 86_400 &+ duration.seconds)
        }
        return max(end, clock(start)) &+ margin >= period.lowerBound && clock(start) &- margin <= period.upperBound
    }
}
