/// A meeting that the room's calendar holds.
package struct ScheduledMeeting: Equatable, Sendable {
    /// As somebody wrote it, empty where nobody did; not to be shown where `isPrivate`.
    package var title: String
    package var isPrivate: Bool
    /// Seconds since 1970 UTC.
    package var start: Int64
    package var end: Int64
    /// Of whole days, by the room's clocks.
    package var isAllDay: Bool
    /// Index of the configured room that its place or description names.
    package var room: Int?

    package init(
        title: String, isPrivate: Bool = false, start: Int64, end: Int64, isAllDay: Bool = false, room: Int? = nil
    ) {
        self.title = title
        self.isPrivate = isPrivate
        self.start = start
        self.end = end
        self.isAllDay = isAllDay
        self.room = room
    }
}

/// The meetings of the next days.
package struct Agenda: Equatable, Sendable {
    /// So far a calendar is read: for as long it serves while its server is away.
    package static let reach: Int64 = 8 * 86_400
    /// So far before the present, for what runs.
    package static let past: Int64 = 86_400
    /// What begins later is not spoken of.
    package static let view: Int64 = 86_400
    /// What begins so soon is more important than what runs.
    package static let soon: Int64 = 300

    /// In the order in which they begin.
    package var meetings: [ScheduledMeeting]
    /// What it was read for, in seconds since 1970 UTC.
    package var period: ClosedRange<Int64>
    /// What the calendar holds and is not understood, without a word of the meetings themselves.
    package var omissions: [String]

    package init(meetings: [ScheduledMeeting], period: ClosedRange<Int64>, omissions: [String] = []) {
        self.meetings = meetings
        self.period = period
        self.omissions = omissions
    }

    /// The meeting to be spoken of at `now`: what runs, unless the next one is about to begin; else the next within a day.
    package func next(at now: Int64) -> ScheduledMeeting? {
        guard period.contains(now) else { return nil }
        let ahead = meetings.filter { ($0.end > now || $0.start >= now) && $0.start < now &+ Self.view }
        let timed = ahead.filter { !$0.isAllDay }
        let following = timed.first { $0.start > now }
        // Of several the one that began last: the others are longer.
        let running = timed.last { $0.start <= now }
        if let running {
            if let following, following.start &- now <= Self.soon { return following }
            return running
        }
        return following ?? ahead.first
    }
}
