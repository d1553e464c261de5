/// One person's place on the screen.
extension SceneBuilder {
    mutating func tile(_ participant: SceneParticipant, in rectangle: SceneRectangle) {
        if let picture = participant.picture {
            layout.videos.append(
                VideoLayer(
                    source: picture, rectangle: rectangle, fit: participant.isScreenShare ? .whole : .fill,
                    mirrored: false, cornerRadius: radius, backdrop: .surface))
            if state.theme.highContrast {
                shape(.outline(radius: radius, width: max(1, length(0.002))), rectangle, .line)
            }
        } else {
            card(rectangle, radius: 0.016)
            // In a small tile the name takes a third: the disc stands above it.
            var free = rectangle
            if rectangle.height < length(0.3) { free.height = rectangle.height * 72 / 100 }
            initials(participant, in: Self.square(rectangle.height * 46 / 100, in: free))
        }
        if participant.isSpeaking {
            shape(.outline(radius: radius, width: max(2, length(0.007))), rectangle, .accent)
        }
        // What is written on a small tile must leave the face free.
        let isSmall = rectangle.height < length(0.24)
        let inset = length(isSmall ? 0.008 : 0.012)
        let label = max(1, min(length(isSmall ? 0.04 : 0.052), rectangle.height / 3))
        let plate = SceneRectangle(
            x: rectangle.x + inset, y: rectangle.maxY - inset - label, width: max(1, rectangle.width - 2 * inset),
            height: label)
        nameplate(
            participant.isScreenShare
                ? Strings.screen(of: participant.name, state.language) : shownName(participant), of: participant,
            in: plate, size: min(TypeSize.small, 0.6 * Double(label) / Double(unit)), smallest: 0.024)
        if participant.handRaised {
            let side = min(length(isSmall ? 0.045 : 0.06), rectangle.height / 3)
            mark(
                .hand, SceneRectangle(x: rectangle.x + inset, y: rectangle.y + inset, width: side, height: side),
                disc: .warning, ink: .darkText)
        }
        if let connection = participant.connection, connection < .fair {
            let side = min(length(0.045), rectangle.height / 4)
            let place = SceneRectangle(
                x: rectangle.maxX - inset - side * 3 / 2, y: rectangle.y + inset, width: side * 3 / 2, height: side)
            shape(.roundedRectangle(radius: side / 4), place, .plate)
            shape(.bars(lit: connection.rawValue), Self.square(side * 7 / 10, in: place), Self.colour(of: connection))
        }
    }

    /// The name at the left, after a red mark when the microphone is muted; whoever speaks has bars of sound before it,
    /// so that no colour need be seen. A name too long for its place is set smaller, down to `smallest`.
    mutating func nameplate(
        _ name: String, of participant: SceneParticipant, in rectangle: SceneRectangle, size: Double,
        smallest: Double = TypeSize.small
    ) {
        var rest = rectangle
        if participant.audioMuted {
            let side = rectangle.height
            mark(
                .mutedMicrophone, SceneRectangle(x: rectangle.x, y: rectangle.y, width: side, height: side),
                disc: .danger, ink: .text)
            let step = side + length(0.008)
            rest.x += step
            rest.width = max(1, rest.width - step)
        }
        let isSpeaking = participant.isSpeaking
        let room =
            rest.width - Int(0.7 * Double(rest.height))
            - (isSpeaking || participant.isScreenShare ? length(1.5 * size) : 0)
        let needed = max(1, estimatedWidth(name, size: size, weight: .semibold))
        let fitting = needed <= room ? size : max(min(size, smallest), size * Double(room) / Double(needed))
        text(
            name, in: rest, size: fitting, weight: .semibold, alignment: .left, colour: isSpeaking ? .darkText : .text,
            plate: TextLayer.Plate(
                colour: isSpeaking ? .accent : .plate,
                icon: participant.isScreenShare ? .screen : isSpeaking ? .speaking : nil, roundness: 0.3))
    }

    mutating func initials(_ participant: SceneParticipant, in disc: SceneRectangle) {
        shape(.circle, disc, .avatar(DisplayText.number(of: participant.id)))
        let letters = DisplayText.initials(of: participant.name)
        if letters.isEmpty {
            icon(.people, Self.square(disc.width / 2, in: disc), .text)
        } else {
            text(letters, in: disc, size: 0.38 * Double(disc.height) / Double(unit), weight: .semibold)
        }
    }

    func shownName(_ participant: SceneParticipant) -> String {
        let clean = DisplayText.clean(participant.name)
        return clean.isEmpty ? words(.guest) : clean
    }

