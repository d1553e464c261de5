internal import TOML

/// What the room's screen looks like and says.
extension DocumentReader {
    mutating func readDevice(_ table: TOMLTable, checks: ConfigurationChecks) -> Configuration.Device {
        checkKeys(of: table, at: "device", known: ["name", "language", "time_zone", "help_url"])
        var device = Configuration.Device()
        if let name = text(table, "name", at: "device", limit: 80) { device.name = name }
        if let language: DisplayLanguage = choice(table, "language", at: "device") { device.language = language }
        if let zone = text(table, "time_zone", at: "device", limit: 80) {
            if let complaint = checks.timeZone(zone) {
                report("device.time_zone", .wrongValue(found: zone, expected: complaint))
            }
            device.timeZone = zone
        }
        if let url = text(table, "help_url", at: "device", limit: 300) {
            if !url.hasPrefix("https://") && !url.hasPrefix("http://") {
                report(
                    "device.help_url",
                    .wrongValue(
                        found: url,
                        expected: LocalizedText(
                            "l'adresse d'une page commence par https://", "a page's address starts with https://")))
            }
            device.helpURL = url
        }
        return device
    }

    mutating func readTheme(_ table: TOMLTable, checks: ConfigurationChecks) -> Configuration.Theme {
        checkKeys(of: table, at: "theme", known: ["crest", "ground", "accent", "high_contrast"])
        var theme = Configuration.Theme()
        theme.ground = colour(table, "ground")
        theme.accent = colour(table, "accent")
        let complaints = checks.colours(theme.ground, theme.accent)
        for (key, complaint) in [("ground", complaints.ground), ("accent", complaints.accent)] {
            guard let complaint else { continue }
            report("theme.\(key)", .wrongValue(found: table[key]?.text ?? "", expected: complaint))
        }
        if let crest = text(table, "crest", at: "theme") {
            if let complaint = checks.crest(crest) {
                report("theme.crest", .wrongValue(found: crest, expected: complaint))
            }
            theme.crest = crest
        }
        theme.highContrast = boolean(table, "high_contrast", at: "theme") ?? theme.highContrast
        return theme
    }

    /// `#rrggbb` as 0xRRGGBB.
    private mutating func colour(_ table: TOMLTable, _ key: String) -> UInt32? {
        guard let word = text(table, key, at: "theme") else { return nil }
        let digits = word.utf8.dropFirst()
        let isHexadecimal = digits.allSatisfy { byte in
            (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
        }
        if word.hasPrefix("#"), digits.count == 6, isHexadecimal { return UInt32(word.dropFirst(), radix: 16) }
        report(
            "theme.\(key)",
            .wrongValue(
                found: String(word.prefix(60)),
                expected: LocalizedText(
                    "une couleur s'écrit « #rrggbb », par exemple « #1d4468 »",
                    "a colour is written '#rrggbb', for instance '#1d4468'")))
        return nil
    }

    /// Minutes of which 0 stands for never; nil where nothing is said.
    mutating func minutes(_ table: TOMLTable, _ key: String, at path: String) -> Configuration.Delay? {
        integer(table, key, at: path, in: 0...1_440).map { $0 > 0 ? .minutes($0) : .never }
    }
}
