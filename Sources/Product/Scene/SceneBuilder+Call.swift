/// The screens of a conference.
extension SceneBuilder {
    /// More tiles than this help nobody.
    static let mostTiles = 25
    /// With more people than this the automatic view shows the speaker large.
    private static let mostAlike = 9

    mutating func call() {
        let people = state.participants.filter { !$0.isScreenShare }
        let shares = state.participants.filter { $0.isScreenShare && $0.picture != nil }
        guard !people.isEmpty || !shares.isEmpty else {
            alone(link: state.meetingLink ?? "")
            return
        }
        switch (shares.first, state.view) {
        case (let share?, .automatic), (let share?, .speaker):
            stage(share, others: Array(shares.dropFirst()) + people)
        case (_?, .tiles):
            grid(shares + people)
        case (nil, _) where people.count == 1 && state.panel == nil:
            full(people[0])
        case (nil, .tiles): grid(people)
        case (nil, .automatic) where people.count <= Self.mostAlike: grid(people)
        case (nil, _): speaker(among: people)
        }
        frame()
    }

    /// What every screen of a call has around its pictures.
    private mutating func frame() {
        topLine()
        secondLine()
        captions()
        selfView()
        if state.panel == nil { passing() }
        ownMarks()
        panel()
        toasts()
    }

    mutating func alone(link: String) {
        let clean = DisplayText.clean(link)
        if clean.isEmpty {
            message(icon: .people, colour: .accent, title: words(.aloneTitle), sentence: words(.aloneWaiting))
        } else {
            text(
                words(.aloneTitle), in: column(0.04, 1.05, y: 0.17, height: 0.15), size: TypeSize.title,
                weight: .semibold, alignment: .left, lines: 2)
            text(
                words(.aloneSentence), in: column(0.04, 1.05, y: 0.33, height: 0.12), size: TypeSize.heading,
                alignment: .left, colour: .secondaryText, lines: 2)
            text(
                Self.shown(clean), in: column(0.04, 1.05, y: 0.47, height: 0.17), size: 0.05, weight: .semibold,
                alignment: .left, lines: 2, plate: TextLayer.Plate(colour: .surface, icon: nil, roundness: 0.12))
            text(
                words(.scanToJoin), in: column(1.16, 1.738, y: 0.695, height: 0.055), size: TypeSize.small,
                colour: .secondaryText)
            shape(.qr(clean), Self.square(length(0.54), in: column(1.16, 1.738, y: 0.14, height: 0.55)), .black)
        }
        frame()
    }

    /// The pictures as they stopped, dimmed, and what is going on.
    mutating func reconnecting() {
        call()
        layout.overlay.removeAll()
        shape(.roundedRectangle(radius: 0), SceneRectangle(x: 0, y: 0, width: width, height: height), .veil)
        header(roomTitle)
        message(
            icon: .update, colour: .warning, title: words(.reconnectingTitle), sentence: words(.reconnectingSentence))
        hint(.hangUpToLeave)
    }

    // MARK: Places

    var lineHeight: Int { length(0.07) }

    /// How wide the tiles of a strip and the self view are.
    private var smallWidth: Int { length(0.28) & ~1 }
    private var smallHeight: Int { max(2, smallWidth * 9 / 16) & ~1 }

    /// Where the pictures may be: below the top line, above the bottom line, beside an open page.
    var stageArea: SceneRectangle {
        let top = hasSecondLine ? length(0.168) : length(0.1)
        let bottom = length(0.1) + (captionLines.isEmpty && !state.hasCaptionBand ? 0 : captionHeight + gap)
        let right = panelRectangle.map { $0.x - gap } ?? width - margin
        return SceneRectangle(
            x: margin, y: top, width: max(2, right - margin), height: max(2, height - top - bottom))
    }

