internal import Room

/// The way to the server, rung by rung: what works and what does not.
extension SceneBuilder {
    mutating func disconnected(_ ladder: [ConnectionRung: LadderResult], fault: FaultCard?) {
        header(DisplayText.clean(state.deviceName))
        let broken = ConnectionRung.allCases.first { if case .fails = ladder[$0] { true } else { false } }
        let isWell = broken == nil && fault == nil
        mark(
            isWell ? .update : .warning, Self.square(length(0.14), in: column(0.04, 0.18, y: 0.2, height: 0.14)),
            disc: .surface, ink: isWell ? .accent : .warning)
        if let fault {
            words(of: fault, forBroken: broken, in: ladder)
        } else {
            words(forBroken: broken, in: ladder)
        }
        let place = column(0.94, 1.738, y: 0.18, height: 0.77)
        card(place)
        let inner = length(0.035)
        let rowHeight = (place.height - inner) / ConnectionRung.allCases.count
        for (index, rung) in ConnectionRung.allCases.enumerated() {
            let row = SceneRectangle(
                x: place.x + inner, y: place.y + inner / 2 + index * rowHeight, width: max(1, place.width - 2 * inner),
                height: rowHeight)
            self.rung(rung, broken.map { rung > $0 } == true ? nil : ladder[rung], in: row)
        }
    }

    /// What is going on while nobody has asked for anything.
    private mutating func words(forBroken broken: ConnectionRung?, in ladder: [ConnectionRung: LadderResult]) {
        let (title, sentence): (Message, Message) =
            switch broken {
            case .cable: (.networkTitle, .networkSentence)
            case .address: (.networkTitle, .addressSentence)
            case .names: (.serverTitle, .namesSentence)
            case .time: (.clockTitle, .clockSentence)
            case nil: (.checkingTitle, .checkingSentence)
            default: (.serverTitle, .serverSentence)
            }
        text(
            words(title), in: column(0.04, 0.86, y: 0.36, height: 0.165), size: TypeSize.title, weight: .semibold,
            alignment: .left, lines: 2, vertical: .bottom)
        text(
            words(sentence), in: column(0.04, 0.86, y: 0.53, height: 0.172), size: 0.042, alignment: .left,
            colour: .secondaryText, lines: 3, vertical: .top)
        if let broken { ladderAction(words(Self.action(forBroken: broken, in: ladder) ?? .serverAction)) }
    }

    /// What to do about the first rung that is crossed out, of those that are the network's; nil for those of the server.
    private static func action(forBroken rung: ConnectionRung, in ladder: [ConnectionRung: LadderResult]) -> Message? {
        switch rung {
        case .cable: .ladderAction
        case .address: .addressAction
        // Nobody is sent to a cable that is ticked.
        case .names: ladder[.cable] == .works ? .namesAction : .ladderAction
        case .time: .clockAction
        case .tls, .signalling, .bridge, .media: nil
        }
    }

    /// How a join failed; without a network nothing else matters.
    private mutating func words(
        of fault: FaultCard, forBroken broken: ConnectionRung?, in ladder: [ConnectionRung: LadderResult]
    ) {
        let isOffline = broken == .cable || broken == .address
        let number = DisplayText.clean(fault.code)
        text(
            number.isEmpty ? words(.faultTitle) : words(.faultTitle) + "\u{A0}" + number,
            in: column(0.22, 0.58, y: 0.2, height: 0.14), size: TypeSize.heading, weight: .semibold, alignment: .left,
            colour: .secondaryText)
        let hasPage = !DisplayText.clean(fault.link).isEmpty
        text(
            isOffline ? words(.networkTitle) : fault.sentence,
            in: column(0.04, hasPage ? 0.58 : 0.86, y: 0.37, height: 0.19), size: 0.05,
            weight: .semibold, alignment: .left, lines: 3, vertical: .top)
        if hasPage {
            shape(.qr(fault.link), Self.square(length(0.26), in: column(0.6, 0.86, y: 0.18, height: 0.26)), .black)
            text(
                words(.scanForHelp), in: column(0.59, 0.87, y: 0.45, height: 0.1), size: TypeSize.small,
                colour: .secondaryText, lines: 2, vertical: .top)
        }
        if fault.isRetrying {
            text(
                words(.retrying), in: column(0.04, 0.86, y: 0.58, height: 0.1), size: 0.042, alignment: .left,
                colour: .secondaryText)
        }
        ladderAction(broken.flatMap { Self.action(forBroken: $0, in: ladder) }.map(words) ?? fault.action)
        text(
            words(fault.isRetrying ? .hangUpToCancel : .hangUpToReturn),
            in: column(0.04, 0.86, y: 0.885, height: 0.065),
            size: TypeSize.body, alignment: .left,
            plate: TextLayer.Plate(colour: .surface, icon: .hangUp, iconColour: .alarm, roundness: 0.5))
    }

    private mutating func ladderAction(_ words: String) {
        text(
            words, in: column(0.04, 0.86, y: 0.71, height: 0.14), size: TypeSize.body, weight: .semibold,
            alignment: .left, lines: 2,
            plate: TextLayer.Plate(colour: .raised, icon: .arrowRight, iconColour: .accent, roundness: 0.16))
    }

    private mutating func rung(_ rung: ConnectionRung, _ result: LadderResult?, in row: SceneRectangle) {
        let side = length(0.05)
        let disc = SceneRectangle(x: row.x, y: row.y + (row.height - side) / 2, width: side, height: side)
        var detail = ""
        switch result {
        case .works: mark(.tick, disc, disc: .positive, ink: .darkText)
        case .fails(let words):
            mark(.cross, disc, disc: .danger, ink: .text)
            detail = DisplayText.clean(words)
        case .trying:
            shape(.outline(radius: side / 2, width: max(1, side / 9)), disc, .accent)
            shape(.circle, Self.square(side * 2 / 5, in: disc), .accent)
        case nil: shape(.outline(radius: side / 2, width: max(1, side / 14)), disc, .line)
        }
        let start = disc.maxX + length(0.025)
        var line = SceneRectangle(x: start, y: row.y, width: max(1, row.maxX - start), height: row.height)
        if !detail.isEmpty {
            line.y = row.y + row.height * 4 / 100
            line.height = row.height / 2
            text(
                detail, in: SceneRectangle(x: start, y: line.maxY, width: line.width, height: row.height * 42 / 100),
                size: TypeSize.small, alignment: .left, colour: .secondaryText)
        }
        let isKnown = result != nil
        text(
            words(Strings.message(for: rung)), in: line, size: TypeSize.body,
            weight: detail.isEmpty ? .regular : .semibold, alignment: .left, colour: isKnown ? .text : .secondaryText)
    }
}
