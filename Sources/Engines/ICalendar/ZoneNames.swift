/// The zones that the times of one text name.
struct ZoneNames {
    /// The room's, of times without one.
    let own: CalendarZone
    private let definitions: [String: ZoneDefinition]
    private let named: @Sendable (String) -> CalendarZone?
    private let period: ClosedRange<Int64>
    private var known: [String: CalendarZone?] = [:]
    private static let maximumKnown = 500
    /// In bytes.
    private static let maximumName = 200

    /// - Parameters:
    ///   - definitions: what the text itself defines.
    ///   - named: a zone of the tz database.
    ///   - period: the days that matter.
    init(
        own: CalendarZone, definitions: [ZoneDefinition], period: ClosedRange<Int64>,
        named: @escaping @Sendable (String) -> CalendarZone?
    ) {
        self.own = own
        self.period = period
        self.named = named
        self.definitions = Dictionary(
            definitions.map { (Self.plain($0.name), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The tz database knows more of a zone than texts do: it is asked first, by all names that the zone has; then the text's own
    /// definition.
    ///
    /// - Parameter budget: what following the rules of a definition may still cost.
    mutating func zone(_ name: String, budget: inout Int) -> CalendarZone? {
        let name = Self.plain(name)
        guard name.utf8.count <= Self.maximumName else { return nil }
        if let known = known[name] { return known }
        let definition = definitions[name]
        let found =
            inDatabase(name) ?? definition?.location.flatMap { inDatabase(Self.plain($0)) }
            ?? definition?.zone(around: period, budget: &budget)
        if known.count < Self.maximumKnown { known[name] = .some(found) }
        return found
    }

    /// Without the quotes and blanks that some programs take for a part of the name.
    private static func plain(_ name: String) -> String {
        let scalars = name.unicodeScalars.drop { $0 == "\"" || $0 == " " }
        let count = scalars.reversed().prefix { $0 == "\"" || $0 == " " }.count
        return String(String.UnicodeScalarView(scalars.dropLast(count)))
    }

    /// By its name in the tz database or in Windows. Some programs write `/Europe/Paris` or
    /// `/example.org/20260101/Europe/Paris`, some in capitals.
    private func inDatabase(_ name: String) -> CalendarZone? {
        guard !name.isEmpty else { return nil }
        if let zone = byName(name) { return zone }
        if let windows = WindowsZones.name(of: name) { return named(windows) }
        guard name.hasPrefix("/") else { return nil }
        let parts = name.split(separator: "/")
        for count in [3, 2, 1] where parts.count >= count {
            let suffix = parts.suffix(count).joined(separator: "/")
            if let zone = byName(suffix) { return zone }
            if count == 1, let windows = WindowsZones.name(of: suffix) { return named(windows) }
        }
        return nil
    }

    /// `EUROPE/PARIS` and `america/port_of_spain` are `Europe/Paris` and `America/Port_of_Spain`.
    private func byName(_ name: String) -> CalendarZone? {
        if let zone = named(name) { return zone }
        let small: Set<String> = ["of", "au", "es"]
        var result = ""
        var word = ""
        func capitalized(_ word: String) -> String {
            small.contains(word) ? word : word.prefix(1).uppercased() + word.dropFirst()
        }
        for character in name.lowercased() {
            if "/_-".contains(character) {
                result += capitalized(word) + String(character)
                word = ""
            } else {
                word.append(character)
            }
        }
        result += capitalized(word)
        if result != name, let zone = named(result) { return zone }
        let capitals = name.uppercased()
        return capitals != name ? named(capitals) : nil
    }
}
