import Basis

// Messages: chat, subject, invitations, what server components tell in JSON.
extension JitsiRoom {
    mutating func receiveMessage(_ message: XMLElement, at now: MonotonicInstant) {
        guard phase != .ended, let from = message["from"], message["type"] != "error" else { return }
        let bare = JID.bare(from).lowercased()
        if bare == roomJID {
            receiveRoomMessage(message, occupant: JID.resource(from), at: now)
        } else if bare == configuration.xmppDomain, JID.resource(from) == nil {
            receivePushedServices(message, at: now)
        } else if components.areKnown {
            receiveComponentMessage(message, at: now)
        } else {
            components.keep(message)
        }
    }

    /// `mod_jiconop`: what disco and external service discovery would answer, unasked.
    private mutating func receivePushedServices(_ message: XMLElement, at now: MonotonicInstant) {
        if let info = message.child("query", namespace: Namespace.discoInfo) {
            components.read(info)
            settleComponents(at: now)
        }
        if let services = message.child("services") { report(services: services) }
    }

    private mutating func receiveRoomMessage(_ message: XMLElement, occupant: String?, at now: MonotonicInstant) {
        if occupant == nil, let detail = message.child("x", namespace: Namespace.mucUser) {
            if detail.child("invite") != nil { receiveInvitation(detail, at: now) }
            if phase == .joined, detail.children("status").contains(where: { $0["code"] == "104" }) { queryRoomInfo() }
            return
        }
        guard phase == .joined else { return }
        let isDelayed = message.child("delay", namespace: Namespace.delay) != nil
        guard message["type"] == "groupchat" else {
            if message["type"] == "chat", let occupant, !isDelayed { receiveChat(message, from: occupant) }
            return
        }
        if let element = message.child("json-message", namespace: Namespace.jitmeet) {
            if !isDelayed { receiveRoomJSON(element, occupant: occupant) }
            return
        }
        if let subject = message.child("subject"), message.child("body") == nil {
            outbox.emit(.subject(RemoteText.subject(subject.text)))
        } else if let occupant, !isDelayed {
            receiveChat(message, from: occupant)
        }
    }

    private mutating func receiveChat(_ message: XMLElement, from occupant: String) {
        if let retraction = message.child("retract", namespace: Namespace.retraction) {
            // Its body speaks to clients that do not know retractions (XEP-0424 section 5.1).
            if let retracted = messages.retract(retraction["id"] ?? "", from: occupant) {
                outbox.emit(.chatRetracted(retracted))
            }
            return
        }
        let isOccupant = occupant == nick || occupants[occupant] != nil
        guard let chat = RoomMessage(message, from: occupant, isOccupant: isOccupant) else { return }
        messages.add(chat, from: occupant)
        outbox.emit(.chat(chat))
    }

    // MARK: Components

    mutating func receiveComponentMessage(_ message: XMLElement, at now: MonotonicInstant) {
        guard let from = message["from"]?.lowercased(), let component = components.type(of: from),
            message.child("delay", namespace: Namespace.delay) == nil,
            let element = message.child("json-message", namespace: Namespace.jitmeet),
            let json = try? JSONReader.parse(element.text, maximumSize: 1 << 18)
        else { return }
        switch (component, json["type"]?.string) {
        case ("av_moderation", "av_moderation"): receiveModeration(json, at: now)
        case ("conference_duration", "conference_duration"):
            let created = json["created_timestamp"]
            let instant = created?.string.flatMap { Int64($0) } ?? created?.integer.map(Int64.init)
            if let instant { outbox.emit(.meeting(id: nil, createdAt: instant)) }
        case ("room_metadata", "room_metadata"): receiveMetadata(json["metadata"] ?? .null)
        case ("breakout_rooms", "breakout_rooms"): receiveBreakout(json, component: from, at: now)
        default: break
        }
    }

    private mutating func receiveMetadata(_ metadata: JSONValue) {
        readTranscription(metadata)
        let services = (metadata["services"]?.array ?? []).prefix(16).compactMap { item in
            ExternalService(
                type: item["type"]?.string, host: item["host"]?.string,
                port: item["port"]?.string ?? item["port"]?.integer.map(String.init),
                transport: item["transport"]?.string, username: item["username"]?.string,
                password: item["password"]?.string)
        }
        report(services)
    }
}
