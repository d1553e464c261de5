/// The screens that say one thing.
extension SceneBuilder {
    /// A drawing, a title and a sentence in the middle of the screen.
    mutating func message(icon drawing: SceneIcon, colour: ColourRole, title: String, sentence: String) {
        let disc = Self.square(length(0.16), in: band(y: 0.2, height: 0.16))
        shape(.circle, disc, .surface)
        icon(drawing, Self.inset(disc, by: disc.width / 4), colour)
        text(title, in: narrow(band(y: 0.385, height: 0.115)), size: TypeSize.title, weight: .semibold)
        text(
            sentence, in: narrow(band(y: 0.5, height: 0.13)), size: TypeSize.heading, colour: .secondaryText, lines: 2)
    }

    /// What can be done, as a plate below a message.
    mutating func action(_ words: String, colour: ColourRole = .raised, icon: SceneIcon? = .arrowRight) {
        text(
            words, in: narrow(band(y: 0.66, height: 0.09)), size: 0.042, weight: .semibold,
            plate: TextLayer.Plate(colour: colour, icon: icon, iconColour: .accent, roundness: 0.3))
    }

    /// What the red button does now, at the bottom.
    mutating func hint(_ message: Message) {
        text(
            words(message), in: band(y: 0.885, height: 0.07), size: TypeSize.body, colour: .text,
            plate: TextLayer.Plate(colour: .surface, icon: .hangUp, iconColour: .alarm, roundness: 0.5))
    }

    func narrow(_ rectangle: SceneRectangle) -> SceneRectangle {
        let wide = max(1, min(rectangle.width, length(1.5)))
        return SceneRectangle(
            x: rectangle.x + (rectangle.width - wide) / 2, y: rectangle.y, width: wide, height: rectangle.height)
    }

    mutating func password(wrong: Bool) {
        header(roomTitle)
        message(
            icon: .lock, colour: .warning, title: words(wrong ? .passwordRefusedTitle : .passwordTitle),
            sentence: words(wrong ? .passwordRefused : .passwordMissing))
        action(words(.passwordAction))
        hint(.hangUpToCancel)
    }

    mutating func leaving() {
        header(DisplayText.clean(state.deviceName))
        message(icon: .hangUp, colour: .secondaryText, title: words(.leaving), sentence: roomTitle)
    }

    mutating func kicked() {
        header(DisplayText.clean(state.deviceName))
        let by = DisplayText.clean(state.farewell.by)
        message(
            icon: .hangUp, colour: .alarm, title: words(.kickedTitle),
            sentence: withReason(
                by.isEmpty ? words(.kickedSentence) : Strings.text(.kickedBy, name: by, state.language)))
        action(words(.kickedAction), icon: .phone)
        hint(.hangUpToReturn)
    }

    mutating func closed() {
        header(DisplayText.clean(state.deviceName))
        message(
            icon: .tick, colour: .positive, title: words(.closedTitle), sentence: withReason(words(.closedSentence)))
        action(words(.closedAction))
        hint(.hangUpToReturn)
    }

    /// A sentence, and after it what the others said about it.
    private func withReason(_ sentence: String) -> String {
        let reason = DisplayText.clean(state.farewell.reason)
        return reason.isEmpty ? sentence : sentence + " " + Strings.text(.quoted, name: reason, state.language)
    }

    mutating func moved(to room: String) {
        header(DisplayText.clean(state.deviceName))
        message(icon: .arrowRight, colour: .accent, title: words(.movedTitle), sentence: words(.movedSentence))
        action(DisplayText.clean(room), icon: .phone)
        hint(.hangUpToCancel)
    }

    mutating func updating(percent: Int?) {
        header(DisplayText.clean(state.deviceName))
        message(icon: .update, colour: .accent, title: words(.updatingTitle), sentence: words(.updatingSentence))
        guard let percent else { return }
        let share = min(100, max(0, percent))
        let row = narrow(band(y: 0.69, height: 0.03))
        shape(.roundedRectangle(radius: row.height / 2), row, .raised)
        shape(.progress(hundredths: share), row, .accent)
        text(
            Strings.quantity(String(share), "%", state.language), in: narrow(band(y: 0.74, height: 0.06)),
            size: TypeSize.body, weight: .semibold)
    }

    mutating func fault(code: String, sentence: String, action: String, link: String) {
        header(DisplayText.clean(state.deviceName))
        let place = column(0.14, 1.638, y: 0.19, height: 0.64)
        card(place, radius: 0.03)
        let inner = length(0.06)
        let hasLink = !DisplayText.clean(link).isEmpty
        let square = min(length(0.36), place.height * 60 / 100)
        let textRight = place.maxX - inner - (hasLink ? square + inner : 0)
        func row(_ top: Double, _ share: Double) -> SceneRectangle {
            SceneRectangle(
                x: place.x + inner, y: place.y + Int(top * Double(place.height)),
                width: max(1, textRight - place.x - inner), height: max(1, Int(share * Double(place.height))))
        }
        let head = row(0.09, 0.16)
        let side = min(length(0.1), head.height)
        icon(
            .warning, SceneRectangle(x: head.x, y: head.y + (head.height - side) / 2, width: side, height: side),
            .warning)
        var label = head
        label.x += side + length(0.025)
        label.width = max(1, head.maxX - label.x)
        let number = DisplayText.clean(code)
        text(
            number.isEmpty ? words(.faultTitle) : words(.faultTitle) + "\u{A0}" + number, in: label,
            size: TypeSize.heading, weight: .semibold, alignment: .left, colour: .secondaryText)
        text(sentence, in: row(0.3, 0.34), size: 0.05, weight: .semibold, alignment: .left, lines: 3)
        text(
            action, in: row(0.7, 0.2), size: 0.038, weight: .semibold, alignment: .left, lines: 2,
            plate: TextLayer.Plate(colour: .raised, icon: .arrowRight, iconColour: .accent, roundness: 0.16))
        if hasLink {
            let code = SceneRectangle(
                x: place.maxX - inner - square, y: place.y + place.height * 12 / 100, width: square, height: square)
            shape(.qr(link), code, .black)
            text(
                words(.scanForHelp),
                in: SceneRectangle(
                    x: code.x, y: code.maxY + length(0.015), width: code.width,
                    height: max(1, min(length(0.09), place.maxY - code.maxY - length(0.03)))),
                size: TypeSize.small, colour: .secondaryText, lines: 2)
        }
        hint(.hangUpToReturn)
    }
}
