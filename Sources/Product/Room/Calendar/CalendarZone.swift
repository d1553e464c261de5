/// A time zone: how far its clocks are ahead of UTC at each instant.
package struct CalendarZone: Sendable {
    /// Seconds east of UTC at an instant, in seconds since 1970 UTC.
    let offset: @Sendable (Int64) -> Int

    package init(offset: @escaping @Sendable (Int64) -> Int) {
        self.offset = offset
    }

    package static let utc = CalendarZone { _ in 0 }

    func local(of instant: Int64) -> LocalTime {
        LocalTime(seconds: instant &+ Int64(offset(instant)))
    }

    /// The instant at which the clocks show `local`. Where they show it twice the first time is meant; where they skip it
    /// the offset before the gap counts (RFC 5545 section 3.3.5).
    func instant(of local: LocalTime) -> Int64 {
        let before = Int64(offset(local.seconds &- 86_400))
        let after = Int64(offset(local.seconds &+ 86_400))
        guard before != after else { return local.seconds &- before }
        let early = local.seconds &- before
        if Int64(offset(early)) == before { return early }
        let late = local.seconds &- after
        return Int64(offset(late)) == after ? late : early
    }
}

/// STANDARD or DAYLIGHT of a VTIMEZONE (RFC 5545 section 3.6.5).
struct ZoneObservance: Sendable {
    /// When it first begins, by the clocks that were valid before.
    var first: LocalTime
    var offsetBefore: Int
    var offset: Int
    var rule: RecurrenceRule?
    var dates: [LocalTime] = []

    /// When it last began at or before `instant`, in seconds since 1970 UTC.
    func onset(before instant: Int64) -> Int64? {
        let local = LocalTime(seconds: instant &+ Int64(offsetBefore))
        guard first <= local else { return nil }
        var last = first
        for date in dates where date <= local { last = max(last, date) }
        if let rule {
            let until = rule.until.map { $0.local { LocalTime(seconds: $0 &+ Int64(offsetBefore)) } }
            let end = min(local, until ?? local)
            var budget = 100
            // It begins once a year.
            let begun = rule.starts(of: first, in: (end - 400 * 86_400)...end, until: until, budget: &budget)
            if let recent = begun.last { last = max(last, recent) }
        }
        return last.seconds &- Int64(offsetBefore)
    }
}

extension CalendarZone {
    /// The zone of a VTIMEZONE; nil without observances.
    init?(observances: [ZoneObservance]) {
        guard let earliest = observances.min(by: { $0.first < $1.first }) else { return nil }
        self.init { instant in
            let begun = observances.compactMap { each in each.onset(before: instant).map { (at: $0, each.offset) } }
            return begun.max { $0.at < $1.at }?.1 ?? earliest.offsetBefore
        }
    }
}
