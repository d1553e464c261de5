/// What the idle screen says of the calendar.
extension SceneBuilder {
    /// When, what, and which button joins it.
    ///
    /// - Parameter joins: the keys that join a meeting.
    mutating func next(_ meeting: NextMeeting, in place: SceneRectangle, joins: [SceneButton]) {
        card(place)
        let inner = length(0.03)
        let side = length(0.07)
        icon(
            .calendar,
            SceneRectangle(x: place.x + inner, y: place.y + (place.height - side) / 2, width: side, height: side),
            meeting.isRunning ? .positive : .accent)
        let left = place.x + 2 * inner + side
        let key = joins.first { $0.label == meeting.room }
        // Of three lines the middle one is the title; of two the lower.
        let (top, share) = key == nil ? (12, 36) : (5, 31)
        var row = SceneRectangle(
            x: left, y: place.y + place.height * top / 100, width: max(1, place.maxX - inner - left),
            height: max(1, place.height * share / 100))
        text(
            words(meeting.isRunning ? .meetingNow : .nextMeeting) + "  ·  " + time(of: meeting), in: row,
            size: TypeSize.body, weight: meeting.isRunning ? .semibold : .regular, alignment: .left,
            colour: meeting.isRunning ? .text : .secondaryText)
        row.y = row.maxY
        row.height = max(1, place.height * (key == nil ? 40 : 34) / 100)
        text(title(of: meeting), in: row, size: 0.042, weight: .semibold, alignment: .left)
        guard let key else { return }
        row.y = row.maxY
        row.height = max(1, place.height * 26 / 100)
        text(
            joins.count > 1 ? Strings.text(.joinWith, name: key.label, state.language) : words(.idleHint), in: row,
            size: TypeSize.small, alignment: .left, colour: .secondaryText)
    }

    private func title(of meeting: NextMeeting) -> String {
        if meeting.isPrivate { return words(.privateMeeting) }
        let title = DisplayText.clean(meeting.title)
        return title.isEmpty ? words(.untitledMeeting) : title
    }

    private func time(of meeting: NextMeeting) -> String {
        var when = words(.allDay)
        if !meeting.isAllDay {
            when = Strings.time(meeting.start, state.language)
            if let end = meeting.end { when += " – " + Strings.time(end, state.language) }
        }
        return meeting.isTomorrow ? words(.tomorrow) + ", " + when : when
    }
}
