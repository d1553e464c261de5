/// Takes an iCalendar text apart into the events and time zones that it holds, each small enough to be given to libical by
/// itself: one that is not understood takes no other with it, and none costs more memory than its limits allow.
struct CalendarScanner {
    private static let maximumDepth = 16
    /// Lines and bytes of one component.
    private static let maximumLines = 4_000
    private static let maximumBytes = 262_144

    /// A component whose lines make a text of their own.
    struct Piece {
        /// From BEGIN to END, ready for libical.
        var text: [UInt8]
        /// How many values of each property the text holds.
        var counts: [String: Int]
        /// The properties that were cut or left out, by their names.
        var cut: [String]
    }

    enum Component {
        case event(Piece)
        case zone(Piece)
    }

    private var lines: ContentLines
    /// Whether there was a calendar at all.
    private(set) var isCalendar = false
    /// The components that the present line is in, the outermost first.
    private var components: [String] = []
    private var piece = Piece(text: [], counts: [:], cut: [])
    private var lineCount = 0

    init(_ bytes: [UInt8]) {
        lines = ContentLines(bytes)
    }

    /// The next event or time zone that is complete.
    mutating func next() -> Component? {
        while let (line, isWhole) = lines.next() {
            guard let name = name(of: line) else { continue }
            switch name {
            case "BEGIN": begin(Self.value(of: line))
            case "END": if let component = end(Self.value(of: line)) { return component }
            default: take(name, line, isWhole: isWhole)
            }
        }
        return nil
    }

    /// The name of a line that matters where it stands.
    private func name(of line: [UInt8]) -> String? {
        let bytes = line.prefix(24).prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
        guard bytes.count < line.count, bytes.count < 24 else { return nil }
        let name = String(decoding: bytes, as: UTF8.self).uppercased()
        if name == "BEGIN" || name == "END" { return name }
        guard components.first == "VCALENDAR" else { return nil }
        switch components.count {
        case 2 where components[1] == "VEVENT": return CalendarEvent.properties.contains(name) ? name : nil
        case 2 where components[1] == "VTIMEZONE": return ZoneDefinition.properties.contains(name) ? name : nil
        case 3 where components[1] == "VTIMEZONE":
            return ZoneDefinition.observanceProperties.contains(name) ? name : nil
        default: return nil
        }
    }

    private static func value(of line: [UInt8]) -> String {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return "" }
        let word = line[(colon + 1)...].prefix(40).filter { $0 > 0x20 }
        return String(decoding: word, as: UTF8.self).uppercased()
    }

    private mutating func begin(_ component: String) {
        guard components.count < Self.maximumDepth else { return }
        components.append(component)
        isCalendar = isCalendar || components == ["VCALENDAR"]
        guard components.first == "VCALENDAR" else { return }
        if components.count == 2 {
            piece = Piece(
                text: Array("BEGIN:\(component == "VEVENT" ? "VEVENT" : "VTIMEZONE")\r\n".utf8), counts: [:], cut: [])
            lineCount = 0
        } else if let observance {
            piece.text += Array("BEGIN:\(observance)\r\n".utf8)
        }
    }

    private mutating func end(_ component: String) -> Component? {
        // What is not closed is closed with what it is in.
        guard let depth = components.lastIndex(of: component) else { return nil }
        if depth < 3, components.count > 2, let observance { piece.text += Array("END:\(observance)\r\n".utf8) }
        defer { components.removeSubrange(depth...) }
        guard components[0] == "VCALENDAR", depth <= 1, components.count > 1 else { return nil }
        switch components[1] {
        case "VEVENT":
            piece.text += Array("END:VEVENT\r\n".utf8)
            return .event(piece)
        case "VTIMEZONE":
            piece.text += Array("END:VTIMEZONE\r\n".utf8)
            return .zone(piece)
        default: return nil
        }
    }

    /// The part of a zone that the present line is in.
    private var observance: String? {
        guard components.count == 3, components[1] == "VTIMEZONE" else { return nil }
        return components[2] == "DAYLIGHT" ? "DAYLIGHT" : "STANDARD"
    }

    private mutating func take(_ name: String, _ line: [UInt8], isWhole: Bool) {
        guard isWhole || CalendarEvent.descriptions.contains(name), lineCount < Self.maximumLines,
            piece.text.count + line.count < Self.maximumBytes
        else {
            if !CalendarEvent.descriptions.contains(name), piece.cut.count < 20 { piece.cut.append(name) }
            return
        }
        // A NUL would end the text, a carriage return the line.
        let clean = line.map { $0 < 0x20 && $0 != UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 }
        for repaired in LineRepair.repair(name, clean) {
            piece.text += repaired.line
            piece.text += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
            piece.counts[name, default: 0] += repaired.values
            lineCount += 1
        }
    }
}
