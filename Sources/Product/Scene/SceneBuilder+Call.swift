/// The screens of a conference.
extension SceneBuilder {
    /// More tiles than this help nobody.
    private static let mostTiles = 25

    mutating func call() {
        let people = state.participants.filter { !$0.isScreenShare }
        let shares = state.participants.filter { $0.isScreenShare && $0.picture != nil }
        if let share = shares.first {
            stage(share, others: Array(shares.dropFirst()) + people)
        } else if people.count > 1 {
            grid(people)
        } else if let only = people.first {
            full(only)
        } else {
            alone(link: "")
            return
        }
        topLine()
        selfView()
        ownMarks()
    }

    mutating func alone(link: String) {
        message(
            icon: .people, colour: .accent, title: words(.aloneTitle),
            sentence: link.isEmpty ? "" : words(.aloneSentence))
        action(link, colour: .surface, icon: nil)
        topLine()
        selfView()
        ownMarks()
    }

    /// The pictures as they stopped, dimmed, and what is going on.
    mutating func reconnecting() {
        call()
        layout.shapes.removeAll()
        layout.texts.removeAll()
        shape(.roundedRectangle(radius: 0), SceneRectangle(x: 0, y: 0, width: width, height: height), .veil)
        message(
            icon: .phone, colour: .warning, title: words(.reconnectingTitle), sentence: words(.reconnectingSentence))
        hint(.hangUpToLeave)
    }

    // MARK: The frame

    private var lineHeight: Int { length(0.07) }

    /// What the top and bottom lines leave.
    private var stageArea: SceneRectangle {
        let line = length(0.1)
        return SceneRectangle(x: margin, y: line, width: max(2, width - 2 * margin), height: max(2, height - 2 * line))
    }

    /// Where we see ourselves; nothing else is drawn there.
    private var selfRectangle: SceneRectangle? {
        guard state.selfViewVisible else { return nil }
        let wide = length(0.28) & ~1
        let high = max(2, wide * 9 / 16) & ~1
        return SceneRectangle(x: width - margin - wide, y: height - margin - high, width: wide, height: high)
    }

    private mutating func topLine() {
        let top = length(0.022)
        let line = length(0.066)
        func column(_ from: Double, _ to: Double) -> SceneRectangle {
            let room = Double(width - 2 * margin)
            return SceneRectangle(
                x: margin + Int(from * room), y: top, width: max(1, Int((to - from) * room)), height: line)
        }
        text(roomTitle, in: column(0, 0.62), size: TypeSize.heading, weight: .semibold, alignment: .left)
        if let elapsed = state.elapsedText {
            text(elapsed, in: column(0.64, 0.79), size: TypeSize.body, alignment: .right, colour: .secondaryText)
        }
        text(
            Strings.participants(state.participantCount, state.language), in: column(0.81, 1), size: TypeSize.body,
            weight: .semibold, alignment: .right)
    }

    private mutating func selfView() {
        guard let rectangle = selfRectangle else { return }
        if state.cameraOn {
            layout.videos.append(
                VideoLayer(
                    source: .selfView, rectangle: rectangle, fit: .fill, mirrored: true, cornerRadius: radius,
                    backdrop: .raised))
        } else {
            shape(.roundedRectangle(radius: radius), rectangle, .raised)
            icon(.cameraOff, Self.square(rectangle.height * 2 / 5, in: rectangle), .secondaryText)
        }
    }

    private typealias Mark = (words: Strings.Key, icon: SceneIcon, plate: ColourRole, ink: ColourRole)

    /// What others do not get from us, or get as a sign.
    private var marks: [Mark] {
        var marks: [Mark] = []
        if state.handRaised { marks.append((.handRaised, .hand, .warning, .darkText)) }
        if state.microphoneMuted { marks.append((.microphoneMuted, .mutedMicrophone, .danger, .text)) }
        if !state.cameraOn, !state.selfViewVisible { marks.append((.cameraOff, .cameraOff, .raised, .text)) }
        return marks
    }

