import Basis

/// The acknowledgements of XEP-0198 on one stream, and what is needed to take it up again over another connection.
struct StreamManagement: Sendable {
    /// So many stanzas without an acknowledgement make the server be asked for one.
    private static let askingInterval = 5
    /// More than this is not kept: the stream can then not be resumed.
    private static let maximumKept = 512

    /// What the server calls the stream; nil while it has not answered, or when it does not let it be resumed.
    private(set) var resumptionID: String?
    /// Whether the server has agreed: its stanzas count from there.
    private(set) var isEnabled = false
    /// Stanzas of the server that came, modulo 2^32: `h` of ours.
    private(set) var received: UInt32 = 0
    /// `h` of the server.
    private var acknowledged: UInt32 = 0
    /// What the server has not acknowledged, the oldest first.
    private(set) var kept: [XMLElement] = []
    private var sentSinceAsking = 0
    private var hasLostStanzas = false

    /// Whether the server would take the stream up again.
    var isResumable: Bool { resumptionID != nil && !hasLostStanzas }

    static let enable = XMLElement("enable", namespace: XMPPNamespace.streamManagement, [("resume", "true")])
    static let request = XMLElement("r", namespace: XMPPNamespace.streamManagement)

    var acknowledgement: XMLElement {
        XMLElement("a", namespace: XMPPNamespace.streamManagement, [("h", String(received))])
    }

    /// `<resume/>` for a new connection; nil when there is nothing to resume.
    var resume: XMLElement? {
        guard isResumable, let resumptionID else { return nil }
        return XMLElement(
            "resume", namespace: XMPPNamespace.streamManagement,
            [("h", String(received)), ("previd", resumptionID)])
    }

    /// A stanza leaves; true when the server should be asked what has arrived.
    mutating func sent(_ stanza: XMLElement) -> Bool {
        if kept.count < Self.maximumKept {
            kept.append(stanza)
        } else {
            hasLostStanzas = true
        }
        sentSinceAsking += 1
        guard sentSinceAsking >= Self.askingInterval else { return false }
        sentSinceAsking = 0
        return true
    }

    /// A stanza of the server.
    mutating func receivedStanza() {
        if isEnabled { received &+= 1 }
    }

    /// `<enabled/>`.
    mutating func enabled(_ element: XMLElement) {
        guard !isEnabled else { return }
        isEnabled = true
        let resumes = element["resume"] == "true" || element["resume"] == "1"
        guard resumes, let id = element["id"], (1...1_024).contains(id.utf8.count) else { return }
        resumptionID = id
    }

    /// `h` of an `<a/>` or a `<resumed/>`; false when the server acknowledges what was never sent.
    mutating func acknowledge(_ text: String?) -> Bool {
        guard let text, let count = UInt32(text) else { return true }
        let new = count &- acknowledged
        guard new <= UInt32(kept.count) || hasLostStanzas else { return false }
        kept.removeFirst(min(Int(new), kept.count))
        acknowledged = count
        return true
    }

    /// The stream goes on over a new connection: what has to be sent again, in its order.
    mutating func takeUnacknowledged() -> [XMLElement] {
        sentSinceAsking = 0
        return kept
    }
}
