/// What the standard library lacks without Foundation.
enum Text {
    /// The first place of `needle` in `text`.
    static func range(of needle: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(needle) { return start..<text.index(start, offsetBy: needle.count) }
            start = text.index(after: start)
        }
        return nil
    }

    /// Whether `text` holds `needle`, ASCII case aside; for error texts, which are short.
    static func contains(_ needle: String, in text: String) -> Bool {
        range(of: needle.lowercased(), in: String(text.prefix(1000)).lowercased()) != nil
    }
}
