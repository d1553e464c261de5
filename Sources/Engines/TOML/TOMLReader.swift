internal import CTOML

/// Why a text is not TOML.
package struct TOMLError: Error, Equatable, Sendable {
    /// What is wrong.
    package enum Reason: Equatable, Sendable {
        /// U+0000 stands there, which TOML forbids everywhere.
        case nul
        /// The bytes there are not UTF-8.
        case notUTF8
        /// The text is UTF-16.
        case utf16
        /// The grammar is not kept; the parser's own words.
        case syntax(String)
        /// There is no memory to read it.
        case noMemory
    }

    /// What is wrong.
    package let reason: Reason
    /// Where; 1:1 for what concerns the whole text.
    package let place: TOMLPlace
}

/// Reads TOML 1.0 by toml++. Total: any bytes give a table or an error with its place.
package enum TOMLReader {
    /// The top table of a text. A UTF-8 byte order mark and CRLF line ends are accepted.
    package static func read(_ bytes: [UInt8]) throws(TOMLError) -> TOMLTable {
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        try checkEncoding(bytes)
        try checkNesting(bytes)
        guard let document = bytes.withUnsafeBufferPointer({ ctoml_parse($0.baseAddress, $0.count) }) else {
            throw TOMLError(reason: .noMemory, place: TOMLPlace(line: 1, column: 1))
        }
        defer { ctoml_free(document) }
        guard let root = ctoml_root(document) else {
            var place = CTOMLPlace()
            let words = string(ctoml_error(document, &place))
            throw TOMLError(reason: .syntax(words), place: TOMLPlace(place))
        }
        return table(root)
    }

    private static func checkEncoding(_ bytes: ArraySlice<UInt8>) throws(TOMLError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || looksLikeUTF16(bytes) {
            throw TOMLError(reason: .utf16, place: TOMLPlace(line: 1, column: 1))
        }
        let nul = bytes.firstIndex(of: 0)
        let invalid = String(validating: bytes, as: UTF8.self) == nil ? firstInvalidByte(of: bytes) : nil
        guard let index = [nul, invalid].compactMap({ $0 }).min() else { return }
        let before = bytes[..<index]
        let line = before.lastIndex(of: UInt8(ascii: "\n")).map { before[($0 + 1)...] } ?? before
        throw TOMLError(
            reason: index == invalid ? .notUTF8 : .nul,
            place: TOMLPlace(
                line: before.count { $0 == UInt8(ascii: "\n") } + 1,
                column: line.count { $0 & 0xC0 != 0x80 } + 1))
    }

    /// The parser bounds how deep brackets nest, and not how many parts a dotted key has.
    private static func checkNesting(_ bytes: ArraySlice<UInt8>) throws(TOMLError) {
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let isComment = line.first { $0 != 32 && $0 != 9 } == UInt8(ascii: "#")
            guard isComment || line.count(where: { $0 == UInt8(ascii: ".") }) <= maximumDots else {
                throw TOMLError(
                    reason: .syntax("more than \(maximumDots) dots in a line"),
                    place: TOMLPlace(line: number, column: 1))
            }
        }
    }

    private static let maximumDots = 256

    /// Without a byte order mark: every other byte of the beginning is 0.
    private static func looksLikeUTF16(_ bytes: ArraySlice<UInt8>) -> Bool {
        let start = Array(bytes.prefix(8))
        guard start.count >= 4 else { return false }
        return [0, 1].contains { offset in
            start.indices.allSatisfy { (start[$0] == 0) == ($0 % 2 == offset) }
        }
    }

    private static func firstInvalidByte(of bytes: ArraySlice<UInt8>) -> Int {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let lead = bytes[index]
            let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
            let end = min(index + length, bytes.endIndex)
            guard String(validating: bytes[index..<end], as: UTF8.self) != nil else { return index }
            index = end
        }
        return index
    }

    private static func table(_ node: OpaquePointer) -> TOMLTable {
        TOMLTable(
            members: (0..<ctoml_count(node)).map { index in
                let child = ctoml_child(node, index)
                return TOMLTable.Member(key: string(ctoml_key(child)), node: value(child))
            })
    }

    private static func value(_ node: OpaquePointer) -> TOMLNode {
        let value: TOMLValue =
            switch ctoml_kind(node) {
            case CTOML_TEXT: .text(string(ctoml_text(node)))
            case CTOML_INTEGER: .integer(Int(ctoml_integer(node)))
            case CTOML_REAL: .real(ctoml_real(node))
            case CTOML_BOOLEAN: .boolean(ctoml_boolean(node))
            case CTOML_ARRAY: .array((0..<ctoml_count(node)).map { self.value(ctoml_child(node, $0)) })
            case CTOML_TABLE: .table(table(node))
            default: .date
            }
        return TOMLNode(value: value, place: TOMLPlace(ctoml_place(node)))
    }

    private static func string(_ text: CTOMLText) -> String {
        guard let bytes = text.bytes else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: text.count), as: UTF8.self)
    }
}

extension TOMLPlace {
    fileprivate init(_ place: CTOMLPlace) { self.init(line: Int(place.line), column: Int(place.column)) }
}
