/// The line at the top of a call: where we are, for how long, how well, and who wants to speak.
extension SceneBuilder {
    private var topRow: SceneRectangle {
        SceneRectangle(x: margin, y: length(0.02), width: max(1, width - 2 * margin), height: length(0.066))
    }

    /// Filled from the right; the room's name has what is left.
    mutating func topLine() {
        let row = topRow
        var right = row.maxX
        let space = length(0.028)
        func take(_ wide: Int) -> SceneRectangle {
            right -= wide
            defer { right -= space }
            return SceneRectangle(x: right, y: row.y, width: max(1, wide), height: row.height)
        }
        let count = Strings.integer(state.participantCount, state.language)
        text(
            count, in: take(length(0.062) + estimatedWidth(count, size: TypeSize.body, weight: .semibold)),
            size: TypeSize.body, weight: .semibold, alignment: .right,
            plate: TextLayer.Plate(colour: .clear, icon: .people))
        if let elapsed = state.elapsedText {
            text(
                elapsed, in: take(estimatedWidth(elapsed, size: TypeSize.body)), size: TypeSize.body,
                alignment: .right)
        }
        if let link = state.link { quality(link, in: take(qualityWidth(link))) }
        if state.unreadCount > 0, state.panel != .chat {
            let unread = Strings.integer(min(99, state.unreadCount), state.language)
            text(
                unread, in: take(length(0.09) + estimatedWidth(unread, size: TypeSize.small)), size: TypeSize.small,
                weight: .semibold, alignment: .right, colour: .darkText,
                plate: TextLayer.Plate(colour: .accent, icon: .message, roundness: 0.5))
        }
        right = marks(in: row, endingAt: right) - space
        text(
            roomTitle,
            in: SceneRectangle(x: row.x, y: row.y, width: max(1, right - row.x), height: row.height),
            size: 0.046, weight: .semibold, alignment: .left)
    }

    /// Whether there is a second line.
    var hasSecondLine: Bool { !state.hands.isEmpty }

    private var secondRow: SceneRectangle {
        SceneRectangle(
            x: margin, y: length(0.097), width: max(1, stageArea.maxX - margin), height: length(0.058))
    }

    /// Draws the marks from `right` leftwards. That what is said here is kept or heard elsewhere is also a word, where the
    /// room's name leaves it a place. Returns where they begin.
    private mutating func marks(in row: SceneRectangle, endingAt right: Int) -> Int {
        let marks = callMarks
        let space = length(0.01)
        func width(of mark: CallMark, in spoken: Set<Message>) -> Int {
            guard spoken.contains(mark.words) else { return row.height }
            return length(0.085) + estimatedWidth(words(mark.words), size: TypeSize.small, weight: .semibold)
        }
        let title = min(estimatedWidth(roomTitle, size: 0.046, weight: .semibold), length(0.6))
        let room = right - row.x - title
        let choices: [Set<Message>] = [
            [.recording, .liveStream, .audioOnly], [.recording, .audioOnly], [.recording], [],
        ]
        let spoken =
            choices.first { choice in
                marks.reduce(0) { $0 + width(of: $1, in: choice) + space } <= room
            } ?? []
        var left = right + space
        for mark in marks.reversed() {
            let wide = width(of: mark, in: spoken)
            left -= wide + space
            let place = SceneRectangle(x: left, y: row.y, width: wide, height: row.height)
            if spoken.contains(mark.words) {
                text(
                    words(mark.words), in: place, size: TypeSize.small, weight: .semibold, alignment: .right,
                    plate: TextLayer.Plate(colour: mark.plate, icon: mark.icon, roundness: 0.5))
            } else {
                shape(.roundedRectangle(radius: length(0.014)), place, mark.plate)
                icon(mark.icon, Self.square(row.height * 6 / 10, in: place), .text)
            }
        }
        return min(left, right)
    }

    private typealias CallMark = (words: Message, icon: SceneIcon, plate: ColourRole)

