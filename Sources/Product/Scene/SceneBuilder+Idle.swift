/// The screen of a box that nobody uses.
extension SceneBuilder {
    mutating func starting() {
        let disc = Self.square(length(0.2), in: band(y: 0.2, height: 0.2))
        if let crest = state.theme.crest {
            shape(.picture(crest), Self.crest(crest, in: disc), .text)
        } else {
            mark(.plug, disc, disc: .ground, ink: .text)
        }
        text(state.deviceName, in: band(y: 0.44, height: 0.1), size: 0.068, weight: .semibold)
        text(words(.starting), in: band(y: 0.55, height: 0.07), size: TypeSize.heading, colour: .secondaryText)
    }

    /// The town's band: the arms, where one is, and the time.
    mutating func header(_ title: String, withClock: Bool = true) {
        let band = SceneRectangle(x: 0, y: 0, width: width, height: Int(0.125 * Double(height)))
        shape(.roundedRectangle(radius: 0), band, .ground)
        let line = max(2, length(0.005))
        shape(
            .roundedRectangle(radius: 0), SceneRectangle(x: 0, y: band.height, width: width, height: line), .accent)
        var left = margin
        if let crest = state.theme.crest {
            let side = min(length(0.09), band.height * 8 / 10)
            let place = SceneRectangle(x: left, y: (band.height - side) / 2, width: 2 * side, height: side)
            let drawn = Self.crest(crest, in: place)
            shape(.picture(crest), SceneRectangle(x: left, y: place.y, width: drawn.width, height: side), .text)
            left += drawn.width + length(0.025)
        }
        // Still screens move by a few pixels.
        let inset = length(0.01)
        let clock = withClock ? state.clockText ?? "" : ""
        let right = width - margin - (clock.isEmpty ? 0 : length(0.22))
        text(
            title,
            in: SceneRectangle(
                x: left, y: inset, width: max(1, right - left), height: max(1, band.height - 2 * inset)), size: 0.048,
            weight: .semibold, alignment: .left)
        text(
            clock,
            in: SceneRectangle(
                x: right, y: inset, width: length(0.22), height: max(1, band.height - 2 * inset)),
            size: TypeSize.heading, alignment: .right)
    }

    /// The largest rectangle of the picture's shape in the middle of `place`.
    static func crest(_ crest: ScenePicture, in place: SceneRectangle) -> SceneRectangle {
        let width = max(1, min(place.width, place.height * crest.width / crest.height))
        let height = max(1, min(place.height, width * crest.height / crest.width))
        return SceneRectangle(
            x: place.x + (place.width - width) / 2, y: place.y + (place.height - height) / 2, width: width,
            height: height)
    }

    mutating func idle(buttons: [SceneButton], rooms: [String]) {
        header(DisplayText.clean(state.deviceName), withClock: false)
        let link = DisplayText.clean(state.meetingLink ?? "")
        let right = link.isEmpty ? 1.738 : 1.09
        let alignment: TextLayer.Alignment = link.isEmpty ? .centre : .left
        if let clock = state.clockText {
            text(
                clock, in: column(0.04, right, y: 0.155, height: 0.24), size: TypeSize.clock, weight: .light,
                alignment: alignment)
            let day = state.date.map { Strings.date($0, state.language) } ?? ""
            text(
                day.prefix(1).uppercased() + day.dropFirst(), in: column(0.04, right, y: 0.4, height: 0.075),
                size: 0.048, alignment: alignment, colour: .secondaryText)
        }
        let named = rooms.map(DisplayText.clean).filter { !$0.isEmpty }
        let title = named.isEmpty ? roomTitle : named.prefix(4).joined(separator: "  ·  ")
        if let meeting = state.nextMeeting {
            next(meeting, in: column(0.04, right, y: 0.49, height: 0.165), joins: buttons.filter { $0.role == .join })
        } else {
            let top = state.clockText == nil ? 0.3 : 0.515
            text(
                title, in: column(0.04, right, y: top, height: 0.075), size: 0.052, weight: .semibold,
                alignment: alignment)
            let joins = buttons.filter { $0.role == .join }.count
            if joins > 0 {
                text(
                    words(joins > 1 ? .idleHintMany : .idleHint), in: column(0.04, right, y: top + 0.08, height: 0.06),
                    size: TypeSize.body,
                    alignment: alignment, colour: .secondaryText)
            }
        }
        if !link.isEmpty { invitation(link, in: column(1.16, 1.738, y: 0.165, height: 0.49)) }
        keys(Array(buttons.prefix(SceneButton.mostShown)))
    }