    /// The marks at the bottom, in the middle: two stand close together, three share the line.
    private mutating func ownMarks() {
        let marks = marks
        let line = marksLine
        for (index, mark) in marks.enumerated() {
            let slot = line.width / marks.count
            let alignment: TextLayer.Alignment = marks.count != 2 ? .centre : index == 0 ? .right : .left
            let between = marks.count == 2 && index == 0 ? gap : 0
            text(
                words(mark.words),
                in: SceneRectangle(
                    x: line.x + index * slot, y: line.y, width: max(1, slot - between), height: line.height),
                size: TypeSize.body, weight: .semibold, alignment: alignment, colour: mark.ink,
                plate: TextLayer.Plate(colour: mark.plate, icon: mark.icon, roundness: 0.5))
        }
    }

    /// The middle of the bottom line, wide enough for our marks and clear of the self view.
    private var marksLine: SceneRectangle {
        let right = (selfRectangle?.x ?? width - margin) - gap
        let wanted =
            switch marks.count {
            case 0: 0
            case 1: length(0.24)
            case 2: length(0.46)
            default: length(0.6)
            }
        let half = min(right - width / 2, wanted)
        return SceneRectangle(
            x: width / 2 - half, y: height - length(0.015) - lineHeight, width: max(1, 2 * half), height: lineHeight)
    }

    // MARK: The pictures

    private mutating func full(_ participant: SceneParticipant) {
        let screen = SceneRectangle(x: 0, y: 0, width: width, height: height)
        let name = shownName(participant)
        if let picture = participant.picture {
            layout.videos.append(
                VideoLayer(
                    source: picture, rectangle: screen, fit: .fill, mirrored: false, cornerRadius: 0,
                    backdrop: .background))
            shape(.shade, SceneRectangle(x: 0, y: 0, width: width, height: length(0.17)), .plate)
            nameplate(name, in: bottomLeft, size: TypeSize.body, audioMuted: participant.audioMuted)
        } else {
            let disc = Self.square(
                length(0.34), in: SceneRectangle(x: 0, y: Int(0.2 * Double(height)), width: width, height: length(0.34))
            )
            initials(participant, in: disc)
            text(name, in: band(y: 0.6, height: 0.12), size: 0.056, weight: .semibold)
            if participant.audioMuted {
                let side = disc.width / 4
                mark(
                    .mutedMicrophone,
                    SceneRectangle(x: disc.maxX - side, y: disc.maxY - side, width: side, height: side),
                    disc: .danger, ink: .text)
            }
        }
        if participant.handRaised {
            let side = length(0.075)
            mark(
                .hand, SceneRectangle(x: margin, y: length(0.12), width: side, height: side), disc: .warning,
                ink: .darkText)
        }
    }

    private mutating func grid(_ people: [SceneParticipant]) {
        let chosen = seated(people, places: Self.mostTiles)
        let tiles = TileGrid.tiles(chosen.count, in: stageArea, gap: gap, avoiding: selfRectangle)
        for (participant, rectangle) in zip(chosen, tiles) { tile(participant, in: rectangle) }
        let left = people.count - chosen.count
        if left > 0 { remark(Strings.others(left, state.language)) }
    }

    /// A shared screen, whole, with a strip of the others at its right.
    private mutating func stage(_ share: SceneParticipant, others: [SceneParticipant]) {
        let area = stageArea
        let wide = length(0.28) & ~1
        let high = max(2, wide * 9 / 16) & ~1
        let stripX = width - margin - wide
        let bottom = (selfRectangle?.y ?? area.maxY + gap) - gap
        let places = max(0, (bottom - area.y + gap) / (high + gap))
        let chosen = seated(others, places: places)
        for (index, participant) in chosen.enumerated() {
            tile(
                participant,
                in: SceneRectangle(x: stripX, y: area.y + index * (high + gap), width: wide, height: high))
        }
        guard let picture = share.picture else { return }
        let open = others.isEmpty && selfRectangle == nil
        let main = SceneRectangle(
            x: margin, y: area.y, width: max(2, (open ? width - margin : stripX - gap) - margin), height: area.height)
        layout.videos.append(
            VideoLayer(
                source: picture, rectangle: main, fit: .whole, mirrored: false, cornerRadius: 0, backdrop: .background))
        let left = others.count - chosen.count
        let more = left > 0 ? " · " + Strings.others(left, state.language) : ""
        remark(Strings.screen(of: DisplayText.clean(share.name), state.language) + more)
    }