    static func colour(of grade: LinkGrade) -> ColourRole {
        switch grade {
        case .good: .positive
        case .fair: .warning
        case .poor, .bad: .alarm
        }
    }

    // MARK: Ourselves

    mutating func selfView() {
        guard let rectangle = selfRectangle else { return }
        let hasCamera = !state.missingDevices.contains(.camera)
        if state.cameraOn, hasCamera {
            layout.videos.append(
                VideoLayer(
                    source: .selfView, rectangle: rectangle, fit: .fill, mirrored: true, cornerRadius: radius,
                    backdrop: .raised))
        } else {
            card(rectangle, radius: 0.016, colour: .raised)
            icon(.cameraOff, Self.square(rectangle.height * 2 / 5, in: rectangle), .secondaryText)
        }
    }

    private typealias Mark = (words: Message, icon: SceneIcon, plate: ColourRole, ink: ColourRole)

    /// What others do not get from us, or get as a sign.
    private var marks: [Mark] {
        var marks: [Mark] = []
        if state.microphoneMuted, state.isTalkingWhileMuted {
            marks.append((.mutedTalking, .mutedMicrophone, .danger, .text))
            return marks
        }
        if state.handRaised { marks.append((.handRaised, .hand, .warning, .darkText)) }
        if state.microphoneMuted { marks.append((.microphoneMuted, .mutedMicrophone, .danger, .text)) }
        if !state.cameraOn, !state.selfViewVisible { marks.append((.cameraOff, .cameraOff, .raised, .text)) }
        return marks
    }

    /// The marks at the bottom, in the middle, close together; each has as much of the line as its words need.
    mutating func ownMarks() {
        let marks = marks
        let line = marksLine
        let needs = marks.map { mark in
            estimatedWidth(words(mark.words), size: TypeSize.body, weight: .semibold) + length(0.1)
        }
        let sum = max(1, needs.reduce(0, +))
        var left = line.x
        for (index, mark) in marks.enumerated() {
            // Two halves meet in the middle of the line, whatever stands in them.
            let slot = marks.count == 2 ? line.width / 2 : line.width * needs[index] / sum
            let isFirst = index == 0
            let isLast = index == marks.count - 1
            let alignment: TextLayer.Alignment = isFirst == isLast ? .centre : isFirst ? .right : .left
            text(
                words(mark.words),
                in: SceneRectangle(
                    x: left, y: line.y, width: max(1, slot - (isLast ? 0 : gap)), height: line.height),
                size: mark.words == .mutedTalking ? TypeSize.heading : TypeSize.body, weight: .semibold,
                alignment: alignment, colour: mark.ink,
                plate: TextLayer.Plate(colour: mark.plate, icon: mark.icon, roundness: 0.5))
            left += slot
        }
    }

    /// The middle of the bottom line, wide enough for our marks and clear of the self view.
    private var marksLine: SceneRectangle {
        let right = (selfRectangle?.x ?? width - margin) - gap
        let wanted =
            switch marks.count {
            case 0: 0
            case 1: length(state.isTalkingWhileMuted ? 0.54 : 0.24)
            case 2: length(0.46)
            default: length(0.6)
            }
        let half = max(0, min(right - width / 2, wanted))
        return SceneRectangle(
            x: width / 2 - half, y: height - length(0.015) - lineHeight, width: max(1, 2 * half), height: lineHeight)
    }

    // MARK: The lower left

    /// A quiet line at the lower left.
    mutating func remark(_ words: String, icon: SceneIcon) {
        guard state.passing == nil || state.panel != nil else { return }
        quiet(words, icon: icon)
    }

    /// Who came or went: it takes the place of the remark for a moment.
    mutating func passing() {
        if let passing = state.passing { quiet(passing, icon: .people) }
    }

    private mutating func quiet(_ words: String, icon: SceneIcon) {
        let isOverPicture = layout.videos.contains { $0.rectangle.intersects(bottomLeft) }
        var place = bottomLeft
        if isOverPicture, state.passing != nil { place.y -= place.height + gap }
        text(
            words, in: place, size: TypeSize.small, alignment: .left,
            colour: isOverPicture ? .text : .secondaryText,
            plate: TextLayer.Plate(colour: isOverPicture ? .plate : .clear, icon: icon, roundness: 0.3))
    }

    var bottomLeft: SceneRectangle {
        SceneRectangle(
            x: margin, y: height - length(0.015) - lineHeight, width: max(1, marksLine.x - margin - gap),
            height: lineHeight)
    }
}