    /// How others come in: words, QR and address.
    private mutating func invitation(_ link: String, in place: SceneRectangle) {
        card(place)
        let inner = length(0.025)
        func row(_ top: Double, _ share: Double) -> SceneRectangle {
            SceneRectangle(
                x: place.x + inner, y: place.y + Int(top * Double(place.height)),
                width: max(1, place.width - 2 * inner), height: max(1, Int(share * Double(place.height))))
        }
        text(words(.joinHere), in: row(0.025, 0.1), size: TypeSize.body, weight: .semibold)
        let square = row(0.14, 0.68)
        let side = min(square.height, square.width)
        shape(.qr(link), Self.square(side, in: square), .black)
        text(Self.shown(link), in: row(0.825, 0.16), size: TypeSize.small, colour: .secondaryText, lines: 2)
    }

    /// A link as people say it: without the scheme.
    static func shown(_ link: String) -> String {
        let clean = DisplayText.clean(link)
        for scheme in ["https://", "http://"] where clean.hasPrefix(scheme) {
            return String(clean.dropFirst(scheme.count))
        }
        return clean
    }

    /// The buttons of the box, drawn as keys.
    private mutating func keys(_ buttons: [SceneButton]) {
        guard !buttons.isEmpty else { return }
        let row = band(y: 0.695, height: 0.26)
        let space = length(buttons.count > 5 ? 0.02 : 0.03)
        let keyWidth = min(length(0.46), (row.width - space * (buttons.count - 1)) / buttons.count)
        let left = row.x + (row.width - buttons.count * keyWidth - (buttons.count - 1) * space) / 2
        let depth = length(0.009)
        let hasHeld = buttons.contains { $0.held != nil }
        for (index, button) in buttons.enumerated() {
            let key = SceneRectangle(
                x: left + index * (keyWidth + space), y: row.y, width: max(1, keyWidth), height: row.height)
            let cap = SceneRectangle(x: key.x, y: key.y, width: key.width, height: max(1, key.height - depth))
            shape(.roundedRectangle(radius: length(0.024)), key, .raised)
            card(cap, radius: 0.024)
            if button.role == .join, let room = state.nextMeeting?.room, room == button.label {
                shape(.outline(radius: length(0.024), width: max(2, length(0.006))), cap, .accent)
            }
            let side = min(length(hasHeld ? 0.075 : 0.085), cap.width)
            let disc = SceneRectangle(
                x: cap.x + (cap.width - side) / 2, y: cap.y + cap.height * 9 / 100, width: side, height: side)
            let look = look(of: button.role)
            mark(look.icon, disc, disc: look.disc, ink: look.ink)
            let top = disc.maxY + length(0.01)
            let room = SceneRectangle(
                x: cap.x + gap / 2, y: top, width: max(1, cap.width - gap), height: max(1, cap.maxY - top - depth))
            legend(of: button, in: room, size: buttons.count > 6 ? TypeSize.small : 0.034)
        }
    }

    /// What a key does; a key that joins says so above the name of its room.
    private mutating func legend(of button: SceneButton, in rectangle: SceneRectangle, size: Double) {
        let deed = words(Strings.message(for: button.role))
        let label = DisplayText.clean(button.label)
        var (upper, lower) = (rectangle, rectangle)
        upper.height = max(1, rectangle.height * 36 / 100)
        lower.y = upper.maxY
        lower.height = max(1, rectangle.height - upper.height)
        if button.role == .join, !label.isEmpty {
            text(deed, in: upper, size: TypeSize.small, colour: .secondaryText)
            let fits = estimatedWidth(label, size: size, weight: .semibold) <= lower.width
            text(label, in: lower, size: fits ? size : TypeSize.small, weight: .semibold, lines: 2)
        } else if let held = button.held {
            text(label.isEmpty ? deed : label, in: upper, size: size, weight: .semibold)
            let other = words(Strings.message(for: held))
            text(
                Strings.text(.holdFor, name: other.prefix(1).lowercased() + other.dropFirst(), state.language),
                in: lower, size: TypeSize.small, colour: .secondaryText, lines: 2)
        } else {
            text(label.isEmpty ? deed : label, in: rectangle, size: size, weight: .semibold, lines: 2)
        }
    }

    /// What is off before the call looks off: struck out, and red as its lamp.
    private func look(of role: SceneButtonRole) -> (icon: SceneIcon, disc: ColourRole, ink: ColourRole) {
        switch role {
        case .microphone where state.microphoneMuted: (.mutedMicrophone, .danger, .text)
        case .camera where !state.cameraOn: (.cameraOff, .danger, .text)
        case .join: (.phone, .positive, .darkText)
        case .hangUp: (.hangUp, .danger, .text)
        case .microphone: (.microphone, .raised, .text)
        case .camera: (.camera, .raised, .text)
        case .hand: (.hand, .raised, .text)
        case .layout: (.layout, .raised, .text)
        case .louder: (.louder, .raised, .text)
        case .softer: (.softer, .raised, .text)
        case .people: (.people, .raised, .text)
        }
    }
}
