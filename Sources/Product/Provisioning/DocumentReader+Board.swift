internal import Devices
internal import TOML

/// What `board.toml` holds, and what a configuration may put in its place.
extension DocumentReader {
    /// Roles that buttons and lamps can have besides those that join the meetings 1 to 9.
    private static let roles: [ButtonRole] =
        [.mute, .hangUp, .camera, .hand, .layout, .volumeUp, .volumeDown] + (0..<4).map { .preset(index: $0) }

    mutating func readBoard(_ root: TOMLTable) -> BoardDescription {
        checkKeys(of: root, at: "", known: ["schema_version", "name", "models", "display", "buttons", "lamps"])
        readVersion(root)
        var board = BoardDescription()
        if let name = text(root, "name", at: "", limit: 80) { board.name = name }
        if root["name"] == nil { report("name", .missing) }
        board.models = textList(root, "models", at: "")
        if let display = section(root, "display") {
            checkKeys(of: display, at: "display", known: ["connector"])
            board.connector = connector(display, at: "display")
        }
        board.buttons = readButtons(root, at: "")
        board.lamps = readLamps(root, at: "")
        return board
    }

    mutating func readButtons(_ table: TOMLTable, at path: String) -> [BoardButton] {
        let place = path.isEmpty ? "buttons" : "\(path).buttons"
        var buttons: [BoardButton] = []
        for (index, entry) in sections(table, "buttons", at: path).enumerated() {
            let path = "\(place)[\(index)]"
            checkKeys(of: entry, at: path, known: ["role", "chip", "line", "active_low", "bias"])
            let role = readRole(entry, at: path, known: Self.roles.map(LampRole.button)).flatMap { role in
                if case .button(let role) = role { role } else { nil }
            }
            let chip = required(entry, "chip", at: path)
            guard let role, let chip, let line = readLine(entry, "line", at: path) else { continue }
            if let other = buttons.first(where: { $0.chip == chip && $0.line == line }) {
                report(
                    "\(path).line",
                    .wrongValue(
                        found: "\(chip) \(line)",
                        expected: LocalizedText(
                            "cette ligne est déjà celle du bouton « \(other.role) »",
                            "this line is already that of the button '\(other.role)'")))
            }
            buttons.append(
                BoardButton(
                    role: role, chip: chip, line: line,
                    isActiveLow: boolean(entry, "active_low", at: path) ?? true,
                    bias: choice(entry, "bias", at: path) ?? .pullUp))
        }
        return buttons
    }

    mutating func readLamps(_ table: TOMLTable, at path: String) -> [BoardLamp] {
        let place = path.isEmpty ? "lamps" : "\(path).lamps"
        var lamps: [BoardLamp] = []
        for (index, entry) in sections(table, "lamps", at: path).enumerated() {
            let path = "\(place)[\(index)]"
            checkKeys(
                of: entry, at: path, known: ["role", "led", "chip", "line", "red", "green", "blue", "active_low"])
            let role = readRole(entry, at: path, known: [.room] + Self.roles.map(LampRole.button))
            guard let wire = readWire(entry, at: path), let role else { continue }
            lamps.append(
                BoardLamp(role: role, wire: wire, isActiveLow: boolean(entry, "active_low", at: path) ?? false))
        }
        return lamps
    }

    private mutating func readWire(_ entry: TOMLTable, at path: String) -> BoardLamp.Wire? {
        if entry["led"] != nil { return text(entry, "led", at: path, limit: 80).map { .ledClass($0) } }
        guard let chip = required(entry, "chip", at: path) else { return nil }
        if entry["red"] != nil || entry["green"] != nil || entry["blue"] != nil {
            let red = readLine(entry, "red", at: path)
            let green = readLine(entry, "green", at: path)
            let blue = readLine(entry, "blue", at: path)
            guard let red, let green, let blue else { return nil }
            return .colours(chip: chip, red: red, green: green, blue: blue)
        }
        return readLine(entry, "line", at: path).map { .line(chip: chip, $0) }
    }

    /// - Parameter known: the roles besides those that join a meeting.
    private mutating func readRole(_ entry: TOMLTable, at path: String, known: [LampRole]) -> LampRole? {
        guard let name = required(entry, "role", at: path) else { return nil }
        let joins = (0..<9).map { LampRole.button(.join(room: $0)) }
        guard let role = LampRole(name: name), (known + joins).contains(role) else {
            var names = known.map(\.name)
            names.insert(ButtonRole.join(room: 0).name, at: known.first == .room ? 1 : 0)
            report(
                "\(path).role",
                .wrongValue(
                    found: name,
                    expected: LocalizedText(
                        names.map { "« \($0) »" }.joined(separator: ", "),
                        names.map { "'\($0)'" }.joined(separator: ", "))))
            return nil
        }
        return role
    }

    mutating func required(_ entry: TOMLTable, _ key: String, at path: String) -> String? {
        if entry[key] == nil { report("\(path).\(key)", .missing) }
        return text(entry, key, at: path, limit: 80)
    }

    /// A line as its number or its name.
    private mutating func readLine(_ entry: TOMLTable, _ key: String, at path: String) -> LineReference? {
        guard let value = entry[key] else {
            report("\(path).\(key)", .missing)
            return nil
        }
        if value.integer != nil { return integer(entry, key, at: path, in: 0...1_023).map { .offset($0) } }
        return text(entry, key, at: path, limit: 80).map { .name($0) }
    }
}
