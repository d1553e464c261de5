/// Text that others wrote and that a person will read on the television.
package enum RemoteText {
    /// The text without control characters, bidirectional overrides and other invisible format characters, white space reduced
    /// to single spaces, at most `limit` characters.
    package static func clean(_ text: String, limit: Int) -> String {
        var output = String.UnicodeScalarView()
        var pendingSpace = false
        // A character may consist of many scalars; both numbers are bounded so that no input costs more than its bound.
        var remaining = limit * 8
        for scalar in text.unicodeScalars {
            guard remaining > 0 else { break }
            if scalar.properties.isWhitespace {
                pendingSpace = !output.isEmpty
                continue
            }
            guard isShown(scalar) else { continue }
            if pendingSpace { output.append(" ") }
            pendingSpace = false
            output.append(scalar)
            remaining -= 1
        }
        return String(String(output).prefix(limit))
    }

    /// A participant's name: 80 characters.
    package static func name(_ text: String) -> String { clean(text, limit: 80) }

    /// A title of the conference, or a reason that a moderator gave: 200 characters.
    package static func subject(_ text: String) -> String { clean(text, limit: 200) }

    /// A chat message: 2000 characters.
    package static func chat(_ text: String) -> String { clean(text, limit: 2000) }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        // Joiners build emoji and Indic or Arabic words; every other format character hides or reverses text.
        case .format: scalar.value == 0x200D || scalar.value == 0x200C
        default: true
        }
    }
}
