/// A lexical token of JavaScript.
struct ScriptToken: Sendable {
    enum Kind: Equatable, Sendable {
        /// Keywords too; the parser knows which name is one where.
        case identifier(String)
        case string(String)
        case number(Double)
        case punctuator(String)
        /// A template begins; its text is read by `templateChunk`.
        case backquote
        /// What no token begins with, or one without its end.
        case invalid
        case end
    }

    let kind: Kind
    let start: Int
    /// From 1.
    let line: Int
    /// Whether a line ended between the former token and this one: there a statement may end without semicolon.
    let followsNewline: Bool
}

/// Cuts JavaScript into tokens as the parser asks for them: only the parser knows whether `/` divides or begins a regular
/// expression (ECMA-262, section 12). Total: any bytes give tokens, and `.end` for ever after the last.
struct ScriptScanner: Sendable {
    private let bytes: [UInt8]
    private(set) var position = 0
    private(set) var line = 1

    /// The longest first.
    private static let punctuators: [[UInt8]] = [
        ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=",
        "&&",
        "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**", "{", "}", "(",
        ")",
        "[", "]", ";", ",", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~", "?", ":", "=", ".",
    ].map { Array($0.utf8) }

    private static let punctuatorsByFirst = (0..<128).map { first in punctuators.filter { $0[0] == UInt8(first) } }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private func peek(_ ahead: Int = 0) -> UInt8 {
        position + ahead < bytes.count ? bytes[position + ahead] : 0
    }

    private func isNext(_ text: [UInt8]) -> Bool {
        guard position + text.count <= bytes.count else { return false }
        for index in text.indices where bytes[position + index] != text[index] { return false }
        return true
    }

    private func isNext(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    mutating func next() -> ScriptToken {
        let followsNewline = skipBlank()
        let start = position
        let startLine = line
        func token(_ kind: ScriptToken.Kind) -> ScriptToken {
            ScriptToken(kind: kind, start: start, line: startLine, followsNewline: followsNewline)
        }
        guard position < bytes.count else { return token(.end) }
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            position += 1
            return token(readString(until: byte).map { .string($0) } ?? .invalid)
        case UInt8(ascii: "`"):
            position += 1
            return token(.backquote)
        case _ where Self.isDigit(byte) || (byte == UInt8(ascii: ".") && Self.isDigit(peek(1))):
            return token(readNumber())
        case _ where Self.isNamePart(byte):
            while position < bytes.count, Self.isNamePart(bytes[position]) { position += 1 }
            return token(.identifier(String(decoding: bytes[start..<position], as: UTF8.self)))
        default:
            for punctuator in Self.punctuatorsByFirst[Int(byte & 0x7F)] where isNext(punctuator) {
                // `a?.5:b` is a condition.
                if punctuator == [0x3F, 0x2E], Self.isDigit(peek(2)) { continue }
                position += punctuator.count
                return token(.punctuator(String(decoding: punctuator, as: UTF8.self)))
            }
            position += 1
            return token(.invalid)
        }
    }

