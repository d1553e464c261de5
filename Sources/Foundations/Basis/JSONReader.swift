/// Why a text is no JSON document (RFC 8259), or one beyond the reader's limits; positions are byte offsets.
package enum JSONError: Error, Equatable, Sendable {
    case tooLarge
    case tooDeep
    case notUTF8
    case malformed(offset: Int)
}

/// Reads JSON text (RFC 8259), bounded in size and depth. Total: any bytes give a value or an error.
package struct JSONReader: Sendable {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0

    private init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// Reads the one document that `text` holds.
    package static func parse(
        _ text: String, maximumSize: Int = 1 << 20, maximumDepth: Int = 32
    ) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), maximumSize: maximumSize, maximumDepth: maximumDepth)
    }

    /// Reads the one document that `bytes` hold.
    package static func parse(
        _ bytes: [UInt8], maximumSize: Int = 1 << 20, maximumDepth: Int = 32
    ) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumSize else { throw .tooLarge }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var reader = JSONReader(bytes: bytes, maximumDepth: maximumDepth)
        let value = try reader.readValue(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw .malformed(offset: reader.position) }
        return value
    }

    private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= maximumDepth else { throw .tooDeep }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return try readArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readLiteral("true", .bool(true))
        case UInt8(ascii: "f"): return try readLiteral("false", .bool(false))
        case UInt8(ascii: "n"): return try readLiteral("null", .null)
        default: return try readNumber()
        }
    }

    private mutating func readObject(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var members: [JSONMember] = []
        skipSpace()
        if peek() == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            let key = try readString()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            members.append(JSONMember(key, try readValue(depth: depth + 1)))
            skipSpace()
            if peek() == UInt8(ascii: ",") {
                position += 1
                continue
            }
            try expect(UInt8(ascii: "}"))
            return .object(members)
        }
    }

    private mutating func readArray(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if peek() == UInt8(ascii: "]") {
            position += 1
            return .array(values)
        }
        while true {
            values.append(try readValue(depth: depth + 1))
            skipSpace()
            if peek() == UInt8(ascii: ",") {
                position += 1
                continue
            }
            try expect(UInt8(ascii: "]"))
            return .array(values)
        }
    }

    private mutating func readString() throws(JSONError) -> String {
        try expect(UInt8(ascii: "\""))
        var output: [UInt8] = []
        while true {
            guard let byte = peek() else { throw .malformed(offset: position) }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: output, as: UTF8.self)
            case UInt8(ascii: "\\"): try readEscape(into: &output)
            case 0..<0x20: throw .malformed(offset: position)
            default: output.append(byte)
            }
        }
    }

    private mutating func readEscape(into output: inout [UInt8]) throws(JSONError) {
        guard let byte = peek() else { throw .malformed(offset: position) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
        case UInt8(ascii: "b"): output.append(8)
        case UInt8(ascii: "f"): output.append(12)
        case UInt8(ascii: "n"): output.append(10)
        case UInt8(ascii: "r"): output.append(13)
        case UInt8(ascii: "t"): output.append(9)
        case UInt8(ascii: "u"):
            var value = try readHex4()
            if (0xD800...0xDBFF).contains(value), peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") {
                let mark = position
                position += 2
                let low = try readHex4()
                if (0xDC00...0xDFFF).contains(low) {
                    value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    position = mark
                }
            }
            // A lone surrogate is legal JSON but no character: it becomes U+FFFD.
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            output.append(contentsOf: String(Character(scalar)).utf8)
        default: throw .malformed(offset: position)
        }
    }

    private mutating func readHex4() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count, bytes[position..<position + 4].allSatisfy(Hexadecimal.isDigit),
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw .malformed(offset: position) }
        position += 4
        return value
    }

    private mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = position
        if peek() == UInt8(ascii: "-") { position += 1 }
        let integerStart = position
        try readDigits()
        if bytes[integerStart] == UInt8(ascii: "0"), position > integerStart + 1 { throw .malformed(offset: position) }
        if peek() == UInt8(ascii: ".") {
            position += 1
            try readDigits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            try readDigits()
        }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw .malformed(offset: start)
        }
        return .number(value)
    }

    private mutating func readDigits() throws(JSONError) {
        let start = position
        while let byte = peek(), (48...57).contains(byte) { position += 1 }
        guard position > start else { throw .malformed(offset: position) }
    }

    private mutating func readLiteral(_ literal: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: literal.utf8) else { throw .malformed(offset: position) }
        position += literal.utf8.count
        return value
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard peek() == byte else { throw .malformed(offset: position) }
        position += 1
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 32 || (9...10).contains(byte) || byte == 13 { position += 1 }
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }
}
