internal import Room

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
        static let title = 0.06
        static let clock = 0.235
    }

    init(state: SceneState, width: Int, height: Int) {
        self.state = state
        self.width = width
        self.height = height
        unit = min(height, width * 9 / 16)
    }

    mutating func build() {
        let isUnneeded =
            switch state.phase {
            case .idle, .disconnected, .fault: true
            default: false
            }
        layout.palette = state.theme.palette(brightness: isUnneeded && state.idleLight == .dimmed ? 40 : 100)
        if isUnneeded, state.idleLight == .off {
            shape(.roundedRectangle(radius: 0), SceneRectangle(x: 0, y: 0, width: width, height: height), .black)
            return
        }
        switch state.phase {
        case .starting: starting()
        case .disconnected(let ladder, let fault): disconnected(ladder, fault: fault)
        case .idle(let buttons, let rooms): idle(buttons: buttons, rooms: rooms)
        case .joining(let step, let canCancel): joining(step: step, canCancel: canCancel)
        case .passwordRequired(let wrong): password(wrong: wrong)
        case .waitingForHost: waiting(icon: .people, title: .hostTitle, sentence: .hostSentence)
        case .lobby: waiting(icon: .lock, title: .lobbyTitle, sentence: .lobbySentence)
        case .aloneInRoom(let link): alone(link: link)
        case .inCall: call()
        case .reconnecting: reconnecting()
        case .leaving: leaving()
        case .kicked: kicked()
        case .roomClosed: closed()
        case .moved(let room): moved(to: room)
        case .updating(let percent): updating(percent: percent)
        case .fault(let code, let sentence, let action, let link):
            fault(code: code, sentence: sentence, action: action, link: link)
        }
        switch state.phase {
        case .inCall, .aloneInRoom: break
        case .reconnecting: notices()
        default:
            shift()
            notices()
        }
    }

    /// Still screens move by a few pixels along a square, so that no edge burns in.
    private mutating func shift() {
        guard state.shiftStep != 0 else { return }
        let reach = length(0.005)
        let path = [(0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
        let (across, down) = path[Int(UInt(bitPattern: state.shiftStep) % UInt(path.count))]
        for index in layout.overlay.indices {
            var rectangle = layout.overlay[index].rectangle
            if rectangle.width == width {
                // What runs from edge to edge keeps its edges: the band at the top grows and shrinks, with its line below.
                if rectangle.y > 0 {
                    rectangle.y += down * reach
                } else if rectangle.maxY < height {
                    rectangle.height = max(1, rectangle.height + down * reach)
                }
            } else {
                rectangle.x += across * reach
                rectangle.y += down * reach
            }
            layout.overlay[index].rectangle = rectangle
        }
        for index in layout.videos.indices {
            layout.videos[index].rectangle.x += across * reach
            layout.videos[index].rectangle.y += down * reach
        }
    }

    // MARK: Measures

    func length(_ fraction: Double) -> Int { max(1, Int(fraction * Double(unit))) }

    /// A band across the screen between its margins; `y` and `height` as fractions of the screen's height.
    func band(y top: Double, height share: Double) -> SceneRectangle {
        SceneRectangle(
            x: margin, y: Int(top * Double(height)), width: max(1, width - 2 * margin),
            height: max(1, Int(share * Double(height))))
    }

    /// A rectangle in the largest 16:9 picture's width, from `left` to `right` in units (0 to 16/9).
    func column(_ left: Double, _ right: Double, y top: Double, height share: Double) -> SceneRectangle {
        let start = (width - unit * 16 / 9) / 2 + Int(left * Double(unit))
        return SceneRectangle(
            x: start, y: Int(top * Double(height)), width: max(1, Int((right - left) * Double(unit))),
            height: max(1, Int(share * Double(height))))
    }

    var margin: Int { length(0.04) }
    var gap: Int { length(0.015) }
    var radius: Int { length(0.016) }

    func words(_ message: Message) -> String { Strings.text(message, state.language) }

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
        vertical: TextLayer.Vertical = .middle, plate: TextLayer.Plate? = nil
    ) {
        let clean = DisplayText.line(text)
        guard !clean.isEmpty else { return }
        layout.overlay.append(
            .text(
                TextLayer(
                    text: clean, rectangle: rectangle, size: size * Double(unit) / Double(height), weight: weight,
                    alignment: alignment, colour: colour, maximumLines: lines, vertical: vertical, plate: plate)))
    }

    mutating func shape(_ kind: ShapeLayer.Kind, _ rectangle: SceneRectangle, _ colour: ColourRole) {
        layout.overlay.append(.shape(ShapeLayer(kind: kind, rectangle: rectangle, colour: colour)))
    }

    mutating func icon(_ icon: SceneIcon, _ rectangle: SceneRectangle, _ colour: ColourRole) {
        shape(.icon(icon), rectangle, colour)
    }

    /// A disc with a small drawing in it.
    mutating func mark(_ drawing: SceneIcon, _ rectangle: SceneRectangle, disc: ColourRole, ink: ColourRole) {
        shape(.circle, rectangle, disc)
        icon(drawing, Self.inset(rectangle, by: rectangle.width / 5), ink)
    }

    /// A surface that things lie on; in high contrast a line parts it from the background.
    mutating func card(_ rectangle: SceneRectangle, radius corner: Double = 0.022, colour: ColourRole = .surface) {
        shape(.roundedRectangle(radius: length(corner)), rectangle, colour)
        if state.theme.highContrast {
            shape(.outline(radius: length(corner), width: max(1, length(0.003))), rectangle, .line)
        }
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

    /// About how many pixels wide words will be, rather more than less: only the painter knows.
    func estimatedWidth(_ text: String, size: Double, weight: TextLayer.Weight = .regular) -> Int {
        var ems = 0.0
        for character in text {
            switch character {
            case "i", "j", "l", "I", ".", ",", ":", ";", "'", "’", "!", "|", " ", "\u{A0}", "\u{202F}": ems += 0.29
            case "f", "r", "t", "(", ")", "-": ems += 0.42
            case "m", "w", "M", "W", "%": ems += 0.92
            case "A"..."Z": ems += 0.66
            case let one where (one.unicodeScalars.first?.value ?? 0) >= 0x2E80: ems += 1.05
            case let one where (one.unicodeScalars.first?.value ?? 0) >= 0x900: ems += 0.72
            case let one where (one.unicodeScalars.first?.value ?? 0) >= 0x300: ems += 0.62
            default: ems += 0.575
            }
        }
        let wide = weight == .semibold || weight == .bold ? 1.07 : 1.0
        return Int((ems * wide + 0.1) * size * Double(unit)) + 1
    }
}
