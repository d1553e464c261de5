internal import TOML

/// Files, and names that the kernel gives.
extension DocumentReader {
    /// Reports what `check` finds wrong with `value`.
    mutating func check(_ value: String, by check: (String) -> LocalizedText?, _ path: String) {
        if let problem = check(value) { report(path, .wrongValue(found: String(value.prefix(200)), expected: problem)) }
    }

    mutating func secretFile(
        _ table: TOMLTable, _ key: String, at path: String, _ checks: ConfigurationChecks
    ) -> String? {
        guard let file = text(table, key, at: path) else { return nil }
        check(file, by: checks.secretFile, join(path, key))
        return file
    }

    /// Kinds of connectors as the kernel names them (`drm_connector_enum_list`).
    private static let connectorKinds = [
        "HDMI-A", "HDMI-B", "DP", "eDP", "DVI-D", "DVI-I", "DVI-A", "VGA", "LVDS", "DSI", "DPI", "Composite", "SVIDEO",
        "Component", "DIN", "TV", "Virtual", "SPI", "USB", "Unknown",
    ]

    /// `connector`: its kind and number. Whether this board has it, only the board can tell.
    mutating func connector(_ table: TOMLTable, at path: String) -> String? {
        guard let name = text(table, "connector", at: path, limit: 40) else { return nil }
        let isKnown = Self.connectorKinds.contains { kind in
            guard name.hasPrefix(kind + "-"), let number = Int(name.dropFirst(kind.count + 1)) else { return false }
            return (1...99).contains(number)
        }
        if !isKnown {
            report(
                join(path, "connector"),
                .wrongValue(
                    found: name,
                    expected: LocalizedText(
                        "une prise comme « HDMI-A-1 » ou « DP-2 » est attendue ; voyez « visiosalle devices list »",
                        "a connector such as 'HDMI-A-1' or 'DP-2' is expected; see 'visiosalle devices list'")))
        }
        return name
    }

    /// A control's name as `v4l2-ctl --list-ctrls` writes it. Whether the camera has it, only the camera can tell.
    mutating func checkControlName(_ name: String, at path: String) {
        let isName =
            name.utf8.first.map { (97...122).contains($0) } == true
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
        if !isName {
            report(
                join(path, name),
                .wrongValue(
                    found: name,
                    expected: LocalizedText(
                        "un réglage s'écrit en minuscules comme « zoom_absolute » ; voyez v4l2-ctl --list-ctrls",
                        "a control is written in small letters such as 'zoom_absolute'; see v4l2-ctl --list-ctrls")))
        }
    }
}
