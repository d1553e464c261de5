internal import Basis

/// A line of an iCalendar text after unfolding (RFC 5545 section 3.1): `NAME;PARAMETER=value:VALUE`.
struct ContentLine: Equatable, Sendable {
    /// In capitals.
    var name: String
    /// By their names in capitals; of several values the first.
    var parameters: [String: String] = [:]
    var value: String

    /// Nil for what is none.
    init?(_ bytes: [UInt8]) {
        guard let nameEnd = bytes.firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ";") }) else {
            return nil
        }
        name = Self.text(bytes[..<nameEnd]).uppercased()
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        var index = nameEnd
        while index < bytes.count, bytes[index] == UInt8(ascii: ";") {
            index += 1
            guard let equals = bytes[index...].firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = Self.text(bytes[index..<equals]).uppercased()
            index = equals + 1
            let start = index
            var isQuoted = false
            while index < bytes.count {
                let byte = bytes[index]
                if byte == UInt8(ascii: "\"") {
                    isQuoted.toggle()
                } else if !isQuoted, byte == UInt8(ascii: ";") || byte == UInt8(ascii: ":") {
                    break
                }
                index += 1
            }
            guard parameters.count < 20 else { return nil }
            parameters[key] = Self.firstValue(bytes[start..<index])
        }
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { return nil }
        value = Self.text(bytes[(index + 1)...])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func firstValue(_ bytes: ArraySlice<UInt8>) -> String {
        if bytes.first == UInt8(ascii: "\"") {
            return text(bytes.dropFirst().prefix { $0 != UInt8(ascii: "\"") })
        }
        return text(bytes.prefix { $0 != UInt8(ascii: ",") })
    }

    /// `value` as TEXT (RFC 5545 section 3.3.11), its escapes undone.
    var text: String {
        var scalars = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in value.unicodeScalars {
            if isEscaped {
                isEscaped = false
                scalars.append(scalar == "n" || scalar == "N" ? "\n" : scalar)
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}

/// The lines of an iCalendar text, unfolded (RFC 5545 section 3.1). Line feeds alone are taken as well.
struct UnfoldedLines {
    /// Longer lines are pictures and the like.
    static let longest = 65_536

    private let bytes: [UInt8]
    private var index: Int
    private var line: [UInt8] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next line; `isWhole` is false for one that was cut at `longest`.
    mutating func next() -> (line: [UInt8], isWhole: Bool)? {
        guard index < bytes.count else { return nil }
        line.removeAll(keepingCapacity: true)
        var isWhole = true
        while true {
            var end = index
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            var last = end
            if last > index, bytes[last - 1] == UInt8(ascii: "\r") { last -= 1 }
            let room = Self.longest - line.count
            isWhole = isWhole && last - index <= room
            line.append(contentsOf: bytes[index..<min(last, index + room)])
            index = min(end + 1, bytes.count)
            guard index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") else {
                return (line, isWhole)
            }
            index += 1
        }
    }
}
