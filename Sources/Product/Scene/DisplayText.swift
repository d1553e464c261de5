/// Makes words from outside fit to be shown: one line, bounded, with nothing that steers the text around it.
package enum DisplayText {
    /// Longest text handed to the painter, in Unicode scalars: stacked accents count one by one.
    package static let longest = 200

    /// `text` without control characters and directional overrides, white space folded, cut at `longest` scalars.
    package static func clean(_ text: String) -> String {
        folded(text, keepingIsolates: false)
    }

    /// As `clean`, for words that may hold isolated parts.
    static func line(_ text: String) -> String {
        folded(text, keepingIsolates: true)
    }

    private static func folded(_ text: String, keepingIsolates: Bool) -> String {
        var scalars = String.UnicodeScalarView()
        var count = 0
        var space: Unicode.Scalar?
        for scalar in text.unicodeScalars.prefix(4 * longest) {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                // The first of several decides: French keeps a space that does not break before its double punctuation.
                if count > 0, space == nil { space = scalar == "\u{A0}" || scalar == "\u{202F}" ? scalar : " " }
                continue
            }
            let isIsolate = scalar.value == 0x2068 || scalar.value == 0x2069
            if (steersDirection(scalar) && !(isIsolate && keepingIsolates))
                || scalar.properties.isNoncharacterCodePoint
            {
                continue
            }
            if count >= longest { break }
            if let kept = space {
                scalars.append(kept)
                count += 1
                space = nil
            }
            scalars.append(scalar)
            count += 1
        }
        return String(scalars)
    }

    /// A cleaned text between marks that keep its direction to itself (UAX #9, FSI and PDI).
    package static func isolated(_ text: String) -> String {
        "\u{2068}" + clean(text) + "\u{2069}"
    }

    /// One or two capital letters that stand for a name; empty when it has none.
    package static func initials(of name: String) -> String {
        let words = clean(name).split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "." || $0 == "_" })
        let letters = words.compactMap { word in word.first(where: { $0.isLetter || $0.isNumber }) }
        guard let first = letters.first else { return "" }
        let last = letters.count > 1 ? letters[letters.count - 1] : nil
        return [first, last].compactMap { $0.map(initial) }.joined()
    }

    /// The base of a character without its accents' pile, in capitals.
    private static func initial(_ character: Character) -> String {
        String(String.UnicodeScalarView(character.unicodeScalars.prefix(2))).uppercased()
    }

    /// A number that is the same for the same text in every run (FNV-1a), for choosing colours.
    package static func number(of text: String) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash >> 8)
    }

    /// Embeddings, overrides and isolates of UAX #9: a name must not turn its neighbours round.
    private static func steersDirection(_ scalar: Unicode.Scalar) -> Bool {
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
}