    /// Reads on from `token`, a `/` or `/=`, as a regular expression. False where its end is missing.
    mutating func skipRegularExpression(_ token: ScriptToken) -> Bool {
        position = token.start + 1
        var isInClass = false
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return false
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "["): isInClass = true
            case UInt8(ascii: "]"): isInClass = false
            case UInt8(ascii: "/") where !isInClass:
                while Self.isNamePart(peek()) { position += 1 }
                return true
            default: break
            }
        }
        position = bytes.count
        return false
    }

    /// The text of a template from here to its end or to `${`, which tells whether a substitution follows.
    mutating func templateChunk() -> (text: String, hasSubstitution: Bool)? {
        var output: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "`") { return (String(decoding: output, as: UTF8.self), false) }
            if byte == UInt8(ascii: "$"), peek() == UInt8(ascii: "{") {
                position += 1
                return (String(decoding: output, as: UTF8.self), true)
            }
            if byte == UInt8(ascii: "\\") {
                readEscape(into: &output)
            } else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                output.append(byte)
            }
        }
        return nil
    }

    /// Blanks and comments, those of HTML too (ECMA-262, B.1.1): servers leave directives in them. True when a line ended.
    private mutating func skipBlank() -> Bool {
        var sawNewline = position == 0
        while position < bytes.count {
            let byte = bytes[position]
            let canBeBlank =
                byte <= 32 || byte >= 0x80 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "<")
                || byte == UInt8(ascii: "-")
            guard canBeBlank else { break }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                sawNewline = true
                if byte == UInt8(ascii: "\n") { line += 1 }
                position += 1
            } else if byte == 32 || byte == 9 || byte == 11 || byte == 12 {
                position += 1
            } else if isNext("\u{A0}") {
                position += 2
            } else if isNext("\u{FEFF}") || isNext("\u{2028}") || isNext("\u{2029}") {
                position += 3
            } else if isNext("//") || isNext("<!--") || (sawNewline && isNext("-->")) {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            } else if isNext("/*") {
                position += 2
                while position < bytes.count, !isNext("*/") {
                    if bytes[position] == UInt8(ascii: "\n") {
                        line += 1
                        sawNewline = true
                    }
                    position += 1
                }
                position = min(position + 2, bytes.count)
            } else {
                break
            }
        }
        return sawNewline
    }

    /// Nil where the line or the text ends before the string.
    private mutating func readString(until quote: UInt8) -> String? {
        var output: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case quote: return String(decoding: output, as: UTF8.self)
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return nil
            case UInt8(ascii: "\\"): readEscape(into: &output)
            default: output.append(byte)
            }
        }
        return nil
    }

    private mutating func readEscape(into output: inout [UInt8]) {
        guard position < bytes.count else { return }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): output.append(10)
        case UInt8(ascii: "t"): output.append(9)
        case UInt8(ascii: "r"): output.append(13)
        case UInt8(ascii: "b"): output.append(8)
        case UInt8(ascii: "f"): output.append(12)
        case UInt8(ascii: "v"): output.append(11)
        case UInt8(ascii: "0"): output.append(0)
        case 13:
            if peek() == 10 {
                position += 1
                line += 1
            }
        case 10: line += 1
        case UInt8(ascii: "x"): appendScalar(readHexadecimal(digits: 2), to: &output)
        case UInt8(ascii: "u"):
            if peek() == UInt8(ascii: "{") {
                position += 1
                var value: UInt32 = 0
                while let digit = Self.hexadecimal(peek()), value <= 0x10FFFF {
                    value = value << 4 | digit
                    position += 1
                }
                if peek() == UInt8(ascii: "}") { position += 1 }
                appendScalar(value, to: &output)
                return
            }
            var value = readHexadecimal(digits: 4)
            if (0xD800..<0xDC00).contains(value), isNext("\\u") {
                let mark = position
                position += 2
                let low = readHexadecimal(digits: 4)
                if (0xDC00..<0xE000).contains(low) {
                    value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    position = mark
                }
            }
            appendScalar(value, to: &output)
        default: output.append(byte)
        }
    }

    private mutating func readHexadecimal(digits: Int) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = Self.hexadecimal(peek()) else { break }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private func appendScalar(_ value: UInt32, to output: inout [UInt8]) {
        output += Array(String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8)
    }

    private mutating func readNumber() -> ScriptToken.Kind {
        let start = position
        var text: [UInt8] = []
        let isRadix = peek() == UInt8(ascii: "0") && [0x78, 0x6F, 0x62].contains(peek(1) | 0x20)
        while position < bytes.count {
            let byte = bytes[position]
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let followsExponent = !isRadix && position > start && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
            guard Self.isNamePart(byte) || byte == UInt8(ascii: ".") || (isSign && followsExponent) else { break }
            if byte != UInt8(ascii: "_") { text.append(byte) }
            position += 1
        }
        let digits = String(decoding: text, as: UTF8.self)
        let value: Double?
        if isRadix {
            let radix = text[1] | 0x20 == 0x78 ? 16 : text[1] | 0x20 == 0x6F ? 8 : 2
            value = UInt64(digits.dropFirst(2), radix: radix).map { Double($0) }
        } else {
            value = Double(digits.hasPrefix(".") ? "0" + digits : digits.hasSuffix(".") ? digits + "0" : digits)
        }
        return value.map { .number($0) } ?? .invalid
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Every letter beyond ASCII is taken for part of a name.
    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "#"), 0x80...:
            true
        default: false
        }
    }
}
