internal import Room

/// One agenda being made of the events of a text.
struct AgendaMaking {
    private var zones: ZoneNames
    let period: ClosedRange<Int64>
    private var budget = RecurrenceRule.budget
    private let room: (String) -> Int?
    private(set) var meetings: [ScheduledMeeting] = []
    private(set) var omissions: Set<String> = []

    private static let maximumOmissions = 100
    /// Of all series together, before the period is looked at closely.
    private static let maximumMeetings = 5_000

    init(zones: ZoneNames, period: ClosedRange<Int64>, room: @escaping (String) -> Int?) {
        self.zones = zones
        self.period = period
        self.room = room
    }

    /// Names what does not count, in printable ASCII: it was written by others.
    mutating func omit(_ reason: String) {
        guard omissions.count < Self.maximumOmissions else { return }
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

    /// An instance of a series.
    private struct Instance {
        var start: Moment
        /// Its own length, where RDATE gives one.
        var length: CalendarDuration?
    }

    /// Instances as they are named by EXDATE and RECURRENCE-ID.
    private struct InstanceSet {
        var days: Set<CivilDay> = []
        var instants: Set<Int64> = []

        /// A day stands for what is on it; programs write that although they should not.
        func contains(_ start: Moment) -> Bool {
            days.contains(start.local.day) || !start.isDay && instants.contains(start.instant)
        }
    }

    mutating func make(_ events: [CalendarEvent]) {
        let (series, changes) = Self.revisions(of: events)
        for event in series { make(event, changes: event.uid.isEmpty ? [] : changes[event.uid] ?? []) }
        let byUID = Dictionary(grouping: series.lazy.filter { !$0.uid.isEmpty }, by: \.uid)
        for change in changes.values.joined() where !change.isCancelled {
            let series = byUID[change.uid] ?? []
            // A change of all later instances is made with its series.
            if change.isRange, !series.isEmpty { continue }
            if !series.isEmpty, series.allSatisfy({ $0.isCancelled || excludes($0, change) }) { continue }
            makeOne(change)
        }
    }

    /// Whether the series says, in a later revision, that the instance no longer takes place.
    private mutating func excludes(_ series: CalendarEvent, _ change: CalendarEvent) -> Bool {
        guard change.sequence < series.sequence, let start = series.start.flatMap({ moment($0) }),
            let named = change.instance,
            let instance = moment(named, of: start)
        else { return false }
        return instances(series.except, of: start).contains(instance)
    }

    /// Of each meeting and each of its instances the latest revision: single meetings and series, and the changed instances by
    /// the UID of their series.
    private static func revisions(
        of events: [CalendarEvent]
    ) -> (series: [CalendarEvent], changes: [String: [CalendarEvent]]) {
        struct Key: Hashable {
            var uid: String
            var instance: CalendarTime?
        }
        var places: [Key: [Int]] = [:]
        var kept: [CalendarEvent?] = []
        for event in events {
            let key = Key(uid: event.uid, instance: event.instance)
            let others = event.uid.isEmpty ? [] : places[key] ?? []
            if others.contains(where: { (kept[$0]?.sequence ?? 0) > event.sequence }) { continue }
            // Of the same revision, at another time: two meetings to which a program gave one UID.
            let replaced = others.filter { place in
                guard let other = kept[place] else { return false }
                return other.sequence < event.sequence || event.instance != nil || other.start == event.start
                    || other.start == nil
            }
            for place in replaced { kept[place] = nil }
            guard others.count - replaced.count < 10 else { continue }
            places[key] = others.filter { !replaced.contains($0) } + [kept.count]
            kept.append(event)
        }
        let latest = kept.compactMap { $0 }
        return (
            latest.filter { $0.instance == nil },
            Dictionary(grouping: latest.lazy.filter { $0.instance != nil }, by: \.uid)
        )
    }

    /// An event with all its instances, but for those that `changes` stand for.
    private mutating func make(_ event: CalendarEvent, changes: [CalendarEvent]) {
        guard !event.isCancelled else { return }
        for problem in event.problems { omit(problem) }
        guard let start = start(of: event) else { return }
        let length = length(of: event, from: start)
        let ranges = changes.filter(\.isRange).compactMap { range($0, of: start) }.sorted { $0.from < $1.from }
        guard let begun = instances(of: event, from: start, length: length, shift: ranges.map(\.shift)) else { return }
        var excluded = instances(event.except, of: start)
        let named = instances(changes.lazy.filter { !$0.isRange }.compactMap(\.instance), of: start)
        excluded.days.formUnion(named.days)
        excluded.instants.formUnion(named.instants)
        for one in begun where !excluded.contains(one.start) {
            guard let range = ranges.last(where: { $0.from <= one.start.local }) else {
                add(event, at: one.start, one.length ?? length)
                continue
            }
            guard !range.event.isCancelled else { continue }
            let moved = Moment(local: one.start.local + range.shift, zone: one.start.zone, isDay: one.start.isDay)
            add(range.event, at: moved, range.length)
        }
    }

    /// A change of all instances from one on (RFC 5545 section 3.2.13): by how much they are moved on the clocks of the series.
    private struct Range {
        var event: CalendarEvent
        var from: LocalTime
        var shift: Int64
        var length: CalendarDuration
    }

    private mutating func range(_ change: CalendarEvent, of series: Moment) -> Range? {
        for problem in change.problems { omit(problem) }
        guard let named = change.instance, let instance = moment(named, of: series) else {
            if let named = change.instance { omit(reasonWithoutZone(named)) }
            return nil
        }
        guard !change.isCancelled else {
            return Range(event: change, from: instance.local, shift: 0, length: CalendarDuration())
        }
        guard let start = start(of: change) else { return nil }
        let local = start.isDay ? start.local : series.zone.local(of: start.instant)
        return Range(
            event: change, from: instance.local, shift: local.seconds &- instance.local.seconds,
            length: length(of: change, from: start))
    }

    /// The instances near the period; nil, and named, when they are not known.
    private mutating func instances(
        of event: CalendarEvent, from start: Moment, length: CalendarDuration, shift: [Int64]
    ) -> [Instance]? {
        let span = Int64(length.days) &* 86_400 &+ length.seconds
        let margin: Int64 = 2 * 86_400 + min(366 * 86_400, shift.map(abs).max() ?? 0)
        let window =
            LocalTime(seconds: period.lowerBound &- span &- margin)...LocalTime(seconds: period.upperBound &+ margin)
        guard let locals = starts(event.rules, from: start, in: window, orFirst: true),
            let excepted = starts(event.exceptionRules, from: start, in: window, orFirst: false)
        else { return nil }
        var begun = locals.subtracting(excepted).sorted()
            .map { Instance(start: Moment(local: $0, zone: start.zone, isDay: start.isDay)) }
        var instants: [Int64: Int] = [:]
        for (index, one) in begun.enumerated() { instants[one.start.instant] = index }
        for period in event.further {
            guard let one = moment(period.start, of: start), one.isDay == start.isDay else {
                omit(moment(period.start) == nil ? reasonWithoutZone(period.start) : "RDATE")
                continue
            }
            let length = period.end.flatMap { moment($0) }
                .map { CalendarDuration(seconds: max(0, $0.instant &- one.instant)) }
            let instance = Instance(start: one, length: length ?? period.duration)
            if let index = instants[one.instant] {
                if instance.length != nil { begun[index] = instance }
            } else {
                instants[one.instant] = begun.count
                begun.append(instance)
            }
        }
        return begun
    }

    /// The starts of several rules; nil, and named, where they are too many.
    ///
    /// - Parameter orFirst: the series begins with its start, whatever the rules are.
    private mutating func starts(
        _ rules: [RecurrenceRule], from start: Moment, in window: ClosedRange<LocalTime>, orFirst: Bool
    ) -> Set<LocalTime>? {
        var starts: Set<LocalTime> = orFirst && window.contains(start.local) ? [start.local] : []
        for rule in rules {
            let until = rule.until.map { $0.local { start.zone.local(of: $0) } }
            guard
                var found = rule.starts(
                    of: start.local, isDay: start.isDay, in: window, until: until, budget: &budget)
            else {
                omit("too many instances: " + rule.text)
                return nil
            }
            // The start of the series is excepted only where the rule says so.
            if !orFirst, found.first == start.local, !rule.includes(start.local, isDay: start.isDay) {
                found.removeFirst()
            }
            starts.formUnion(found)
        }
        return starts
    }

    /// An event that happens once.
    private mutating func makeOne(_ event: CalendarEvent) {
        for problem in event.problems { omit(problem) }
        guard let start = start(of: event) else { return }
        add(event, at: start, length(of: event, from: start))
    }

    private mutating func add(_ event: CalendarEvent, at start: Moment, _ length: CalendarDuration) {
        let begin = start.instant
        let day = start.zone.instant(of: start.local + Int64(length.days) &* 86_400)
        let end = max(begin, day &+ length.seconds)
        guard end >= period.lowerBound, begin <= period.upperBound, meetings.count < Self.maximumMeetings else {
            return
        }
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
        case .zoned(let local, let name):
            zones.zone(name, budget: &budget).map { Moment(local: local, zone: $0, isDay: false) }
        }
    }

