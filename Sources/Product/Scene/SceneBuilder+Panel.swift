/// The pages that open beside the pictures.
extension SceneBuilder {
    /// Where an open page lies: at the right, above the self view.
    var panelRectangle: SceneRectangle? {
        guard state.panel != nil else { return nil }
        let wide = length(0.68)
        let top = length(hasSecondLine ? 0.168 : 0.1)
        let bottom = (selfRectangle?.y ?? height - margin + gap) - gap
        return SceneRectangle(x: width - margin - wide, y: top, width: wide, height: max(2, bottom - top))
    }

    mutating func panel() {
        guard let panel = state.panel, let place = panelRectangle else { return }
        card(place)
        let inner = length(0.03)
        let title = SceneRectangle(
            x: place.x + inner, y: place.y + length(0.012), width: max(1, place.width - 2 * inner),
            height: length(0.065))
        let content = SceneRectangle(
            x: title.x, y: title.maxY + length(0.008), width: title.width,
            height: max(1, place.maxY - inner / 2 - title.maxY - length(0.008)))
        shape(
            .roundedRectangle(radius: 0),
            SceneRectangle(x: title.x, y: title.maxY, width: title.width, height: max(1, length(0.002))), .line)
        switch panel {
        case .people:
            heading(words(.peopleTitle), Strings.integer(state.participantCount, state.language), in: title)
            people(in: content)
        case .chat:
            heading(words(.chatTitle), "", in: title)
            messages(in: content)
        case .information:
            heading(words(.informationTitle), "", in: title)
            information(in: content)
        }
    }

    private mutating func heading(_ words: String, _ count: String, in place: SceneRectangle) {
        text(words, in: place, size: 0.042, weight: .semibold, alignment: .left)
        text(count, in: place, size: 0.042, alignment: .right, colour: .secondaryText)
    }

    // MARK: People

    private mutating func people(in place: SceneRectangle) {
        let own = SceneParticipant(
            id: "", name: state.deviceName, audioMuted: state.microphoneMuted, handRaised: state.handRaised,
            connection: state.link.map { min($0.sent, $0.received) })
        let everybody = [own] + state.participants.filter { !$0.isScreenShare }
        let line = length(0.062)
        let lines = max(1, place.height / line)
        let shown = everybody.count <= lines ? everybody.count : max(0, lines - 1)
        for (index, person) in everybody.prefix(shown).enumerated() {
            row(
                of: person, isSelf: index == 0,
                in: SceneRectangle(x: place.x, y: place.y + index * line, width: place.width, height: line))
        }
        if shown < everybody.count {
            text(
                Strings.others(everybody.count - shown, state.language),
                in: SceneRectangle(x: place.x, y: place.y + shown * line, width: place.width, height: line),
                size: TypeSize.small, alignment: .left, colour: .secondaryText)
        }
    }

    /// Microphone, name, and at the right hand, moderator and bars.
    private mutating func row(of person: SceneParticipant, isSelf: Bool, in place: SceneRectangle) {
        let side = length(0.04)
        let top = place.y + (place.height - side) / 2
        let first = SceneRectangle(x: place.x, y: top, width: side, height: side)
        if person.audioMuted {
            mark(.mutedMicrophone, first, disc: .danger, ink: .text)
        } else {
            icon(person.isSpeaking ? .speaking : .microphone, first, person.isSpeaking ? .accent : .secondaryText)
        }
        var right = place.maxX
        func take() -> SceneRectangle {
            right -= side
            defer { right -= length(0.014) }
            return SceneRectangle(x: right, y: top, width: side, height: side)
        }
        if let connection = person.connection {
            shape(.bars(lit: connection.rawValue), Self.inset(take(), by: side / 8), Self.colour(of: connection))
        } else {
            _ = take()
        }
        if person.isModerator { icon(.star, take(), .warning) }
        if person.handRaised { mark(.hand, take(), disc: .warning, ink: .darkText) }
        let left = first.maxX + length(0.022)
        let name = isSelf ? DisplayText.clean(person.name) : shownName(person)
        text(
            name, in: SceneRectangle(x: left, y: place.y, width: max(1, right - left), height: place.height),
            size: 0.034, weight: isSelf || person.isSpeaking ? .semibold : .regular, alignment: .left)
    }

    // MARK: Chat

