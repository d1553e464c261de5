internal import Devices
internal import TOML

/// Reads the values of one TOML document and gathers everything that is wrong with it, each with its place.
struct DocumentReader {
    /// Where each key stands, by its path: `rooms[0].url`.
    private var places: [String: TOMLPlace] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    private init(_ root: TOMLTable) {
        locate(root, at: "")
    }

    /// Reads `bytes` by `body`: its result, or the problems in the order of the file.
    static func read<Value>(
        _ bytes: [UInt8], _ body: (inout DocumentReader, TOMLTable) -> Value
    ) -> Result<Value, ConfigurationProblems> {
        let root: TOMLTable
        do throws(TOMLError) {
            root = try TOMLReader.read(bytes)
        } catch {
            return .failure(ConfigurationProblems([ConfigurationProblem(error)]))
        }
        var reader = DocumentReader(root)
        let value = body(&reader, root)
        guard reader.problems.isEmpty else {
            return .failure(
                ConfigurationProblems(reader.problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }))
        }
        return .success(value)
    }

    private mutating func locate(_ table: TOMLTable, at path: String) {
        for member in table.members { locate(member.node, at: join(path, member.key)) }
    }

    private mutating func locate(_ node: TOMLNode, at path: String) {
        places[path] = node.place
        switch node.value {
        case .table(let table): locate(table, at: path)
        case .array(let elements):
            for (index, element) in elements.enumerated() { locate(element, at: "\(path)[\(index)]") }
        case .text, .integer, .real, .boolean, .date: break
        }
    }

    /// The place of the key at `path`, or of its nearest ancestor that is written down.
    private func place(of path: String) -> TOMLPlace? {
        var path = path
        while true {
            if let place = places[path] { return place }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = String(path[..<end])
        }
    }

    /// `schema_version`, which every file of ours begins with.
    mutating func readVersion(_ root: TOMLTable) {
        if let version = integer(root, "schema_version", at: "") {
            if version != 1 { report("schema_version", .unsupportedVersion(found: version)) }
        } else if root["schema_version"] == nil {
            report("schema_version", .missing)
        }
    }

    mutating func text(_ table: TOMLTable, _ key: String, at path: String, limit: Int = 2_048) -> String? {
        guard let value = table[key] else { return nil }
        guard let text = value.text else {
            report(join(path, key), .wrongType(expected: .text, found: value.kind))
            return nil
        }
        guard !text.isEmpty, text.count <= limit, !text.contains(where: { $0.isNewline || $0 == "\0" }) else {
            report(
                join(path, key),
                .wrongValue(
                    found: String(text.prefix(60)),
                    expected: LocalizedText(
                        "une ligne de 1 à \(limit) caractères est attendue",
                        "one line of 1 to \(limit) characters is expected")))
            return nil
        }
        return text
    }

    mutating func integer(_ table: TOMLTable, _ key: String, at path: String) -> Int? {
        guard let value = table[key] else { return nil }
        guard let number = value.integer else {
            report(join(path, key), .wrongType(expected: .number, found: value.kind))
            return nil
        }
        return number
    }

    mutating func textList(_ table: TOMLTable, _ key: String, at path: String) -> [String] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else {
            report(join(path, key), .wrongType(expected: .textList, found: value.kind))
            return []
        }
        var list: [String] = []
        for element in array {
            guard let text = element.text else {
                report(join(path, key), .wrongType(expected: .textList, found: element.kind))
                return []
            }
            list.append(text)
        }
        return list
    }

    mutating func section(_ table: TOMLTable, _ key: String, at path: String = "") -> TOMLTable? {
        guard let value = table[key] else { return nil }
        guard let section = value.table else {
            report(join(path, key), .wrongType(expected: .table, found: value.kind))
            return nil
        }
        return section
    }

    mutating func sections(_ table: TOMLTable, _ key: String, at path: String = "") -> [TOMLTable] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else {
            report(join(path, key), .wrongType(expected: .tableList, found: value.kind))
            return []
        }
        var list: [TOMLTable] = []
        for element in array {
            guard let section = element.table else {
                report(join(path, key), .wrongType(expected: .tableList, found: element.kind))
                return []
            }
            list.append(section)
        }
        return list
    }

    mutating func checkKeys(of table: TOMLTable, at path: String, known: [String]) {
        for key in table.keys where !known.contains(key) {
            report(join(path, key), .unknownKey(suggestion: NearestName.of(key, among: known)))
        }
    }

    mutating func report(_ key: String, _ kind: ConfigurationProblem.Kind) {
        let position = place(of: key)
        problems.append(
            ConfigurationProblem(line: position?.line ?? 0, column: position?.column ?? 0, key: key, kind: kind))
    }

    func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    mutating func boolean(_ table: TOMLTable, _ key: String, at path: String) -> Bool? {
        guard let value = table[key] else { return nil }
        guard let flag = value.boolean else {
            report(join(path, key), .wrongType(expected: .flag, found: value.kind))
            return nil
        }
        return flag
    }

    /// A whole number inside `range`.
    mutating func integer(_ table: TOMLTable, _ key: String, at path: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = integer(table, key, at: path) else { return nil }
        guard range.contains(number) else {
            report(
                join(path, key),
                .wrongValue(
                    found: String(number),
                    expected: LocalizedText(
                        "un nombre de \(range.lowerBound) à \(range.upperBound) est attendu",
                        "a number from \(range.lowerBound) to \(range.upperBound) is expected")))
            return nil
        }
        return number
    }

    /// One word of a closed set, written as its raw value.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ table: TOMLTable, _ key: String, at path: String
    ) -> Choice? where Choice.RawValue == String {
        guard let word = text(table, key, at: path) else { return nil }
        if let choice = Choice(rawValue: word) { return choice }
        let known = Choice.allCases.map { $0.rawValue }
        report(
            join(path, key),
            .wrongValue(
                found: word,
                expected: LocalizedText(
                    known.map { "« \($0) »" }.joined(separator: ", "), known.map { "'\($0)'" }.joined(separator: ", ")))
        )
        return nil
    }

    /// A list of device identities.
    mutating func identities(_ table: TOMLTable, _ key: String, at path: String) -> [DeviceIdentity] {
        textList(table, key, at: path).compactMap { text in
            if let identity = DeviceIdentity(text) { return identity }
            report(
                join(path, key),
                .wrongValue(
                    found: String(text.prefix(60)),
                    expected: LocalizedText(
                        "« usb:046d:0825 », « port:1-1.2 », « name:… » ou « path:/dev/… » est attendu ; voyez « visiosalle devices list »",
                        "'usb:046d:0825', 'port:1-1.2', 'name:…' or 'path:/dev/…' is expected; see 'visiosalle devices list'"
                    )))
            return nil
        }
    }
}
