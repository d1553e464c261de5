internal import Basis

/// The door: who is no member waits in the lobby room (jitsi-meet, mod_muc_lobby_rooms) until somebody lets them in.
extension PracticeConference {
    /// Names of those who wait, in their order.
    package var knocking: [String] { clients.compactMap { $0.lobbyNick == nil ? nil : $0.lobbyName } }

    /// Opens or closes the lobby; who is inside stays inside, who waits when it closes may come in.
    package mutating func setLobby(_ isOn: Bool) {
        guard meeting.hasLobby != isOn else { return }
        meeting.hasLobby = isOn
        if isOn {
            for client in clients where client.nick != nil { client.isMember = true }
        } else {
            for client in clients {
                endWaiting(client) { [roomJID = options.roomJID] detail in
                    detail.append(
                        XMLElement("destroy", namespace: PracticeNamespace.mucUser, [("jid", roomJID)]))
                }
            }
        }
        announceConfiguration()
    }

    /// Sets or takes away the password.
    package mutating func setPassword(_ password: String?) {
        meeting.password = password
        announceConfiguration()
    }

    /// Lets everybody of that name in.
    package mutating func admit(named name: String) {
        for client in clients where client.lobbyNick != nil && client.lobbyName == name {
            client.isMember = true
            let invitation = XMLElement("invite", namespace: PracticeNamespace.mucUser, [("from", focusOccupant)])
            send(
                XMLElement(
                    "message", namespace: PracticeNamespace.client, [("from", options.roomJID), ("to", client.jid)],
                    children: [XMLElement("x", namespace: PracticeNamespace.mucUser, children: [invitation])]),
                to: client)
        }
    }

    /// Sends everybody of that name away.
    package mutating func deny(named name: String) {
        for client in clients where client.lobbyName == name {
            endWaiting(client) {
                $0.append(XMLElement("status", namespace: PracticeNamespace.mucUser, [("code", "307")]))
            }
        }
    }

    // MARK: Inside

    /// Whether somebody has to wait at the door: neither a member nor one who knows the password.
    func mustWait(_ client: PracticeClient, password: String?) -> Bool {
        meeting.hasLobby && !client.isMember && (meeting.password == nil || password != meeting.password)
    }

    var lobbyNotice: XMLElement {
        XMLElement("lobbyroom", namespace: PracticeNamespace.jitmeet, text: options.lobbyJID)
    }

    mutating func receiveLobbyPresence(
        _ presence: XMLElement, nick: String, from client: PracticeClient, at now: MonotonicInstant
    ) {
        switch presence["type"] {
        case "unavailable": endWaiting(client) { _ in }
        case nil:
            guard meeting.hasLobby else { return refuse(presence, client, "item-not-found") }
            client.lobbyNick = nick
            client.lobbyName = presence.child("nick")?.text ?? ""
            sendLobbyPresence(to: client, nick: nick, isAvailable: true) { _ in }
            if let patience = options.admitsAfter { meeting.admissionDeadline = now + patience }
        default: break
        }
    }

    /// The client's place in the lobby is gone; `describe` adds why.
    private mutating func endWaiting(_ client: PracticeClient, _ describe: (inout XMLElement) -> Void) {
        guard let nick = client.lobbyNick else { return }
        client.lobbyNick = nil
        sendLobbyPresence(to: client, nick: nick, isAvailable: false, describe)
    }

    /// A guest in a lobby sees nobody but itself.
    private mutating func sendLobbyPresence(
        to client: PracticeClient, nick: String, isAvailable: Bool, _ describe: (inout XMLElement) -> Void
    ) {
        var detail = XMLElement(
            "x", namespace: PracticeNamespace.mucUser,
            children: [
                XMLElement(
                    "item", namespace: PracticeNamespace.mucUser,
                    [("affiliation", "none"), ("role", isAvailable ? "participant" : "none"), ("jid", client.jid)]),
                XMLElement("status", namespace: PracticeNamespace.mucUser, [("code", "110")]),
            ])
        describe(&detail)
        var presence = XMLElement(
            "presence", namespace: PracticeNamespace.client,
            [("from", options.lobbyJID + "/" + nick), ("to", client.jid)], children: [detail])
        if !isAvailable { presence["type"] = "unavailable" }
        send(presence, to: client)
    }

    /// Status 104: the room's configuration is another one (XEP-0045 section 10.2.1).
    private mutating func announceConfiguration() {
        let status = XMLElement("status", namespace: PracticeNamespace.mucUser, [("code", "104")])
        for client in clients where client.nick != nil {
            send(
                XMLElement(
                    "message", namespace: PracticeNamespace.client,
                    [("from", options.roomJID), ("to", client.jid), ("type", "groupchat")],
                    children: [XMLElement("x", namespace: PracticeNamespace.mucUser, children: [status])]),
                to: client)
        }
    }
}
