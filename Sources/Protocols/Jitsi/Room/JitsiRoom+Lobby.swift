import Basis

// The lobby: knocking, being let in or not (jitsi-meet, mod_muc_lobby_rooms).
extension JitsiRoom {
    mutating func knock(at jid: String, waitingForHost: Bool) {
        phase = .lobby
        // After an invitation that did not open the room we are still inside: no second knock.
        if entry.lobby?.jid != jid {
            leaveLobby()
            let visit = LobbyVisit(jid: jid, nick: nick)
            entry.lobby = visit
            outbox.send(PresenceWriter.knock(at: visit.occupantJID, identity: identity))
        }
        outbox.emit(.lobby(jid: jid, waitingForHost: waitingForHost))
    }

    mutating func leaveLobby() {
        guard let left = entry.lobby else { return }
        entry.lobby = nil
        outbox.send(PresenceWriter.unavailable(to: left.occupantJID))
    }

    mutating func receiveLobbyPresence(_ presence: XMLElement, nick occupant: String, at now: MonotonicInstant) {
        guard var visit = entry.lobby, occupant == visit.nick else { return }
        switch presence["type"] {
        case "error":
            guard presence.child("error")?.child("conflict") != nil, visit.rename(to: randomNick()) else {
                entry.lobby = nil
                return fail(.lobbyDenied)
            }
            entry.lobby = visit
            outbox.send(PresenceWriter.knock(at: visit.occupantJID, identity: identity))
        case "unavailable":
            entry.lobby = nil
            guard phase == .lobby else { return }
            let detail = MUCDetail(presence)
            if !detail.statuses.isDisjoint(with: [301, 307]) {
                fail(.lobbyDenied)
            } else if let destroyed = detail.destroyed {
                guard destroyed.jid.map({ JID.bare($0).lowercased() }) == roomJID else {
                    clearDeadlines()
                    phase = .ended
                    return outbox.emit(.destroyed(reason: destroyed.reason))
                }
                requestConference(at: now)
            } else {
                retry(.removedFromRoom, seconds: 5...10, at: now)
            }
        default: break
        }
    }

    /// An invitation from the main room: a moderator opened the door.
    mutating func receiveInvitation(_ invitation: XMLElement, at now: MonotonicInstant) {
        guard entry.lobby != nil, phase == .lobby else { return }
        if let word = invitation.child("password")?.text, !word.isEmpty { entry.password = Redacted(word) }
        requestConference(at: now)
    }
}
