extension SceneState {
    /// Everything to draw on a screen of that many pixels. The same state gives the same layout.
    package func layout(width: Int, height: Int) -> SceneLayout {
        var builder = SceneBuilder(state: self, width: max(16, width), height: max(16, height))
        builder.build()
        return builder.layout
    }
}

/// One layout being made. Sizes are fractions of `unit`, places fractions of the screen.
struct SceneBuilder {
    let state: SceneState
    let width: Int
    let height: Int
    /// The height of the largest 16:9 picture the screen holds: type is measured by it.
    let unit: Int
    var layout = SceneLayout()

    /// Heights of type, in units. The smallest is still read from four metres.
    enum TypeSize {
        static let small = 0.03
        static let body = 0.036
        static let heading = 0.044
        static let large = 0.068
        static let clock = 0.2
    }

    init(state: SceneState, width: Int, height: Int) {
        self.state = state
        self.width = width
        self.height = height
        unit = min(height, width * 9 / 16)
    }

    mutating func build() {
        switch state.phase {
        case .starting: starting()
        case .idle(let buttons, let rooms): idle(buttons: buttons, rooms: rooms)
        case .joining(let step, let canCancel): joining(step: step, canCancel: canCancel)
        case .passwordRequired(let wrong):
            caption(roomTitle)
            message(
                icon: .warning, colour: .warning, title: words(wrong ? .passwordRefusedTitle : .passwordTitle),
                sentence: words(wrong ? .passwordRefused : .passwordMissing))
            action(words(.passwordAction), colour: .raised, icon: nil)
            hint(.hangUpToCancel)
        case .waitingForHost:
            caption(roomTitle)
            message(icon: .people, colour: .accent, title: words(.hostTitle), sentence: words(.hostSentence))
            hint(.hangUpToCancel)
        case .lobby:
            caption(roomTitle)
            message(icon: .people, colour: .accent, title: words(.lobbyTitle), sentence: words(.lobbySentence))
            hint(.hangUpToCancel)
        case .aloneInRoom(let link): alone(link: link)
        case .inCall: call()
        case .reconnecting: reconnecting()
        case .leaving: message(icon: .hangUp, colour: .secondaryText, title: words(.leaving), sentence: roomTitle)
        case .fault(let code, let sentence, let action): fault(code: code, sentence: sentence, action: action)
        }
        notices()
    }

    // MARK: Measures

    func length(_ fraction: Double) -> Int { max(1, Int(fraction * Double(unit))) }

    /// A band across the screen between its margins; `y` and `height` as fractions of the screen's height.
    func band(y top: Double, height share: Double) -> SceneRectangle {
        SceneRectangle(
            x: margin, y: Int(top * Double(height)), width: max(1, width - 2 * margin),
            height: max(1, Int(share * Double(height))))
    }

    var margin: Int { length(0.04) }
    var gap: Int { length(0.015) }
    var radius: Int { length(0.016) }

    func words(_ key: Strings.Key) -> String { Strings.text(key, state.language) }

    /// What the room is called: by itself, else by the configuration, else by the box.
    var roomTitle: String {
        for name in [state.roomName, state.roomLabel, state.deviceName] {
            let clean = DisplayText.clean(name)
            if !clean.isEmpty { return clean }
        }
        return ""
    }

    // MARK: Layers

    mutating func text(
        _ text: String, in rectangle: SceneRectangle, size: Double, weight: TextLayer.Weight = .regular,
        alignment: TextLayer.Alignment = .centre, colour: ColourRole = .text, lines: Int = 1,
        plate: TextLayer.Plate? = nil
    ) {
        let clean = DisplayText.clean(text)
        guard !clean.isEmpty else { return }
        layout.texts.append(
            TextLayer(
                text: clean, rectangle: rectangle, size: size * Double(unit) / Double(height), weight: weight,
                alignment: alignment, colour: colour, maximumLines: lines, plate: plate))
    }

    mutating func shape(_ kind: ShapeLayer.Kind, _ rectangle: SceneRectangle, _ colour: ColourRole) {
        layout.shapes.append(ShapeLayer(kind: kind, rectangle: rectangle, colour: colour))
    }

    mutating func icon(_ icon: SceneIcon, _ rectangle: SceneRectangle, _ colour: ColourRole) {
        shape(.icon(icon), rectangle, colour)
    }

    /// A disc with a small drawing in it.
    mutating func mark(_ drawing: SceneIcon, _ rectangle: SceneRectangle, disc: ColourRole, ink: ColourRole) {
        shape(.circle, rectangle, disc)
        icon(drawing, Self.inset(rectangle, by: rectangle.width / 5), ink)
    }

    static func inset(_ rectangle: SceneRectangle, by distance: Int) -> SceneRectangle {
        SceneRectangle(
            x: rectangle.x + distance, y: rectangle.y + distance, width: max(1, rectangle.width - 2 * distance),
            height: max(1, rectangle.height - 2 * distance))
    }

    /// A square of `side` whose middle is that of `rectangle`.
    static func square(_ side: Int, in rectangle: SceneRectangle) -> SceneRectangle {
        SceneRectangle(
            x: rectangle.x + (rectangle.width - side) / 2, y: rectangle.y + (rectangle.height - side) / 2, width: side,
            height: side)
    }

    /// The last two messages, under the top line.
    private mutating func notices() {
        let line = length(0.066)
        for (index, notice) in state.notices.suffix(2).enumerated() {
            let row = SceneRectangle(
                x: width / 5, y: length(0.115) + index * (line + gap), width: width * 3 / 5, height: line)
            text(
                notice, in: row, size: TypeSize.body, weight: .semibold,
                plate: TextLayer.Plate(colour: .raised, icon: nil, roundness: 0.5))
        }
    }
}
