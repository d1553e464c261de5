/// A value that config.js gives to one of its keys.
package enum ConfigScriptValue: Equatable, Sendable {
    case string(String)
    case number(Double)
    case bool(Bool)
    case list([ConfigScriptValue])

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var number: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
}

/// A tolerant reader of Jitsi Meet's config.js, which is JavaScript in one of two shapes: one object literal (Debian packages)
/// or a series of assignments (Docker images).
///
/// It evaluates literals and concatenations of literals with `subdomain` and `subdir`; what it cannot evaluate has no value,
/// which is never an error. Total and bounded: any text gives a (possibly empty) table.
package struct ConfigScript: Sendable {
    private static let maximumSize = 1 << 19
    private static let maximumValues = 2000
    private static let maximumDepth = 16
    /// Of what is put together, in bytes: more than any address needs. It keeps a long chain of `+` linear.
    private static let maximumJoined = 4096

    private let tokens: [ScriptToken]
    private let subdomain: String
    private let subdirectory: String
    private var position = 0
    private var values: [String: ConfigScriptValue] = [:]

    /// Every value found, by its dotted path below `config` (`hosts.domain`); later lines win.
    ///
    /// - Parameters:
    ///   - subdomain: the tenant with a dot behind it, or empty.
    ///   - subdirectory: the tenant with a slash behind it, or empty.
    package static func read(
        _ text: String, subdomain: String = "", subdirectory: String = ""
    ) -> [String: ConfigScriptValue] {
        guard text.utf8.count <= maximumSize else { return [:] }
        var reader = ConfigScript(
            tokens: ScriptScanner.tokens(of: text), subdomain: subdomain, subdirectory: subdirectory)
        reader.readStatements()
        return reader.values
    }

    private init(tokens: [ScriptToken], subdomain: String, subdirectory: String) {
        self.tokens = tokens
        self.subdomain = subdomain
        self.subdirectory = subdirectory
    }

    private func token(_ ahead: Int = 0) -> ScriptToken? {
        let index = position + ahead
        return index < tokens.count ? tokens[index] : nil
    }

    private func isPunctuation(_ symbol: Unicode.Scalar, _ ahead: Int = 0) -> Bool {
        token(ahead)?.kind == .punctuation(symbol)
    }

    private mutating func readStatements() {
        while let current = token() {
            let followsDot = position > 0 && tokens[position - 1].kind == .punctuation(".")
            position += 1
            guard current.kind == .identifier("config"), !followsDot else { continue }
            if let path = readTarget(), isPunctuation("="), !isPunctuation("=", 1) {
                position += 1
                readExpression(into: path, depth: 0)
            }
        }
    }

    /// The members named after `config`: `.a.b` or `['a']`; nil when it is something else.
    private mutating func readTarget() -> [String]? {
        var path: [String] = []
        while true {
            if isPunctuation("."), case .identifier(let name)? = token(1)?.kind {
                path.append(name)
                position += 2
            } else if isPunctuation("["), case .string(let name)? = token(1)?.kind, isPunctuation("]", 2) {
                path.append(name)
                position += 3
            } else {
                return path.count <= Self.maximumDepth ? path : nil
            }
        }
    }

    /// Reads the expression at the position and stores what it evaluates to; objects store their members.
    private mutating func readExpression(into path: [String], depth: Int) {
        if isPunctuation("{") {
            readObject(into: path, depth: depth)
            return
        }
        if let value = readValue(depth: depth), endsExpression(), values.count < Self.maximumValues {
            values[path.joined(separator: ".")] = value
        }
    }

    private func endsExpression() -> Bool {
        guard let next = token() else { return true }
        if case .punctuation(let symbol) = next.kind, [";", ",", "}", "]"].contains(symbol) { return true }
        return next.followsNewline
    }

    private mutating func readObject(into path: [String], depth: Int) {
        position += 1
        guard depth < Self.maximumDepth else {
            skipToMemberEnd(separatedByCommas: false)
            if isPunctuation("}") { position += 1 }
            return
        }
        while token() != nil {
            if isPunctuation("}") {
                position += 1
                return
            }
            if let key = memberKey(), isPunctuation(":", 1) {
                position += 2
                readExpression(into: path + [key], depth: depth + 1)
            }
            let before = position
            skipToMemberEnd()
            if isPunctuation(",") {
                position += 1
            } else if position == before, !isPunctuation("}") {
                // A closing bracket without its opening one: no object literal after all.
                position += 1
                return
            }
        }
    }

    private func memberKey() -> String? {
        switch token()?.kind {
        case .identifier(let name), .string(let name): name
        case .number(let number): Int(exactly: number).map(String.init)
        default: nil
        }
    }

    /// Moves to the `,` or the closing bracket that ends the present member, over anything balanced.
    private mutating func skipToMemberEnd(separatedByCommas: Bool = true) {
        var open = 0
        while let current = token() {
            if case .punctuation(let symbol) = current.kind {
                switch symbol {
                case "{", "[", "(": open += 1
                case "}", "]", ")":
                    if open == 0 { return }
                    open -= 1
                case "," where open == 0 && separatedByCommas: return
                default: break
                }
            }
            position += 1
        }
    }

    /// `term (+ term)*` of strings, or one literal; nil when it cannot be evaluated.
    private mutating func readValue(depth: Int) -> ConfigScriptValue? {
        guard var value = readTerm(depth: depth) else { return nil }
        while isPunctuation("+") {
            position += 1
            guard let right = readTerm(depth: depth), let joined = Self.join(value, right) else { return nil }
            value = joined
        }
        return value
    }

    private static func join(_ left: ConfigScriptValue, _ right: ConfigScriptValue) -> ConfigScriptValue? {
        switch (left, right) {
        case (.string(let first), .string(let second)): joined(first + second)
        case (.number(let first), .number(let second)): .number(first + second)
        case (.string(let first), .number(let second)): Int(exactly: second).flatMap { joined(first + String($0)) }
        default: nil
        }
    }

    private static func joined(_ text: String) -> ConfigScriptValue? {
        text.utf8.count <= maximumJoined ? .string(text) : nil
    }

    private mutating func readTerm(depth: Int) -> ConfigScriptValue? {
        guard depth <= Self.maximumDepth, let current = token() else { return nil }
        switch current.kind {
        case .punctuation("("):
            position += 1
            let value = readValue(depth: depth + 1)
            guard isPunctuation(")") else { return nil }
            position += 1
            return value
        case .punctuation("["):
            position += 1
            return readList(depth: depth + 1)
        case .punctuation("-"):
            guard case .number(let number)? = token(1)?.kind else { return nil }
            position += 2
            return .number(-number)
        case .punctuation: return nil
        case .string(let text):
            position += 1
            return .string(text)
        case .number(let number):
            position += 1
            return .number(number)
        case .template(let parts):
            position += 1
            return template(parts)
        case .identifier(let name):
            switch name {
            case "config": return nil
            case "true", "false":
                position += 1
                return .bool(name == "true")
            default:
                guard let value = variable(name) else { return nil }
                position += 1
                return .string(value)
            }
        }
    }

    private mutating func readList(depth: Int) -> ConfigScriptValue? {
        guard depth <= Self.maximumDepth else { return nil }
        var list: [ConfigScriptValue] = []
        while token() != nil {
            if isPunctuation("]") {
                position += 1
                return .list(list)
            }
            if let value = readValue(depth: depth), list.count < 256 { list.append(value) }
            skipToMemberEnd()
            if isPunctuation(",") {
                position += 1
            } else if !isPunctuation("]") {
                return nil
            }
        }
        return nil
    }

    private func variable(_ name: String) -> String? {
        switch name {
        case "subdomain": subdomain
        case "subdir": subdirectory
        default: nil
        }
    }

    private func template(_ parts: [ScriptToken.TemplatePart]) -> ConfigScriptValue? {
        var output = ""
        for part in parts {
            switch part {
            case .text(let text): output += text
            case .variable(let name):
                guard let value = variable(name), output.utf8.count <= Self.maximumJoined else { return nil }
                output += value
            }
        }
        return Self.joined(output)
    }
}
