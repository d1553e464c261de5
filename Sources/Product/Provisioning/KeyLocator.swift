/// Where each key stands in a TOML text that the parser has already accepted.
///
/// TOMLKit gives positions of syntax errors only; a message about a key or its value needs the key's own.
struct KeyLocator {
    struct Position: Equatable {
        var line: Int
        var column: Int
    }

    private var positions: [String: Position] = [:]
    private var characters: [Character]
    private var index = 0
    private var line = 1
    private var column = 1

    init(_ text: String) {
        characters = Array(text)
        scan()
    }

    /// The position of the key at `path`, or of its nearest ancestor that is written down.
    subscript(path: String) -> Position? {
        var path = path
        while true {
            if let position = positions[path] { return position }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = String(path[..<end])
        }
    }

    private mutating func scan() {
        var prefix = ""
        var counts: [String: Int] = [:]
        while index < characters.count {
            skipBlank(includingLines: true)
            guard let character = peek() else { return }
            let position = Position(line: line, column: column)
            if character == "[" {
                advance()
                let isArray = peek() == "["
                if isArray { advance() }
                let names = readKey()
                prefix = ""
                for (depth, name) in names.enumerated() {
                    prefix += (prefix.isEmpty ? "" : ".") + name
                    if depth == names.count - 1, isArray {
                        let count = counts[prefix, default: 0]
                        counts[prefix] = count + 1
                        positions[prefix] = positions[prefix] ?? position
                        prefix += "[\(count)]"
                    } else if let count = counts[prefix] {
                        prefix += "[\(count - 1)]"
                    }
                    positions[prefix] = positions[prefix] ?? position
                }
                skipLine()
            } else {
                let names = readKey()
                var path = prefix
                for name in names {
                    path += (path.isEmpty ? "" : ".") + name
                    positions[path] = positions[path] ?? position
                }
                skipBlank(includingLines: false)
                guard !names.isEmpty, peek() == "=" else {
                    skipLine()
                    continue
                }
                advance()
                skipValue(path)
                skipLine()
            }
        }
    }

    /// A bare, quoted or dotted key.
    private mutating func readKey() -> [String] {
        var names: [String] = []
        while true {
            skipBlank(includingLines: false)
            var name = ""
            if let quote = peek(), quote == "\"" || quote == "'" {
                advance()
                while let character = peek(), character != quote, !character.isNewline {
                    name.append(character)
                    advance()
                }
                advance()
            } else {
                while let character = peek(), character.isLetter || character.isNumber || "_-".contains(character) {
                    name.append(character)
                    advance()
                }
            }
            if name.isEmpty { return names }
            names.append(name)
            skipBlank(includingLines: false)
            guard peek() == "." else { return names }
            advance()
        }
    }

    private mutating func skipValue(_ path: String) {
        skipBlank(includingLines: false)
        switch peek() {
        case "[":
            advance()
            while let character = skippingBlankPeek(), character != "]" {
                skipValue(path)
                if skippingBlankPeek() == "," { advance() }
            }
            advance()
        case "{":
            advance()
            while let character = skippingBlankPeek(), character != "}" {
                let position = Position(line: line, column: column)
                let names = readKey()
                let inner = ([path] + names).joined(separator: ".")
                positions[inner] = positions[inner] ?? position
                if skippingBlankPeek() == "=" { advance() }
                skipValue(inner)
                if skippingBlankPeek() == "," { advance() }
                if names.isEmpty { advance() }
            }
            advance()
        case "\"", "'": skipString()
        default:
            let start = index
            while let character = peek(), !",]}#".contains(character), !character.isNewline { advance() }
            if index == start { advance() }
        }
    }

    private mutating func skipString() {
        guard let quote = peek() else { return }
        var length = 0
        while peek() == quote, length < 3 {
            advance()
            length += 1
        }
        guard length != 2 else { return }
        let closing = length
        var run = 0
        while let character = peek() {
            if character == "\\", quote == "\"" {
                advance()
                advance()
                run = 0
                continue
            }
            run = character == quote ? run + 1 : 0
            advance()
            if run == closing { return }
        }
    }

    private mutating func skippingBlankPeek() -> Character? {
        skipBlank(includingLines: true)
        return peek()
    }

    private mutating func skipBlank(includingLines: Bool) {
        while let character = peek() {
            if character == "#" {
                while let inner = peek(), !inner.isNewline { _ = inner; advance() }
            } else if character == " " || character == "\t" || (includingLines && character.isNewline) {
                advance()
            } else {
                return
            }
        }
    }

    private mutating func skipLine() {
        while let character = peek(), !character.isNewline { advance() }
    }

    private func peek() -> Character? {
        index < characters.count ? characters[index] : nil
    }

    private mutating func advance() {
        guard index < characters.count else { return }
        if characters[index].isNewline {
            line += 1
            column = 1
        } else {
            column += 1
        }
        index += 1
    }
}