    /// The instance of a series that a time names, by the clocks of the series. In a series of whole days it is the day by the
    /// time's own clocks; by those of the room where it is midnight there.
    private mutating func moment(_ time: CalendarTime, of series: Moment) -> Moment? {
        guard let named = moment(time) else { return nil }
        if series.isDay {
            let local = zones.own.local(of: named.instant)
            let isMidnight = !named.isDay && local.secondOfDay == 0
            let day = (isMidnight && named.local.secondOfDay != 0 ? local : named.local).day
            return Moment(local: LocalTime(day), zone: series.zone, isDay: true)
        }
        if named.isDay { return Moment(local: named.local, zone: series.zone, isDay: true) }
        return Moment(local: series.zone.local(of: named.instant), zone: series.zone, isDay: false)
    }

    private mutating func instances(_ times: some Sequence<CalendarTime>, of series: Moment) -> InstanceSet {
        var set = InstanceSet()
        for time in times {
            guard let named = moment(time, of: series) else {
                omit(reasonWithoutZone(time))
                continue
            }
            if named.isDay { set.days.insert(named.local.day) } else { set.instants.insert(named.instant) }
        }
        return set
    }

    /// When an event begins; nil, and named, when that is not known.
    private mutating func start(of event: CalendarEvent) -> Moment? {
        guard let time = event.start else {
            if !event.problems.contains("DTSTART") { omit("no DTSTART") }
            return nil
        }
        guard let start = moment(time) else {
            omit(reasonWithoutZone(time))
            return nil
        }
        return start
    }

    /// How long each instance lasts (RFC 5545 sections 3.6.1 and 3.8.5.3). An end that makes no sense is named and does not count.
    private mutating func length(of event: CalendarEvent, from start: Moment) -> CalendarDuration {
        let unknown = event.duration ?? CalendarDuration(days: start.isDay ? 1 : 0)
        guard let time = event.end else { return unknown }
        guard let end = moment(time) else {
            omit(reasonWithoutZone(time))
            return unknown
        }
        guard end.isDay == start.isDay else {
            omit("DTEND")
            return unknown
        }
        if start.isDay {
            // Some programs end a day on itself.
            return CalendarDuration(days: max(1, end.local.day.number - start.local.day.number))
        }
        let seconds = end.instant &- start.instant
        guard seconds >= 0 else {
            omit("DTEND before DTSTART")
            return unknown
        }
        return CalendarDuration(seconds: seconds)
    }

    private func reasonWithoutZone(_ time: CalendarTime) -> String {
        if case .zoned(_, let name) = time { "TZID=\(name)" } else { "a time" }
    }
}