    private var callMarks: [CallMark] {
        var list: [CallMark] = []
        if state.marks.contains(.recording) {
            list.append((.recording, .record, .danger))
        } else if state.marks.contains(.recordingSoon) {
            list.append((.recordingSoon, .record, .raised))
        }
        if state.marks.contains(.liveStream) {
            list.append((.liveStream, .broadcast, .danger))
        } else if state.marks.contains(.liveStreamSoon) {
            list.append((.liveStreamSoon, .broadcast, .raised))
        }
        if state.marks.contains(.audioOnly) { list.append((.audioOnly, .cameraOff, .raised)) }
        if state.marks.contains(.transcription) { list.append((.transcription, .captions, .raised)) }
        if state.marks.contains(.encrypted) { list.append((.encrypted, .shield, .raised)) }
        if state.marks.contains(.locked) { list.append((.locked, .lock, .raised)) }
        return list
    }

    // MARK: How well

    /// Where many marks need the room, words only for what is not good.
    private func qualityWords(_ link: LinkQuality) -> String {
        let message = Strings.message(for: link)
        return message == .linkGood && isCrowded ? "" : words(message)
    }

    private var isCrowded: Bool { callMarks.count > 2 }

    private func qualityWidth(_ link: LinkQuality) -> Int {
        2 * length(0.078) + length(0.012)
            + estimatedWidth(qualityWords(link), size: TypeSize.small)
    }

    /// An arrow up with its bars, an arrow down with its bars, and the same in words.
    private mutating func quality(_ link: LinkQuality, in place: SceneRectangle) {
        var left = place.x
        for (arrow, grade) in [(SceneIcon.arrowUp, link.sent), (SceneIcon.arrowDown, link.received)] {
            let side = length(0.032)
            icon(
                arrow, SceneRectangle(x: left, y: place.y + (place.height - side) / 2, width: side, height: side),
                .text)
            let bars = length(0.036)
            shape(
                .bars(lit: grade.rawValue),
                SceneRectangle(
                    x: left + length(0.033), y: place.y + (place.height - bars) / 2, width: bars, height: bars),
                Self.colour(of: grade))
            left += length(0.078)
        }
        left += length(0.004)
        text(
            qualityWords(link),
            in: SceneRectangle(x: left, y: place.y, width: max(1, place.maxX - left), height: place.height),
            size: TypeSize.small, alignment: .left)
    }

    // MARK: Who wants to speak

    /// Raised hands in their order, with the time waited.
    mutating func secondLine() {
        guard hasSecondLine else { return }
        let row = secondRow
        let end = row.maxX
        var left = row.x
        let more = length(0.12)
        for (index, hand) in state.hands.enumerated() {
            let name = DisplayText.clean(hand.name)
            let label =
                state.language.catalogue.mark + Strings.integer(index + 1, state.language) + ". "
                + DisplayText.isolated(name.isEmpty ? words(.guest) : name) + "\u{A0} "
                + Strings.duration(seconds: hand.waited)
            let wide = min(
                length(0.078) + estimatedWidth(label, size: TypeSize.small, weight: .semibold), length(0.5))
            let isLast = index == state.hands.count - 1
            guard left + wide + (isLast ? 0 : more) <= end else {
                text(
                    "+" + Strings.integer(state.hands.count - index, state.language),
                    in: SceneRectangle(x: left, y: row.y, width: max(1, min(more, end - left)), height: row.height),
                    size: TypeSize.small, weight: .semibold, alignment: .left,
                    plate: TextLayer.Plate(colour: .raised, icon: .hand, iconColour: .warning, roundness: 0.5))
                return
            }
            text(
                label, in: SceneRectangle(x: left, y: row.y, width: wide, height: row.height), size: TypeSize.small,
                weight: .semibold, alignment: .left, colour: .darkText,
                plate: TextLayer.Plate(colour: .warning, icon: .hand, roundness: 0.5))
            left += wide + gap / 2
        }
    }
}