    /// The last messages that have a place, the newest at the bottom.
    private mutating func messages(in place: SceneRectangle) {
        guard !state.chat.isEmpty else {
            text(
                words(.chatEmpty),
                in: SceneRectangle(x: place.x, y: place.y, width: place.width, height: length(0.09)),
                size: TypeSize.small, alignment: .left, colour: .secondaryText)
            return
        }
        let nameHeight = length(0.042)
        let lineHeight = length(0.044)
        var fitting: [(message: ChatMessage, lines: Int)] = []
        var used = 0
        for message in state.chat.reversed() {
            let clean = DisplayText.clean(message.text)
            let lines = min(3, max(1, 1 + estimatedWidth(clean, size: 0.032) / max(1, place.width)))
            let needed = nameHeight + lines * lineHeight + gap
            guard used + needed <= place.height else { break }
            used += needed
            fitting.append((message, lines))
        }
        var top = place.y
        for (message, lines) in fitting.reversed() {
            let name = DisplayText.clean(message.sender)
            text(
                name.isEmpty ? words(.guest) : name,
                in: SceneRectangle(
                    x: place.x, y: top, width: max(1, place.width - length(0.14)), height: nameHeight),
                size: TypeSize.small, weight: .semibold, alignment: .left, colour: .accent)
            text(
                message.time.map { Strings.time($0, state.language) } ?? "",
                in: SceneRectangle(
                    x: place.maxX - length(0.14), y: top, width: length(0.14), height: nameHeight),
                size: TypeSize.small, alignment: .right, colour: .secondaryText)
            text(
                DisplayText.clean(message.text),
                in: SceneRectangle(x: place.x, y: top + nameHeight, width: place.width, height: lines * lineHeight),
                size: 0.032, alignment: .left, lines: lines)
            top += nameHeight + lines * lineHeight + gap
        }
    }

    // MARK: Session information

    private mutating func information(in place: SceneRectangle) {
        let rows = informationRows
        let line = min(length(0.066), place.height / max(1, rows.count))
        for (index, row) in rows.enumerated() {
            let top = place.y + index * line
            let split = place.width * 38 / 100
            text(
                words(row.0), in: SceneRectangle(x: place.x, y: top, width: split, height: line), size: TypeSize.small,
                alignment: .left, colour: .secondaryText)
            text(
                row.1,
                in: SceneRectangle(x: place.x + split, y: top, width: place.width - split, height: line),
                size: TypeSize.small, weight: .semibold, alignment: .right)
        }
    }

    private var informationRows: [(Message, String)] {
        let facts = state.information ?? SessionInformation()
        func unit(_ number: String, _ unit: String) -> String { Strings.quantity(number, unit, state.language) }
        func rate(_ kilobits: Int?) -> String? {
            kilobits.map { Strings.decimal(tenths: ($0 &+ 50) / 100, state.language) }
        }
        var rates: [String] = []
        if let sent = rate(facts.sentKilobits) { rates.append("↑\u{A0}" + sent) }
        if let received = rate(facts.receivedKilobits) { rates.append("↓\u{A0}" + received) }
        let marks: [String] = [
            (CallMarks.recording, Message.recording), (.recordingSoon, .recordingSoon), (.liveStream, .liveStream),
            (.liveStreamSoon, .liveStreamSoon), (.transcription, .transcription),
            (.encrypted, .encrypted), (.locked, .locked), (.audioOnly, .audioOnly),
        ].filter { state.marks.contains($0.0) }.map { words($0.1) }
        let rows: [(Message, String)] = [
            (.informationDuration, state.elapsedText ?? ""), (.informationServer, facts.server),
            (.informationBridge, facts.bridge), (.informationAddress, facts.path), (.informationSent, facts.sent),
            (.informationReceived, facts.received), (.informationSound, facts.sound),
            (.informationBandwidth, rates.isEmpty ? "" : unit(rates.joined(separator: "  "), "Mbit/s")),
            (
                .informationLoss,
                facts.lossThousandths.map { unit(Strings.decimal(tenths: $0, state.language), "%") } ?? ""
            ),
            (
                .informationConcealed,
                facts.concealedThousandths.map { unit(Strings.decimal(tenths: $0, state.language), "%") } ?? ""
            ),
            (
                .informationRoundTrip,
                facts.roundTripMilliseconds.map { unit(Strings.integer($0, state.language), "ms") } ?? ""
            ),
            (.informationEncryption, facts.encryption), (.informationMarks, marks.joined(separator: ", ")),
        ]
        return rows.map { ($0.0, DisplayText.clean($0.1)) }.filter { !$0.1.isEmpty }
    }
}
