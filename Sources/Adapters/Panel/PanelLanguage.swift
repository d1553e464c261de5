/// A language of the page.
enum PanelLanguage: String, CaseIterable, Sendable {
    case french = "fr"
    case english = "en"

    /// The language for somebody: what the address of the page says, else what the browser prefers (RFC 9110 section
    /// 12.5.4), else the box's own, else French.
    static func chosen(asked: String?, accepted: String?, box: String?) -> PanelLanguage {
        asked.flatMap(PanelLanguage.init(rawValue:)) ?? accepted.flatMap(preferred)
            ?? box.flatMap(PanelLanguage.init(rawValue:)) ?? .french
    }

    /// The first of the languages of an Accept-Language header with the greatest weight; nil when none of ours is in it.
    private static func preferred(_ header: String) -> PanelLanguage? {
        var best: (language: PanelLanguage, weight: Double)?
        for range in header.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmed() }
            guard let tag = parts.first?.split(separator: "-").first,
                let language = PanelLanguage(rawValue: tag.lowercased())
            else { continue }
            let quality = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
            let weight = quality.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            // A weight of nothing means: not this one.
            if weight > (best?.weight ?? 0) { best = (language, weight) }
        }
        return best?.language
    }
}

extension Substring {
    fileprivate func trimmed() -> Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return rest
    }
}
