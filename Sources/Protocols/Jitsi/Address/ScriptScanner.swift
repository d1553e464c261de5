/// A lexical token of JavaScript, as far as config.js needs it.
struct ScriptToken: Equatable, Sendable {
    enum TemplatePart: Equatable, Sendable {
        case text(String)
        case variable(String)
    }

    enum Kind: Equatable, Sendable {
        case identifier(String)
        case string(String)
        case template([TemplatePart])
        case number(Double)
        case punctuation(Unicode.Scalar)
    }

    let kind: Kind
    /// Whether a line ended between the former token and this one: there a statement may end without semicolon.
    let followsNewline: Bool
}

/// Cuts JavaScript into tokens, comments dropped. Total: unfinished strings and comments end with the text.
struct ScriptScanner {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var followsNewline = false
    private var tokens: [ScriptToken] = []

    static func tokens(of text: String) -> [ScriptToken] {
        var scanner = ScriptScanner(scalars: Array(text.unicodeScalars))
        scanner.scan()
        return scanner.tokens
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    private mutating func append(_ kind: ScriptToken.Kind) {
        tokens.append(ScriptToken(kind: kind, followsNewline: followsNewline))
        followsNewline = false
    }

    private mutating func scan() {
        while let current = peek() {
            if current == "\n" || current == "\r" {
                followsNewline = true
                position += 1
            } else if current.properties.isWhitespace || current.value == 0xFEFF {
                position += 1
            } else if current == "/", peek(1) == "/" {
                while let next = peek(), next != "\n", next != "\r" { position += 1 }
            } else if current == "/", peek(1) == "*" {
                skipBlockComment()
            } else if current == "'" || current == "\"" {
                append(.string(readString(quote: current)))
            } else if current == "`" {
                append(.template(readTemplate()))
            } else if Self.isDigit(current) {
                readNumber()
            } else if Self.isIdentifier(current) {
                append(.identifier(readIdentifier()))
            } else {
                append(.punctuation(current))
                position += 1
            }
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        (48...57).contains(scalar.value)
    }

    private static func isIdentifier(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "$" || scalar.properties.isAlphabetic || isDigit(scalar)
    }

    private mutating func skipBlockComment() {
        position += 2
        while let current = peek() {
            if current == "*", peek(1) == "/" {
                position += 2
                return
            }
            if current == "\n" { followsNewline = true }
            position += 1
        }
    }

    private mutating func readIdentifier() -> String {
        var output = String.UnicodeScalarView()
        while let current = peek(), Self.isIdentifier(current) {
            output.append(current)
            position += 1
        }
        return String(output)
    }

    /// Digits with `.`, exponent, `_` or a radix prefix; what JavaScript takes and Swift does not becomes an unknown name.
    private mutating func readNumber() {
        var text = ""
        while let current = peek(), Self.isIdentifier(current) || current == "." {
            if current != "_" { text.unicodeScalars.append(current) }
            position += 1
        }
        if let number = Double(text), number.isFinite {
            append(.number(number))
        } else {
            append(.identifier(text))
        }
    }

    /// A string ends at its quote or, unfinished, at the end of the line.
    private mutating func readString(quote: Unicode.Scalar) -> String {
        position += 1
        var output = String.UnicodeScalarView()
        while let current = peek(), current != "\n" {
            position += 1
            if current == quote { break }
            if current == "\\" {
                readEscape(into: &output)
            } else {
                output.append(current)
            }
        }
        return String(output)
    }

    private mutating func readTemplate() -> [ScriptToken.TemplatePart] {
        position += 1
        var parts: [ScriptToken.TemplatePart] = []
        var text = String.UnicodeScalarView()
        while let current = peek() {
            position += 1
            if current == "`" { break }
            if current == "\\" {
                readEscape(into: &text)
            } else if current == "$", peek() == "{" {
                position += 1
                parts.append(.text(String(text)))
                text = String.UnicodeScalarView()
                var name = ""
                while let inside = peek(), inside != "}", inside != "`" {
                    if !inside.properties.isWhitespace { name.unicodeScalars.append(inside) }
                    position += 1
                }
                if peek() == "}" { position += 1 }
                parts.append(.variable(name))
            } else {
                text.append(current)
            }
        }
        parts.append(.text(String(text)))
        return parts
    }

    private mutating func readEscape(into output: inout String.UnicodeScalarView) {
        guard let escaped = peek() else { return }
        position += 1
        switch escaped {
        case "n": output.append("\n")
        case "t": output.append("\t")
        case "r": output.append("\r")
        case "\n": break
        case "x": readCodePoint(digits: 2, into: &output)
        case "u": readCodePoint(digits: 4, into: &output)
        default: output.append(escaped)
        }
    }

    private mutating func readCodePoint(digits: Int, into output: inout String.UnicodeScalarView) {
        var text = ""
        while text.utf8.count < digits, let digit = peek(), digit.properties.isASCIIHexDigit {
            text.unicodeScalars.append(digit)
            position += 1
        }
        if text.utf8.count == digits, let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value) {
            output.append(scalar)
        }
    }
}