    /// Where we see ourselves; nothing else is drawn there.
    var selfRectangle: SceneRectangle? {
        guard state.selfViewVisible else { return nil }
        return SceneRectangle(
            x: width - margin - smallWidth, y: height - margin - smallHeight, width: smallWidth, height: smallHeight)
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
            shape(.shade, SceneRectangle(x: 0, y: 0, width: width, height: length(hasSecondLine ? 0.24 : 0.17)), .plate)
            nameplate(name, of: participant, in: bottomLeft, size: TypeSize.body)
        } else {
            let disc = Self.square(
                length(0.34), in: SceneRectangle(x: 0, y: Int(0.2 * Double(height)), width: width, height: length(0.34))
            )
            initials(participant, in: disc)
            if participant.isSpeaking {
                let ring = max(2, length(0.008))
                shape(
                    .outline(radius: disc.width / 2 + 2 * ring, width: ring), Self.inset(disc, by: -2 * ring), .accent)
            }
            text(
                name, in: narrow(band(y: 0.6, height: 0.12)), size: 0.056, weight: .semibold,
                plate: participant.isSpeaking
                    ? TextLayer.Plate(colour: .clear, icon: .speaking, iconColour: .accent) : nil)
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
                .hand,
                SceneRectangle(
                    x: margin, y: hasSecondLine ? length(0.18) : length(0.12), width: side, height: side),
                disc: .warning, ink: .darkText)
        }
    }

    private mutating func grid(_ people: [SceneParticipant]) {
        let chosen = seated(people, places: Self.mostTiles)
        let tiles = TileGrid.tiles(chosen.count, in: stageArea, gap: gap, avoiding: selfRectangle)
        for (participant, rectangle) in zip(chosen, tiles) { tile(participant, in: rectangle) }
        let left = people.count - chosen.count
        if left > 0 { remark(Strings.others(left, state.language), icon: .people) }
    }

    /// Whoever speaks, large, with a strip of the others at the right.
    private mutating func speaker(among people: [SceneParticipant]) {
        let shown =
            people.first { $0.id == state.shownSpeaker } ?? people.first { $0.dominant } ?? people[0]
        let others = people.filter { $0.id != shown.id }
        let (area, left) = state.panel == nil ? strip(others) : (stageArea, 0)
        let wide = min(area.width, area.height * 16 / 9)
        let high = wide * 9 / 16
        tile(
            shown,
            in: SceneRectangle(
                x: area.x + (area.width - wide) / 2, y: area.y + (area.height - high) / 2, width: max(2, wide),
                height: max(2, high)))
        if left > 0 { remark(Strings.others(left, state.language), icon: .people) }
    }

    /// A shared screen, whole, with a strip of the others at its right.
    private mutating func stage(_ share: SceneParticipant, others: [SceneParticipant]) {
        let (area, left) = state.panel == nil ? strip(others) : (stageArea, 0)
        guard let picture = share.picture else { return }
        layout.videos.append(
            VideoLayer(
                source: picture, rectangle: area, fit: .whole, mirrored: false, cornerRadius: 0, backdrop: .background))
        let more = left > 0 ? " · " + Strings.others(left, state.language) : ""
        remark(Strings.screen(of: share.name, state.language) + more, icon: .screen)
    }

    /// Small tiles at the right above the self view. Returns what is left of the stage, and how many found no place.
    private mutating func strip(_ others: [SceneParticipant]) -> (SceneRectangle, Int) {
        let area = stageArea
        if others.isEmpty, selfRectangle == nil { return (area, 0) }
        let stripX = area.maxX - smallWidth
        let bottom = selfRectangle.map { $0.y - gap } ?? area.maxY
        let places = max(0, (bottom - area.y + gap) / (smallHeight + gap))
        let chosen = seated(others, places: places)
        for (index, participant) in chosen.enumerated() {
            tile(
                participant,
                in: SceneRectangle(
                    x: stripX, y: area.y + index * (smallHeight + gap), width: smallWidth, height: smallHeight))
        }
        var rest = area
        rest.width = max(2, stripX - gap - area.x)
        return (rest, others.count - chosen.count)
    }

    /// The first that have a place; the dominant speaker takes the last place rather than none.
    private func seated(_ people: [SceneParticipant], places: Int) -> [SceneParticipant] {
        guard people.count > places, places > 0 else { return Array(people.prefix(max(0, places))) }
        var chosen = Array(people.prefix(places))
        if let speaker = people.dropFirst(places).first(where: { $0.dominant }) { chosen[places - 1] = speaker }
        return chosen
    }
}