    /// The first that have a place; the dominant speaker takes the last place rather than none.
    private func seated(_ people: [SceneParticipant], places: Int) -> [SceneParticipant] {
        guard people.count > places, places > 0 else { return Array(people.prefix(max(0, places))) }
        var chosen = Array(people.prefix(places))
        if let speaker = people.dropFirst(places).first(where: { $0.dominant }) { chosen[places - 1] = speaker }
        return chosen
    }

    /// A quiet line at the lower left.
    private mutating func remark(_ words: String) {
        text(words, in: bottomLeft, size: TypeSize.small, alignment: .left, colour: .secondaryText)
    }

    private var bottomLeft: SceneRectangle {
        SceneRectangle(
            x: margin, y: height - length(0.015) - lineHeight, width: max(1, marksLine.x - margin - gap),
            height: lineHeight)
    }

    private mutating func tile(_ participant: SceneParticipant, in rectangle: SceneRectangle) {
        if let picture = participant.picture {
            layout.videos.append(
                VideoLayer(
                    source: picture, rectangle: rectangle, fit: participant.isScreenShare ? .whole : .fill,
                    mirrored: false, cornerRadius: radius, backdrop: .surface))
        } else {
            shape(.roundedRectangle(radius: radius), rectangle, .surface)
            initials(participant, in: Self.square(rectangle.height * 46 / 100, in: rectangle))
        }
        if participant.dominant {
            shape(.outline(radius: radius, width: max(2, length(0.005))), rectangle, .accent)
        }
        let inset = length(0.012)
        let label = min(length(0.05), rectangle.height / 3)
        let plate = SceneRectangle(
            x: rectangle.x + inset, y: rectangle.maxY - inset - label, width: max(1, rectangle.width - 2 * inset),
            height: max(1, label))
        nameplate(
            shownName(participant), in: plate, size: min(TypeSize.small, 0.62 * Double(label) / Double(unit)),
            audioMuted: participant.audioMuted)
        if participant.handRaised {
            let side = min(length(0.06), rectangle.height / 3)
            mark(
                .hand, SceneRectangle(x: rectangle.x + inset, y: rectangle.y + inset, width: side, height: side),
                disc: .warning, ink: .darkText)
        }
    }

    /// The name at the left, after a red mark when the microphone is muted.
    private mutating func nameplate(_ name: String, in rectangle: SceneRectangle, size: Double, audioMuted: Bool) {
        var rest = rectangle
        if audioMuted {
            let side = rectangle.height
            mark(
                .mutedMicrophone, SceneRectangle(x: rectangle.x, y: rectangle.y, width: side, height: side),
                disc: .danger, ink: .text)
            let step = side + length(0.008)
            rest.x += step
            rest.width = max(1, rest.width - step)
        }
        text(
            name, in: rest, size: size, weight: .semibold, alignment: .left,
            plate: TextLayer.Plate(colour: .plate, icon: nil, roundness: 0.3))
    }

    private mutating func initials(_ participant: SceneParticipant, in disc: SceneRectangle) {
        shape(.circle, disc, .avatar(DisplayText.number(of: participant.id)))
        let letters = DisplayText.initials(of: participant.name)
        if letters.isEmpty {
            icon(.people, Self.square(disc.width / 2, in: disc), .text)
        } else {
            text(letters, in: disc, size: 0.38 * Double(disc.height) / Double(unit), weight: .semibold)
        }
    }

    private func shownName(_ participant: SceneParticipant) -> String {
        let clean = DisplayText.clean(participant.name)
        return clean.isEmpty ? words(.guest) : clean
    }
}
