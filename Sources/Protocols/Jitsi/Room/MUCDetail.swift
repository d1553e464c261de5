import Basis

/// The `<x/>` of multi-user chat in a presence (XEP-0045).
struct MUCDetail {
    var statuses: Set<Int> = []
    var realJID: String?
    var isModerator = false
    var reason = ""
    var destroyed: (jid: String?, reason: String)?

    init(_ presence: XMLElement) {
        guard let detail = presence.child("x", namespace: Namespace.mucUser) else { return }
        statuses = Set(detail.children("status").prefix(32).compactMap { $0["code"].flatMap { Int($0) } })
        let item = detail.child("item")
        realJID = item?["jid"].map { JID.bare($0).lowercased() }
        isModerator = item?["role"] == "moderator" || item?["affiliation"] == "owner"
        reason = RemoteText.subject(item?.child("reason")?.text ?? "")
        destroyed = detail.child("destroy").map { ($0["jid"], RemoteText.subject($0.child("reason")?.text ?? "")) }
    }
}
