/// The text of a state file: `key=value`, one a line; `\n` and `\\` in a value stand for a line break and a backslash.
package enum StateLines {
    private static let maximumKeys = 1_000

    /// Every line that is one; of two with the same key the later.
    package static func parse(_ bytes: some Collection<UInt8>) -> [String: String] {
        var values: [String: String] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let separator = line.firstIndex(of: UInt8(ascii: "=")), values.count < maximumKeys else { continue }
            let key = line[..<separator]
            guard isKey(key) else { continue }
            values[String(decoding: key, as: UTF8.self)] =
                String(decoding: unescaped(line[line.index(after: separator)...]), as: UTF8.self)
        }
        return values
    }

    /// Ordered by key, so that the same values give the same file.
    package static func text(_ values: [String: String]) -> [UInt8] {
        var text: [UInt8] = []
        for (key, value) in values.sorted(by: { $0.key < $1.key }) where isKey(key.utf8) {
            text += key.utf8
            text.append(UInt8(ascii: "="))
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\n"): text += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
                case UInt8(ascii: "\\"): text += [byte, byte]
                default: text.append(byte)
                }
            }
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    private static func isKey(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private static func unescaped(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                result.append(byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
