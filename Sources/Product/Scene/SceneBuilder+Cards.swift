/// The screens without moving pictures.
extension SceneBuilder {
    mutating func starting() {
        text(state.deviceName, in: band(y: 0.36, height: 0.13), size: TypeSize.large, weight: .semibold)
        text(words(.starting), in: band(y: 0.5, height: 0.08), size: TypeSize.heading, colour: .secondaryText)
    }

    /// Where one is: the box when idle, the room on the way in.
    mutating func caption(_ words: String) {
        text(
            words, in: band(y: 0.04, height: 0.08), size: TypeSize.heading, weight: .semibold, alignment: .left,
            colour: .secondaryText)
    }

    mutating func idle(buttons: [SceneButton], rooms: [String]) {
        caption(state.deviceName)
        let named = rooms.map(DisplayText.clean).filter { !$0.isEmpty }
        let title = named.isEmpty ? roomTitle : named.prefix(4).joined(separator: "  ·  ")
        if let clock = state.clockText {
            text(clock, in: band(y: 0.14, height: 0.3), size: TypeSize.clock, weight: .light)
            text(title, in: band(y: 0.44, height: 0.09), size: 0.052, weight: .semibold)
        } else {
            text(title, in: band(y: 0.25, height: 0.18), size: 0.09, weight: .semibold)
        }
        if buttons.contains(where: { $0.role == .join }) {
            text(words(.idleHint), in: band(y: 0.535, height: 0.07), size: TypeSize.body, colour: .secondaryText)
        }
        keys(Array(buttons.prefix(6)))
    }

    /// The buttons of the box, drawn as keys.
    private mutating func keys(_ buttons: [SceneButton]) {
        guard !buttons.isEmpty else { return }
        let row = band(y: 0.66, height: 0.25)
        let space = length(0.03)
        let keyWidth = min(length(0.46), (row.width - space * (buttons.count - 1)) / buttons.count)
        let left = row.x + (row.width - buttons.count * keyWidth - (buttons.count - 1) * space) / 2
        let depth = length(0.008)
        for (index, button) in buttons.enumerated() {
            let key = SceneRectangle(
                x: left + index * (keyWidth + space), y: row.y, width: max(1, keyWidth), height: row.height)
            let cap = SceneRectangle(x: key.x, y: key.y, width: key.width, height: max(1, key.height - depth))
            shape(.roundedRectangle(radius: length(0.024)), key, .raised)
            shape(.roundedRectangle(radius: length(0.024)), cap, .surface)
            let side = min(length(0.085), cap.width)
            let disc = SceneRectangle(
                x: cap.x + (cap.width - side) / 2, y: cap.y + cap.height * 12 / 100, width: side, height: side)
            let look = Self.look(of: button.role)
            mark(look.icon, disc, disc: look.disc, ink: look.ink)
            let top = disc.maxY + length(0.01)
            let room = SceneRectangle(
                x: cap.x + gap, y: top, width: max(1, cap.width - 2 * gap), height: max(1, cap.maxY - top - depth))
            legend(of: button, in: room)
        }
    }

    /// What a key does; a key that joins says so above the name of its room.
    private mutating func legend(of button: SceneButton, in rectangle: SceneRectangle) {
        let deed = words(Strings.key(for: button.role))
        guard button.role == .join, !button.label.isEmpty else {
            text(button.label.isEmpty ? deed : button.label, in: rectangle, size: 0.034, weight: .semibold, lines: 2)
            return
        }
        var (upper, lower) = (rectangle, rectangle)
        upper.height = max(1, rectangle.height * 46 / 100)
        lower.y = upper.maxY
        lower.height = max(1, rectangle.height - upper.height)
        text(deed, in: upper, size: TypeSize.small, colour: .secondaryText)
        text(button.label, in: lower, size: 0.034, weight: .semibold)
    }

    private static func look(of role: SceneButtonRole) -> (icon: SceneIcon, disc: ColourRole, ink: ColourRole) {
        switch role {
        case .join: (.phone, .positive, .darkText)
        case .hangUp: (.hangUp, .danger, .text)
        case .microphone: (.microphone, .raised, .text)
        case .camera: (.camera, .raised, .text)
        case .hand: (.hand, .raised, .text)
        }
    }

