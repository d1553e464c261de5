/// Why a text was not taken as an element.
package enum XMLError: Error, Equatable, Sendable {
    case tooLarge
    case tooDeep
    case tooManyAttributes
    case notUTF8
    /// DTDs, comments, processing instructions and CDATA are refused: XMPP forbids all but the last (RFC 6120 section 11.1).
    case restricted(offset: Int)
    case malformed(offset: Int)
    case unboundPrefix(String)
}

/// Reads one element from text: no DTD, no entities but the five and character references, bounded in size, depth and attributes.
///
/// Total: any bytes give an element or an error, in time linear in their number.
package struct XMLReader: Sendable {
    /// What a text may cost.
    package struct Limits: Sendable {
        /// In bytes.
        package var size: Int
        /// Of nested elements.
        package var depth: Int
        /// Of one element.
        package var attributes: Int

        package init(size: Int, depth: Int, attributes: Int) {
            self.size = size
            self.depth = depth
            self.attributes = attributes
        }

        /// One stanza from a conference server; an offer in a room of 200 takes some 200 KB.
        package static let stanza = Limits(size: 1 << 20, depth: 64, attributes: 64)
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var position = 0

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The element that `text` consists of; an XML declaration and white space around it are skipped.
    package static func parse(_ text: String, limits: Limits = .stanza) throws(XMLError) -> XMLElement {
        try parse(Array(text.utf8), limits: limits)
    }

    /// The element that `bytes` consist of, in UTF-8; an XML declaration and white space around it are skipped.
    package static func parse(_ bytes: [UInt8], limits: Limits = .stanza) throws(XMLError) -> XMLElement {
        guard bytes.count <= limits.size else { throw .tooLarge }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var reader = XMLReader(bytes: bytes, limits: limits)
        reader.skipDeclaration()
        reader.skipSpace()
        let element = try reader.readTree()
        reader.skipSpace()
        guard reader.position == bytes.count else { throw .malformed(offset: reader.position) }
        return element
    }

    private struct Open {
        var element: XMLElement
        let qualifiedName: String
        let bindings: [String: String]
    }

    /// Iterative, so that hostile depth cannot exhaust the stack before the limit is looked at.
    private mutating func readTree() throws(XMLError) -> XMLElement {
        var stack: [Open] = []
        let builtIn = ["": "", "xml": "http://www.w3.org/XML/1998/namespace"]
        while true {
            if peek() == UInt8(ascii: "<") {
                switch peek(1) {
                case UInt8(ascii: "/"):
                    position += 2
                    let name = try readName()
                    skipSpace()
                    try expect(UInt8(ascii: ">"))
                    guard let closed = stack.popLast(), closed.qualifiedName == name else {
                        throw .malformed(offset: position)
                    }
                    guard !stack.isEmpty else { return closed.element }
                    stack[stack.count - 1].element.append(closed.element)
                case UInt8(ascii: "!"), UInt8(ascii: "?"):
                    throw .restricted(offset: position)
                default:
                    position += 1
                    let (open, isEmpty) = try readOpeningTag(stack.last?.bindings ?? builtIn)
                    if !isEmpty {
                        guard stack.count < limits.depth else { throw .tooDeep }
                        stack.append(open)
                    } else if stack.isEmpty {
                        return open.element
                    } else {
                        stack[stack.count - 1].element.append(open.element)
                    }
                }
            } else {
                guard !stack.isEmpty else { throw .malformed(offset: position) }
                let text = try readText(until: UInt8(ascii: "<"))
                stack[stack.count - 1].element.append(text: text)
            }
        }
    }

    private mutating func readOpeningTag(_ inherited: [String: String]) throws(XMLError) -> (Open, isEmpty: Bool) {
        let qualifiedName = try readName()
        var bindings = inherited
        var attributes: [XMLAttribute] = []
        var isEmpty = false
        while true {
            let before = position
            skipSpace()
            if peek() == UInt8(ascii: "/") {
                position += 1
                try expect(UInt8(ascii: ">"))
                isEmpty = true
                break
            }
            if peek() == UInt8(ascii: ">") {
                position += 1
                break
            }
            guard position > before else { throw .malformed(offset: position) }
            let name = try readName()
            skipSpace()
            try expect(UInt8(ascii: "="))
            skipSpace()
            guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
                throw .malformed(offset: position)
            }
            position += 1
            let value = try readText(until: quote)
            position += 1
            let (prefix, localName) = Self.parts(of: name)
            if name == "xmlns" {
                bindings[""] = value
            } else if prefix == "xmlns" {
                bindings[localName] = value
            } else {
                guard !attributes.contains(where: { $0.name == name }) else { throw .malformed(offset: position) }
                attributes.append(XMLAttribute(name, value))
            }
            guard attributes.count + bindings.count <= limits.attributes + 2 else { throw .tooManyAttributes }
        }
        let (prefix, localName) = Self.parts(of: qualifiedName)
        guard let namespace = bindings[prefix] else { throw .unboundPrefix(prefix) }
        var element = XMLElement(localName, namespace: namespace)
        element.attributes = attributes
        return (Open(element: element, qualifiedName: qualifiedName, bindings: bindings), isEmpty)
    }

    /// A qualified name: `local` or `prefix:local`, both without colon (Namespaces in XML 1.0 section 4).
    private mutating func readName() throws(XMLError) -> String {
        let start = position
        var isAtStart = true
        var hasPrefix = false
        while let byte = peek(), Self.isNameByte(byte) {
            if byte == UInt8(ascii: ":") {
                guard !isAtStart, !hasPrefix else { throw .malformed(offset: position) }
                hasPrefix = true
                isAtStart = true
            } else {
                guard !isAtStart || Self.isNameStart(byte) else { throw .malformed(offset: position) }
                isAtStart = false
            }
            position += 1
        }
        guard !isAtStart else { throw .malformed(offset: position) }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Text up to (not including) `end`, references resolved.
    private mutating func readText(until end: UInt8) throws(XMLError) -> String {
        var output: [UInt8] = []
        while true {
            guard let byte = peek() else { throw .malformed(offset: position) }
            if byte == end { break }
            switch byte {
            case UInt8(ascii: "&"): try readReference(into: &output)
            case UInt8(ascii: "<"): throw .malformed(offset: position)
            case 0..<9, 11, 12, 14..<32: throw .malformed(offset: position)
            // U+FFFE and U+FFFF, which XML forbids as well.
            case 0xEF where peek(1) == 0xBF && (peek(2) ?? 0) >= 0xBE: throw .malformed(offset: position)
            default:
                output.append(byte)
                position += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func readReference(into output: inout [UInt8]) throws(XMLError) {
        position += 1
        let start = position
        while let byte = peek(), byte != UInt8(ascii: ";"), position - start < 10 { position += 1 }
        guard peek() == UInt8(ascii: ";") else { throw .malformed(offset: position) }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        position += 1
        switch name {
        case "amp": output.append(UInt8(ascii: "&"))
        case "lt": output.append(UInt8(ascii: "<"))
        case "gt": output.append(UInt8(ascii: ">"))
        case "apos": output.append(UInt8(ascii: "'"))
        case "quot": output.append(UInt8(ascii: "\""))
        default:
            let value: UInt32?
            if name.hasPrefix("#x") {
                value = UInt32(name.dropFirst(2), radix: 16)
            } else if name.hasPrefix("#") {
                value = UInt32(name.dropFirst())
            } else {
                value = nil
            }
            guard let value, let scalar = Unicode.Scalar(value), XMLText.isAllowed(scalar) else {
                throw .malformed(offset: position)
            }
            output.append(contentsOf: String(Character(scalar)).utf8)
        }
    }

    private mutating func skipDeclaration() {
        guard bytes.starts(with: Array("<?xml ".utf8)) else { return }
        var index = 6
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "?"), bytes[index + 1] == UInt8(ascii: ">") {
                position = index + 2
                return
            }
            index += 1
        }
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 32 || (9...10).contains(byte) || byte == 13 { position += 1 }
    }

    private mutating func expect(_ byte: UInt8) throws(XMLError) {
        guard peek() == byte else { throw .malformed(offset: position) }
        position += 1
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    /// Prefix (or nothing) and local part. By bytes: as a `Character` the colon may have swallowed a combining mark.
    private static func parts(of name: String) -> (prefix: String, localName: String) {
        guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return ("", name) }
        return (String(name[..<colon]), String(name[name.utf8.index(after: colon)...]))
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        !(48...57).contains(byte) && byte != UInt8(ascii: "-") && byte != UInt8(ascii: ".")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"), 0x80...0xFF:
            true
        default: false
        }
    }
}
