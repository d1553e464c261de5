/// A time zone: how far its clocks are ahead of UTC at each instant.
package struct CalendarZone: Sendable {
    /// Seconds east of UTC at an instant, in seconds since 1970 UTC.
    let offset: @Sendable (Int64) -> Int

    package init(offset: @escaping @Sendable (Int64) -> Int) {
        self.offset = offset
    }

    /// Coordinated Universal Time.
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