    mutating func joining(step: JoinStep, canCancel: Bool) {
        text(words(.joiningTitle), in: band(y: 0.13, height: 0.07), size: TypeSize.heading, colour: .secondaryText)
        text(roomTitle, in: band(y: 0.2, height: 0.13), size: TypeSize.large, weight: .semibold)
        let rowHeight = Int(0.09 * Double(height))
        let column = min(width - 2 * margin, length(0.9))
        let left = (width - column) / 2 + length(0.06)
        let side = length(0.046)
        for (index, each) in JoinStep.allCases.enumerated() {
            let row = SceneRectangle(
                x: left, y: Int(0.4 * Double(height)) + index * rowHeight, width: column, height: rowHeight)
            let disc = SceneRectangle(x: row.x, y: row.y + (row.height - side) / 2, width: side, height: side)
            if each < step {
                mark(.tick, disc, disc: .positive, ink: .darkText)
            } else if each == step {
                shape(.outline(radius: side / 2, width: max(1, side / 10)), disc, .accent)
                shape(.circle, Self.square(side * 2 / 5, in: disc), .accent)
            } else {
                shape(.circle, Self.square(side * 2 / 5, in: disc), .raised)
            }
            let start = disc.maxX + length(0.03)
            text(
                words(Strings.key(for: each)),
                in: SceneRectangle(
                    x: start, y: row.y, width: max(1, min(width - margin, row.maxX) - start), height: row.height),
                size: 0.04, weight: each == step ? .semibold : .regular, alignment: .left,
                colour: each == step ? .text : .secondaryText)
        }
        if canCancel { hint(.hangUpToCancel) }
    }

    /// A drawing, a title and a sentence in the middle of the screen.
    mutating func message(icon drawing: SceneIcon, colour: ColourRole, title: String, sentence: String) {
        let row = band(y: 0.22, height: 0.13)
        icon(drawing, Self.square(length(0.11), in: row), colour)
        text(title, in: band(y: 0.38, height: 0.13), size: TypeSize.large, weight: .semibold)
        text(
            sentence, in: narrow(band(y: 0.51, height: 0.13)), size: TypeSize.heading, colour: .secondaryText, lines: 2)
    }

    /// What can be done, as a plate below a message.
    mutating func action(_ words: String, colour: ColourRole, icon: SceneIcon?) {
        text(
            words, in: band(y: 0.68, height: 0.1), size: TypeSize.heading, weight: .semibold,
            plate: TextLayer.Plate(colour: colour, icon: icon, roundness: 0.3))
    }

    /// What the red button does now, at the bottom.
    mutating func hint(_ key: Strings.Key) {
        text(
            words(key), in: band(y: 0.86, height: 0.07), size: TypeSize.body, colour: .secondaryText,
            plate: TextLayer.Plate(colour: .surface, icon: .hangUp, roundness: 0.5))
    }

    func narrow(_ rectangle: SceneRectangle) -> SceneRectangle {
        let wide = max(1, min(rectangle.width, length(1.4)))
        return SceneRectangle(
            x: rectangle.x + (rectangle.width - wide) / 2, y: rectangle.y, width: wide, height: rectangle.height)
    }

    mutating func fault(code: String, sentence: String, action: String) {
        let card = narrow(band(y: 0.14, height: 0.72))
        shape(.roundedRectangle(radius: length(0.03)), card, .surface)
        let inner = length(0.06)
        func row(_ top: Double, _ share: Double) -> SceneRectangle {
            SceneRectangle(
                x: card.x + inner, y: card.y + Int(top * Double(card.height)), width: max(1, card.width - 2 * inner),
                height: max(1, Int(share * Double(card.height))))
        }
        icon(.warning, Self.square(length(0.11), in: row(0.08, 0.16)), .warning)
        text(
            words(.faultTitle) + " " + code, in: row(0.26, 0.1), size: TypeSize.body, weight: .semibold,
            colour: .secondaryText)
        text(sentence, in: row(0.37, 0.31), size: 0.05, weight: .semibold, lines: 3)
        text(
            action, in: row(0.76, 0.14), size: 0.038, weight: .semibold,
            plate: TextLayer.Plate(colour: .raised, icon: nil, roundness: 0.3))
    }
}
