/// Finds the addresses of meetings in what people and their programs write of a meeting.
enum MeetingLinks {
    private static let maximumLinks = 20
    private static let schemes = ["https://", "http://", "jitsi-meet://", "org.jitsi.meet://"]
    /// Blanks that have no width, and marks of direction: programs leave them behind at the ends of addresses.
    private static let invisible: Set<Unicode.Scalar> = [
        "\u{200B}", "\u{200C}", "\u{200D}", "\u{200E}", "\u{200F}", "\u{202A}", "\u{202B}", "\u{202C}", "\u{202D}",
        "\u{202E}", "\u{2060}", "\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}", "\u{FEFF}", "\u{AD}",
    ]
    /// What an address cannot hold, and what words are put between.
    private static let delimiters: Set<Character> = [
        "<", ">", "\"", "'", "(", ")", "[", "]", "{", "}", "|", ",", ";", "`", "\\", "^", "«", "»", "‹", "›", "“", "”",
        "„", "‘", "’", "‚", "…",
    ]

    /// The addresses, all of them of scheme `https`, in the order in which they stand there.
    ///
    /// - Parameter isPlace: the words are a place: an address without a scheme is one as well.
    static func find(in text: String, isPlace: Bool = false) -> [String] {
        let text = decodingEntities(text)
        var found: [String] = []
        for word in text.split(whereSeparator: { isBetweenWords($0) }) {
            guard found.count < maximumLinks else { break }
            let lower = word.lowercased()
            let scheme = schemes.compactMap { lower.firstRange(of: $0) }.min { $0.lowerBound < $1.lowerBound }
            if let scheme {
                let distance = lower.distance(from: lower.startIndex, to: scheme.upperBound)
                let address = "https://" + trimmed(word.dropFirst(distance))
                found.append(address)
                found += wrapped(in: address)
            } else if isPlace, word.contains("/"), word.contains(".") {
                found.append("https://" + trimmed(word[...]))
            }
        }
        return Array(found.prefix(maximumLinks))
    }

    private static func isBetweenWords(_ character: Character) -> Bool {
        character.isWhitespace || delimiters.contains(character)
            || character.unicodeScalars.contains { invisible.contains($0) }
    }

    /// Without the punctuation of the sentence that it ends.
    private static func trimmed(_ word: Substring) -> String {
        var word = word
        while let last = word.last, ".:!?".contains(last) { word.removeLast() }
        return String(word)
    }

    /// The address that a link scanner leads to: `url=` of Outlook's SafeLinks, `q=` of Google's, `u=` of others.
    private static func wrapped(in address: String) -> [String] {
        guard let query = address.firstIndex(of: "?") else { return [] }
        for part in address[address.index(after: query)...].split(whereSeparator: { $0 == "&" || $0 == "#" }) {
            let words = part.split(separator: "=", maxSplits: 1)
            guard words.count == 2, ["url", "q", "u"].contains(words[0].lowercased()) else { continue }
            let target = percentDecoded(words[1])
            guard let scheme = schemes.first(where: { target.lowercased().hasPrefix($0) }) else { continue }
            return ["https://" + target.dropFirst(scheme.count)]
        }
        return []
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let entities: [Substring: String] = [
        "lt": "<", "gt": ">", "quot": "\"", "amp": "&", "apos": "'", "nbsp": " ", "laquo": "«", "raquo": "»",
        "#39": "'", "#34": "\"", "#160": " ",
    ]

    /// With the character references of HTML that stand around and in addresses; some programs write HTML twice over.
    private static func decodingEntities(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var result = ""
        var rest = text[...]
        while let ampersand = rest.firstIndex(of: "&") {
            result += rest[..<ampersand]
            let after = rest[rest.index(after: ampersand)...]
            guard let end = after.prefix(9).firstIndex(of: ";"), let character = character(of: after[..<end]) else {
                result += "&"
                rest = after
                continue
            }
            result += character
            rest = after[after.index(after: end)...]
        }
        return result + rest
    }

    private static func character(of reference: Substring) -> String? {
        if let known = entities[reference] ?? entities[Substring(reference.lowercased())] { return known }
        guard reference.hasPrefix("#") else { return nil }
        let digits = reference.dropFirst()
        let isHexadecimal = digits.hasPrefix("x") || digits.hasPrefix("X")
        let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap { Unicode.Scalar($0) }.map { String(Character($0)) }
    }
}
