internal import Basis

/// What config.js says, each value in the form that it must have; the ones that are written and have none are noted.
struct ScriptValues {
    let script: ConfigScript?
    let roomURL: RoomURL
    private(set) var unknownKeys: [String] = []

    init(script: ConfigScript?, roomURL: RoomURL) {
        self.script = script
        self.roomURL = roomURL
    }

    func isUnknown(_ key: String) -> Bool { script?[key] == .unknown }

    private mutating func note(_ key: String) {
        if !unknownKeys.contains(key) { unknownKeys.append(key) }
    }

    mutating func string(_ key: String) -> String? {
        switch script?[key] {
        case .string(let text)?: return text
        case .absent?, nil: return nil
        // `false` and 0 switch off, as in a browser.
        case .bool(false)?, .number(0)?: return nil
        case .bool?, .number?, .other?, .unknown?:
            note(key)
            return nil
        }
    }

    mutating func integer(_ key: String) -> Int? {
        switch script?[key] {
        case .number(let number)?: return Int(exactly: number)
        case .unknown?:
            note(key)
            return nil
        default: return nil
        }
    }

    /// Whether the key holds `true`.
    mutating func bool(_ key: String) -> Bool {
        let value = script?[key]
        if value == .unknown { note(key) }
        return value == .bool(true)
    }

    /// A domain that can stand in a JID.
    mutating func domain(_ override: String?, _ key: String) -> String? {
        if let override { return JID.isDomain(override.lowercased()) ? override.lowercased() : nil }
        guard let text = string(key), !text.isEmpty else { return nil }
        guard JID.isDomain(text.lowercased()) else {
            note(key)
            return nil
        }
        return text.lowercased()
    }

    /// The first address of an allowed scheme.
    mutating func url(_ override: String?, _ keys: [String], _ schemes: [String]) -> String? {
        if let override, let url = resolve(override, schemes) { return url }
        for key in keys {
            guard let text = string(key), !text.isEmpty else { continue }
            if let url = resolve(text, schemes) { return url }
            // `serviceUrl` is of one of two kinds.
            if key != "serviceUrl" { note(key) }
        }
        return nil
    }

    /// An absolute address of an allowed scheme; protocol-relative and path-only texts are completed from the room's address.
    private func resolve(_ text: String, _ schemes: [String]) -> String? {
        guard let preferred = schemes.first, text.utf8.count <= 2048,
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else { return nil }
        if text.hasPrefix("//") { return preferred + ":" + text }
        if text.hasPrefix("/") { return preferred + "://" + roomURL.authority + text }
        // Schemes are case-insensitive (RFC 3986 section 3.1); whoever asks later whether the way is encrypted compares text.
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0 + "://") }) else { return nil }
        return scheme + text.dropFirst(scheme.utf8.count)
    }
}
