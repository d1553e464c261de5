import Basis

/// Our knocking at a lobby room (jitsi-meet, mod_muc_lobby_rooms).
struct LobbyVisit: Equatable, Sendable {
    private static let maximumConflicts = 3

    let jid: String
    private(set) var nick: String
    private var conflicts = 0

    init(jid: String, nick: String) {
        self.jid = jid
        self.nick = nick
    }

    var occupantJID: String { jid + "/" + nick }

    /// Takes another name, the former being in use; false when that was done often enough.
    mutating func rename(to nick: String) -> Bool {
        guard conflicts < Self.maximumConflicts else { return false }
        conflicts += 1
        self.nick = nick
        return true
    }
}
