internal import Basis

/// The room (XEP-0045).
extension PracticeConference {
    var focusOccupant: String { options.roomJID + "/focus" }

    /// The nick that `jid` names in our room, in the case it was written.
    private func nick(in jid: String?) -> String? { nick(in: jid, of: options.roomJID) }

    private func nick(in jid: String?, of room: String) -> String? {
        guard let jid, let slash = jid.firstIndex(of: "/"), jid[..<slash].lowercased() == room else {
            return nil
        }
        return String(jid[jid.index(after: slash)...])
    }

    // MARK: Presence

    mutating func receivePresence(_ presence: XMLElement, from client: PracticeClient, at now: MonotonicInstant) {
        // Presence to nobody in particular is for contacts; there are none.
        guard let to = presence["to"] else { return }
        if let nick = nick(in: to, of: options.lobbyJID) {
            return receiveLobbyPresence(presence, nick: nick, from: client, at: now)
        }
        guard let nick = nick(in: to) else { return refuse(presence, client, "item-not-found") }
        switch presence["type"] {
        case "unavailable":
            if client.nick == nick { leave(client, at: now) }
        case nil:
            if client.nick == nick {
                update(client, presence)
            } else {
                join(client, as: nick, presence, at: now)
            }
        default: break
        }
    }

    /// What presence carries of a participant; the rest is between it and the room.
    private static func extensions(of presence: XMLElement) -> [XMLElement] {
        presence.elements.filter { $0.namespace != PracticeNamespace.muc && $0.namespace != PracticeNamespace.mucUser }
    }

    private mutating func update(_ client: PracticeClient, _ presence: XMLElement) {
        client.presence = Self.extensions(of: presence)
        for other in clients where other.nick != nil {
            sendPresence(of: client, to: other, statuses: other === client ? ["110"] : [])
        }
    }

    private mutating func join(
        _ client: PracticeClient, as nick: String, _ presence: XMLElement, at now: MonotonicInstant
    ) {
        guard let muc = presence.child("x", namespace: PracticeNamespace.muc) else {
            return refuse(presence, client, "not-acceptable", type: "modify")
        }
        guard client.nick == nil, Self.isNick(nick) else {
            return refuse(presence, client, "not-allowed", text: "Invalid resource")
        }
        guard nick != "focus", !partners.contains(where: { $0.id == nick }), self.client(nick) == nil else {
            return refuse(presence, client, "conflict")
        }
        let offered = muc.child("password")?.text
        if mustWait(client, password: offered) {
            return refuse(presence, client, "registration-required", type: "auth", detail: lobbyNotice)
        }
        if let password = meeting.password, offered != password, !(meeting.hasLobby && client.isMember) {
            return refuse(presence, client, "not-authorized", type: "auth")
        }
        client.nick = nick
        client.presence = Self.extensions(of: presence)
        sendFocusPresence(to: client)
        if meeting.hasTranscriber { sendTranscriberPresence(to: client) }
        for partner in partners { sendPresence(of: partner, to: client) }
        for other in clients where other !== client && other.nick != nil {
            sendPresence(of: other, to: client, statuses: [])
            sendPresence(of: client, to: other, statuses: [])
        }
        sendPresence(of: client, to: client, statuses: ["100", "110"])
        send(
            XMLElement(
                "message", namespace: PracticeNamespace.client,
                [("from", options.roomJID), ("to", client.jid), ("type", "groupchat")],
                children: [XMLElement("subject", namespace: PracticeNamespace.client)]), to: client)
        startScript(at: now)
        if meeting.isFocusInRoom { queryFeatures(of: client, at: now) }
        membershipChanged(at: now)
    }

    /// The plugin mod_muc_resource_validate: letters and digits of ASCII, underscores after the first.
    private static func isNick(_ nick: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        return nick.utf8.count <= 64 && nick.utf8.first.map(isAlphanumeric) == true
            && nick.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }

    /// - Parameters:
    ///   - item: what the room adds to the item of the one who leaves: who did it, and why.
    ///   - destruction: the end of the room itself, as the leaver sees it.
    mutating func leave(
        _ client: PracticeClient, statuses: [String] = [], item: [XMLElement] = [],
        because destruction: XMLElement? = nil, at now: MonotonicInstant
    ) {
        guard let nick = client.nick else { return }
        dropEndpoint(client, at: now)
        for other in clients where other.nick != nil {
            sendUnavailable(
                nick: nick, realJID: client.jid, statuses: statuses + (other === client ? ["110"] : []), item: item,
                because: other === client ? destruction : nil, to: other)
        }
        client.nick = nil
        client.presence = []
        client.features = []
        client.discoDeadline = nil
        if !clients.contains(where: { $0.nick != nil }) { beginAnew() }
        membershipChanged(at: now)
    }

    /// The last has gone, and the room with them: whoever comes next finds it as it was configured.
    private mutating func beginAnew() {
        meeting = PracticeMeeting(options)
        for partner in partners { partner.isEncrypting = false }
        for client in clients { client.isMember = false }
    }

