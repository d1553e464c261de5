import Basis

/// The `<x/>` of multi-user chat in a presence (XEP-0045).
struct MUCDetail {
    var statuses: Set<Int> = []
    var realJID: String?
    var role = ""
    var affiliation = ""
    /// In a person's own words: what servers and clients say of themselves is left out.
    var reason = ""
    /// The nick of who did it.
    var actor: String?
    var destroyed: (jid: String?, reason: String)?

    /// What the web client shows as moderator.
    var isModerator: Bool { role == "moderator" || affiliation == "owner" }

    init(_ presence: XMLElement) {
        guard let detail = presence.child("x", namespace: Namespace.mucUser) else { return }
        statuses = Set(detail.children("status").prefix(32).compactMap { $0["code"].flatMap { Int($0) } })
        let item = detail.child("item")
        realJID = item?["jid"].map { JID.bare($0).lowercased() }
        role = item?["role"] ?? ""
        affiliation = item?["affiliation"] ?? ""
        reason = Self.reason(item?.child("reason"))
        actor = item?.child("actor")?["nick"]
        destroyed = detail.child("destroy").map { ($0["jid"], Self.reason($0.child("reason"))) }
    }

    /// lib-jitsi-meet, `ChatRoom.kick`; jitsi-meet's plugins for Prosody.
    private static let stockReasons: Set<String> = [
        "You have been kicked.", "The meeting has been terminated", "The meeting has been terminated silently",
        "Lobby room closed.", "Breakout room removed.", "Breakout room is invalid.",
    ]

    private static func reason(_ element: XMLElement?) -> String {
        let text = RemoteText.subject(element?.text ?? "")
        return stockReasons.contains(text) ? "" : text
    }
}
