package import Basis

/// Something said in the meeting, written down by the server's transcriber (jigasi, `transcription-result`), or its
/// translation (`translation-result`).
package struct Caption: Equatable, Sendable {
    /// The same for all stages of one utterance and for its translations; empty when the server gives none.
    package let id: String
    /// The endpoint id of who speaks; empty when nobody is named.
    package let speaker: String
    /// What the speaker is called.
    package internal(set) var name: String
    /// Cleaned; empty when what was taken for speech was none.
    package let text: String
    /// The primary subtag in small letters, such as "fr"; empty when it is not told.
    package let language: String
    /// Still growing: a later one with the same id takes its place.
    package let isInterim: Bool
    /// In another language than was spoken.
    package let isTranslation: Bool

    /// Reads the payload of a json-message or of a message on the bridge's channel; nil when it is about something else.
    package init?(_ json: JSONValue) {
        let words: String?
        switch json["type"]?.string {
        case "transcription-result":
            isTranslation = false
            words = json["transcript"]?.array?.first?["text"]?.string
        case "translation-result":
            isTranslation = true
            words = json["text"]?.string
        default: return nil
        }
        guard let words else { return nil }
        text = RemoteText.chat(words)
        id = Self.identifier(json["message_id"])
        speaker = Self.identifier(json["participant"]?["id"])
        name = RemoteText.name(json["participant"]?["name"]?.string ?? "")
        language = String(
            (json["language"]?.string ?? "").lowercased().unicodeScalars.prefix(8).prefix { $0 != "-" && $0 != "_" })
        isInterim = json["is_interim"]?.bool ?? false
    }

    private static func identifier(_ value: JSONValue?) -> String {
        guard let text = value?.string, text.utf8.count <= 128 else { return "" }
        return text
    }

    /// The same, said by somebody whose name the room knows.
    package func said(by name: String) -> Caption {
        var caption = self
        if !name.isEmpty { caption.name = name }
        return caption
    }
}
