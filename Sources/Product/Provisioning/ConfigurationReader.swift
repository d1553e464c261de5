internal import TOMLKit

/// Reads a configuration text: all of it is right, or every problem is told and nothing is taken.
package struct ConfigurationReader {
    /// Says what is wrong with a meeting's address, or nil when it can be joined.
    package typealias AddressCheck = (String) -> LocalizedText?

    private let locator: KeyLocator
    private let checkAddress: AddressCheck
    private var problems: [ConfigurationProblem] = []

    private init(text: String, checkAddress: @escaping AddressCheck) {
        locator = KeyLocator(text)
        self.checkAddress = checkAddress
    }

    /// The configuration, or the problems in the order of the file. A UTF-8 byte order mark and CRLF line ends are accepted.
    package static func read(
        _ text: String, checkAddress: @escaping AddressCheck
    ) -> Result<Configuration, ConfigurationProblems> {
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
        var reader = ConfigurationReader(text: text, checkAddress: checkAddress)
        let configuration = reader.readRoot(table)
        guard reader.problems.isEmpty else {
            return .failure(
                ConfigurationProblems(reader.problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }))
        }
        return .success(configuration)
    }

    private mutating func readRoot(_ root: TOMLTable) -> Configuration {
        var configuration = Configuration()
        checkKeys(of: root, at: "", known: ["schema_version", "device", "rooms", "trust", "board"])
        if let version = integer(root, "schema_version", at: "") {
            if version != 1 { report("schema_version", .unsupportedVersion(found: version)) }
        } else if root["schema_version"] == nil {
            report("schema_version", .missing)
        }
        if let device = section(root, "device") {
            checkKeys(of: device, at: "device", known: ["name", "language"])
            if let name = text(device, "name", at: "device", limit: 80) { configuration.device.name = name }
            if let language = text(device, "language", at: "device") {
                if let known = DisplayLanguage(rawValue: language) {
                    configuration.device.language = known
                } else {
                    report(
                        "device.language",
                        .wrongValue(found: language, expected: LocalizedText("« fr » ou « en »", "'fr' or 'en'")))
                }
            }
        }
        for (index, room) in sections(root, "rooms").enumerated() {
            if let room = readRoom(room, at: "rooms[\(index)]") { configuration.rooms.append(room) }
        }
        if let trust = section(root, "trust") {
            checkKeys(of: trust, at: "trust", known: ["ca_files"])
            configuration.caFiles = textList(trust, "ca_files", at: "trust")
        }
        if let board = section(root, "board") {
            checkKeys(of: board, at: "board", known: ["name"])
            configuration.board.name = text(board, "name", at: "board")
        }
        return configuration
    }

    private mutating func readRoom(_ table: TOMLTable, at path: String) -> Configuration.Room? {
        checkKeys(
            of: table, at: path,
            known: ["label", "url", "password_file", "token_file", "account", "account_password_file", "server"])
        let label = text(table, "label", at: path, limit: 40)
        let url = text(table, "url", at: path)
        if table["label"] == nil { report("\(path).label", .missing) }
        if table["url"] == nil { report("\(path).url", .missing) }
        if let url, let complaint = checkAddress(url) {
            // A token in the address is a secret: it is not repeated.
            report("\(path).url", .wrongValue(found: String(url.prefix { $0 != "?" }), expected: complaint))
        }
        var room = Configuration.Room(label: label ?? "", url: url ?? "")
        room.passwordFile = text(table, "password_file", at: path)
        room.tokenFile = text(table, "token_file", at: path)
        room.account = text(table, "account", at: path)
        room.accountPasswordFile = text(table, "account_password_file", at: path)
        if room.account != nil, table["account_password_file"] == nil {
            report("\(path).account_password_file", .missing)
        }
        if room.accountPasswordFile != nil, table["account"] == nil { report("\(path).account", .missing) }
        if let server = section(table, "server", at: path) {
            room.server = readServer(server, at: "\(path).server")
        }
        return label == nil || url == nil ? nil : room
    }

    private mutating func readServer(_ table: TOMLTable, at path: String) -> Configuration.Server {
        checkKeys(
            of: table, at: path,
            known: [
                "xmpp_domain", "muc_domain", "anonymous_domain", "focus", "websocket", "bosh", "conference_request_url",
            ])
        var server = Configuration.Server()
        server.xmppDomain = text(table, "xmpp_domain", at: path)
        server.mucDomain = text(table, "muc_domain", at: path)
        server.anonymousDomain = text(table, "anonymous_domain", at: path)
        server.focus = text(table, "focus", at: path)
        server.webSocketURL = address(table, "websocket", at: path, schemes: ["wss://"])
        server.boshURL = address(table, "bosh", at: path, schemes: ["https://"])
        server.conferenceRequestURL = address(table, "conference_request_url", at: path, schemes: ["https://"])
        return server
    }

    // MARK: Values

    private mutating func address(
        _ table: TOMLTable, _ key: String, at path: String, schemes: [String]
    ) -> String? {
        guard let value = text(table, key, at: path) else { return nil }
        guard schemes.contains(where: value.hasPrefix) else {
            let list = schemes.joined(separator: ", ")
            report(
                join(path, key),
                .wrongValue(
                    found: value,
                    expected: LocalizedText("l'adresse commence par \(list)", "the address starts with \(list)")))
            return nil
        }
        return value
    }

    private mutating func text(_ table: TOMLTable, _ key: String, at path: String, limit: Int = 2_048) -> String? {
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

    private mutating func integer(_ table: TOMLTable, _ key: String, at path: String) -> Int? {
        guard let value = table[key] else { return nil }
        guard let number = value.int else {
            report(join(path, key), .wrongType(expected: .number, found: value.type.description))
            return nil
        }
        return number
    }

    private mutating func textList(_ table: TOMLTable, _ key: String, at path: String) -> [String] {
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

    private mutating func section(_ table: TOMLTable, _ key: String, at path: String = "") -> TOMLTable? {
        guard let value = table[key] else { return nil }
        guard let section = value.table else {
            report(join(path, key), .wrongType(expected: .table, found: value.type.description))
            return nil
        }
        return section
    }

    private mutating func sections(_ table: TOMLTable, _ key: String) -> [TOMLTable] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else {
            report(key, .wrongType(expected: .tableList, found: value.type.description))
            return []
        }
        var list: [TOMLTable] = []
        for element in array {
            guard let section = element.table else {
                report(key, .wrongType(expected: .tableList, found: element.type.description))
                return []
            }
            list.append(section)
        }
        return list
    }

    private mutating func checkKeys(of table: TOMLTable, at path: String, known: [String]) {
        for key in table.keys where !known.contains(key) {
            report(join(path, key), .unknownKey(suggestion: NearestName.of(key, among: known)))
        }
    }

    private mutating func report(_ key: String, _ kind: ConfigurationProblem.Kind) {
        let position = locator[key]
        problems.append(
            ConfigurationProblem(line: position?.line ?? 0, column: position?.column ?? 0, key: key, kind: kind))
    }

    private func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }
}

/// Every problem of one file.
package struct ConfigurationProblems: Error, Equatable, Sendable {
    package let list: [ConfigurationProblem]

    init(_ list: [ConfigurationProblem]) {
        self.list = list
    }
}

/// The known name nearest to a mistyped one.
enum NearestName {
    /// The name at the least edit distance (Levenshtein), when it is at most a third of the typed word, and one at least.
    static func of(_ word: String, among names: [String]) -> String? {
        let best = names.map { (name: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, (word.count + 2) / 3) else { return nil }
        return best.name
    }

    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