    // MARK: Sending presence

    mutating func sendFocusPresence(to client: PracticeClient) {
        guard meeting.isFocusInRoom else { return }
        let properties = XMLElement(
            "conference-properties", namespace: PracticeNamespace.focus,
            children: [
                XMLElement("property", namespace: PracticeNamespace.focus, [("key", "bridge-count"), ("value", "1")])
            ])
        sendAvailable(
            nick: "focus", children: [properties] + bridgeStatus + recordingStatuses, affiliation: "owner",
            role: "moderator",
            realJID: options.focusJID + "/focus", statuses: [], to: client)
    }

    /// `BridgeNotAvailablePacketExt` of Jicofo.
    private var bridgeStatus: [XMLElement] {
        meeting.hasBridge ? [] : [XMLElement("bridgeNotAvailable", namespace: PracticeNamespace.focus)]
    }

    mutating func sendPresence(of partner: Partner, to client: PracticeClient) {
        sendAvailable(
            nick: partner.id, children: partner.presence(), affiliation: "none", role: "participant",
            realJID: partner.realJID, statuses: [], to: client)
    }

    private mutating func sendPresence(of member: PracticeClient, to client: PracticeClient, statuses: [String]) {
        sendAvailable(
            nick: member.nick ?? "", children: member.presence, affiliation: "none", role: "participant",
            realJID: member.jid, statuses: statuses, to: client)
    }

    mutating func sendAvailable(
        nick: String, children: [XMLElement], affiliation: String, role: String, realJID: String, statuses: [String],
        to client: PracticeClient
    ) {
        let detail = Self.detail(affiliation: affiliation, role: role, realJID: realJID, statuses: statuses)
        send(
            XMLElement(
                "presence", namespace: PracticeNamespace.client,
                [("from", options.roomJID + "/" + nick), ("to", client.jid)], children: children + [detail]),
            to: client)
    }

    mutating func sendUnavailable(
        nick: String, realJID: String, statuses: [String], item: [XMLElement] = [],
        because destruction: XMLElement? = nil, to client: PracticeClient
    ) {
        var detail = Self.detail(
            affiliation: "none", role: "none", realJID: realJID, statuses: statuses, item: item)
        if let destruction { detail.append(destruction) }
        send(
            XMLElement(
                "presence", namespace: PracticeNamespace.client,
                [("from", options.roomJID + "/" + nick), ("to", client.jid), ("type", "unavailable")],
                children: [detail]),
            to: client)
    }

    private static func detail(
        affiliation: String, role: String, realJID: String, statuses: [String], item: [XMLElement] = []
    ) -> XMLElement {
        let member = XMLElement(
            "item", namespace: PracticeNamespace.mucUser,
            [("affiliation", affiliation), ("role", role), ("jid", realJID)], children: item)
        return XMLElement(
            "x", namespace: PracticeNamespace.mucUser,
            children: [member]
                + statuses.map { XMLElement("status", namespace: PracticeNamespace.mucUser, [("code", $0)]) })
    }

    // MARK: Queries and messages

    mutating func receiveRoomQuery(_ iq: XMLElement, _ child: XMLElement, _ client: PracticeClient) {
        switch (iq["type"], child.namespace) {
        case ("get", PracticeNamespace.discoInfo):
            let locked = meeting.password == nil ? "muc_unsecured" : "muc_passwordprotected"
            let members = meeting.hasLobby ? "muc_membersonly" : "muc_open"
            reply(
                to: iq, client, from: options.roomJID,
                Self.discoInfo(
                    node: child["node"], category: "conference", type: "text", name: options.room,
                    features: [PracticeNamespace.muc, locked, members, "muc_nonanonymous"]))
        case (_, PracticeNamespace.ping): reply(to: iq, client, from: options.roomJID, nil)
        default: refuse(iq, client, "forbidden", type: "auth")
        }
    }

    /// Between two clients in the room: the room passes it on under the sender's nick.
    mutating func relay(_ stanza: XMLElement, from client: PracticeClient) {
        guard let sender = client.nick, let nick = nick(in: stanza["to"]), let receiver = self.client(nick),
            receiver !== client
        else {
            if stanza.name == "iq" { refuse(stanza, client, "service-unavailable") }
            return
        }
        var relayed = stanza
        relayed["from"] = options.roomJID + "/" + sender
        relayed["to"] = receiver.jid
        send(relayed, to: receiver)
    }

    mutating func receiveMessage(_ message: XMLElement, from client: PracticeClient) {
        guard message["type"] == "groupchat" else { return relay(message, from: client) }
        guard let sender = client.nick, message["to"]?.lowercased() == options.roomJID else {
            return refuse(message, client, "not-acceptable")
        }
        for receiver in clients where receiver.nick != nil {
            var reflected = message
            reflected["from"] = options.roomJID + "/" + sender
            reflected["to"] = receiver.jid
            send(reflected, to: receiver)
        }
    }
}
