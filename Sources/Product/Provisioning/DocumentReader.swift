internal import Devices
internal import TOMLKit

/// Reads the values of one TOML document and gathers everything that is wrong with it, each with its place.
struct DocumentReader {
    private let locator: KeyLocator
    private(set) var problems: [ConfigurationProblem] = []

    private init(text: String) {
        locator = KeyLocator(text)
    }

    /// Reads `text` by `body`: its result, or the problems in the order of the file. A UTF-8 byte order mark and CRLF line
    /// ends are accepted.
    static func read<Value>(
        _ text: String, _ body: (inout DocumentReader, TOMLTable) -> Value
    ) -> Result<Value, ConfigurationProblems> {
        var text = text
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            return .failure(
                ConfigurationProblems([
                    ConfigurationProblem(
                        line: begin.line, column: begin.column, key: "", kind: .syntax(error.description))
                ]))
        } catch {
            return .failure(
                ConfigurationProblems([ConfigurationProblem(line: 0, column: 0, key: "", kind: .syntax("\(error)"))]))
        }
        var reader = DocumentReader(text: text)
        let value = body(&reader, table)
        guard reader.problems.isEmpty else {
            return .failure(
                ConfigurationProblems(reader.problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }))
        }
        return .success(value)
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
        guard let text = value.string else {
            report(join(path, key), .wrongType(expected: .text, found: value.type.description))
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
        guard let number = value.int else {
            report(join(path, key), .wrongType(expected: .number, found: value.type.description))
            return nil
        }
        return number
    }

    mutating func textList(_ table: TOMLTable, _ key: String, at path: String) -> [String] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else {
            report(join(path, key), .wrongType(expected: .textList, found: value.type.description))
            return []
        }
        var list: [String] = []
        for element in array {
            guard let text = element.string else {
                report(join(path, key), .wrongType(expected: .textList, found: element.type.description))
                return []
            }
            list.append(text)
        }
        return list
    }

    mutating func section(_ table: TOMLTable, _ key: String, at path: String = "") -> TOMLTable? {
        guard let value = table[key] else { return nil }
        guard let section = value.table else {
            report(join(path, key), .wrongType(expected: .table, found: value.type.description))
            return nil
        }
        return section
    }

    mutating func sections(_ table: TOMLTable, _ key: String, at path: String = "") -> [TOMLTable] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else {
            report(join(path, key), .wrongType(expected: .tableList, found: value.type.description))
            return []
        }
        var list: [TOMLTable] = []
        for element in array {
            guard let section = element.table else {
                report(join(path, key), .wrongType(expected: .tableList, found: element.type.description))
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
        let position = locator[key]
        problems.append(
            ConfigurationProblem(line: position?.line ?? 0, column: position?.column ?? 0, key: key, kind: kind))
    }

    func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    mutating func boolean(_ table: TOMLTable, _ key: String, at path: String) -> Bool? {
        guard let value = table[key] else { return nil }
        guard let flag = value.bool else {
            report(join(path, key), .wrongType(expected: .flag, found: value.type.description))
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
