/// One agenda being made of the events of a text.
struct AgendaMaking {
    var zones: Zones
    let period: ClosedRange<Int64>
    var budget: Int
    let room: (String) -> Int?
    private(set) var meetings: [ScheduledMeeting] = []
    private(set) var omissions: Set<String> = []

    init(zones: Zones, period: ClosedRange<Int64>, budget: Int, room: @escaping (String) -> Int?) {
        self.zones = zones
        self.period = period
        self.budget = budget
        self.room = room
    }

    /// Tells what is left out, in printable ASCII: it was written by others.
    mutating func omit(_ reason: String) {
        guard omissions.count < 100 else { return }
        let printable = reason.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(80)
        omissions.insert(String(String.UnicodeScalarView(printable)))
    }

    /// A time of some zone, ready to be reckoned with.
    private struct Moment {
        var local: LocalTime
        var zone: CalendarZone
        var isDay: Bool

        var instant: Int64 { zone.instant(of: local) }
    }

    mutating func make(_ events: [CalendarEvent]) {
        var series: [CalendarEvent] = []
        var changed: [String: [CalendarEvent]] = [:]
        for event in Self.latest(events) {
            if event.instance == nil { series.append(event) } else { changed[event.uid, default: []].append(event) }
        }
        for event in series { make(event, changes: event.uid.isEmpty ? [] : changed[event.uid] ?? []) }
        let gone = Set(series.lazy.filter { $0.isCancelled && !$0.uid.isEmpty }.map(\.uid))
        for event in changed.values.joined() where !event.isCancelled && !gone.contains(event.uid) {
            if let reason = makeOne(event) { omit(reason) }
        }
    }

    /// Of each meeting and each of its instances the latest revision.
    private static func latest(_ events: [CalendarEvent]) -> [CalendarEvent] {
        struct Key: Hashable {
            var uid: String
            var instance: CalendarTime?
        }
        var places: [Key: Int] = [:]
        var kept: [CalendarEvent] = []
        for event in events {
            let key = Key(uid: event.uid, instance: event.instance)
            if !event.uid.isEmpty, let place = places[key] {
                if event.sequence >= kept[place].sequence { kept[place] = event }
            } else {
                places[key] = kept.count
                kept.append(event)
            }
        }
        return kept
    }

    /// An event with all its instances, but for those that `changes` stand for.
    private mutating func make(_ event: CalendarEvent, changes: [CalendarEvent]) {
        guard !event.isCancelled else { return }
        // Of a series whose exceptions are not known nothing is certain.
        if let reason = event.problem ?? changes.lazy.compactMap(\.problem).first { return omit(reason) }
        if event.rule == nil, event.further.isEmpty, changes.isEmpty, event.except.isEmpty {
            if let reason = makeOne(event) { omit(reason) }
            return
        }
        guard let start = event.start.flatMap({ moment($0) }), let length = length(of: event, from: start) else {
            return omit(reasonWithoutTime(event))
        }
        guard var begun = starts(of: event, from: start, length: length) else { return }
        var (days, instants): (Set<CivilDay>, Set<Int64>) = ([], [])
        for time in event.except + changes.compactMap(\.instance) {
            guard let excepted = moment(time) else { return omit(reasonWithoutZone(time)) }
            // A day stands for what is on it; programs write that although they should not.
            if excepted.isDay { days.insert(excepted.local.day) } else { instants.insert(excepted.instant) }
        }
        begun.removeAll { days.contains($0.local.day) || instants.contains($0.instant) }
        for one in begun { add(event, at: one, length) }
    }

    /// The instances near the period; nil, and told, when they are not known.
    private mutating func starts(
        of event: CalendarEvent, from start: Moment, length: CalendarDuration
    ) -> [Moment]? {
        let span = Int64(length.days) &* 86_400 &+ length.seconds
        let margin: Int64 = 2 * 86_400
        let window =
            LocalTime(seconds: period.lowerBound &- span &- margin)...LocalTime(seconds: period.upperBound &+ margin)
        var locals = [start.local]
        if let rule = event.rule {
            let until = rule.until.map { $0.local { start.zone.local(of: $0) } }
            locals = rule.starts(of: start.local, in: window, until: until, budget: &budget)
            guard budget >= 0 else {
                omit("RRULE: too many instances")
                return nil
            }
        }
        var begun = locals.map { Moment(local: $0, zone: start.zone, isDay: start.isDay) }
        var instants = Set(begun.map(\.instant))
        for time in event.further {
            guard let one = moment(time) else {
                omit(reasonWithoutZone(time))
                return nil
            }
            // A meeting of whole days has days, one with times has times.
            guard one.isDay == start.isDay else {
                omit("RDATE")
                return nil
            }
            if instants.insert(one.instant).inserted { begun.append(one) }
        }
        return begun
    }

    /// An event that happens once; why it cannot be told when, or nil.
    private mutating func makeOne(_ event: CalendarEvent) -> String? {
        if let problem = event.problem { return problem }
        guard let start = event.start.flatMap({ moment($0) }), let length = length(of: event, from: start) else {
            return reasonWithoutTime(event)
        }
        add(event, at: start, length)
        return nil
    }

    private mutating func add(_ event: CalendarEvent, at start: Moment, _ length: CalendarDuration) {
        let begin = start.instant
        let day = start.zone.instant(of: start.local + Int64(length.days) &* 86_400)
        let end = day &+ length.seconds
        guard end >= period.lowerBound, begin <= period.upperBound else { return }
        let room = room
        meetings.append(
            ScheduledMeeting(
                title: event.title, isPrivate: event.isPrivate, start: begin, end: end, isAllDay: start.isDay,
                room: event.links.lazy.compactMap { room($0) }.first))
    }

    // MARK: Times

    private mutating func moment(_ time: CalendarTime) -> Moment? {
        switch time {
        case .day(let day): Moment(local: LocalTime(day), zone: zones.own, isDay: true)
        case .floating(let local): Moment(local: local, zone: zones.own, isDay: false)
        case .utc(let instant): Moment(local: LocalTime(seconds: instant), zone: .utc, isDay: false)
        case .zoned(let local, let name): zones.zone(name).map { Moment(local: local, zone: $0, isDay: false) }
        }
    }

    /// How long each instance lasts (RFC 5545 sections 3.6.1 and 3.8.5.3); nil when that is not known.
    private mutating func length(of event: CalendarEvent, from start: Moment) -> CalendarDuration? {
        if let duration = event.duration { return event.end == nil ? duration : nil }
        guard let time = event.end else { return CalendarDuration(days: start.isDay ? 1 : 0) }
        guard let end = moment(time), end.isDay == start.isDay else { return nil }
        if start.isDay {
            // Some programs end a day on itself.
            return CalendarDuration(days: max(1, end.local.day.number - start.local.day.number))
        }
        let seconds = end.instant &- start.instant
        return seconds >= 0 ? CalendarDuration(seconds: seconds) : nil
    }

    private mutating func reasonWithoutTime(_ event: CalendarEvent) -> String {
        guard let start = event.start else { return "no DTSTART" }
        if moment(start) == nil { return reasonWithoutZone(start) }
        guard let end = event.end, event.duration == nil else { return "DURATION" }
        return moment(end) == nil ? reasonWithoutZone(end) : "DTEND"
    }

    private func reasonWithoutZone(_ time: CalendarTime) -> String {
        if case .zoned(_, let name) = time { "TZID=\(name)" } else { "a time" }
    }
}
