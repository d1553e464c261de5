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
        } else if knowsComponents {
            receiveComponentMessage(message, at: now)
        } else if queuedMessages.count < 64 {
            queuedMessages.append(message)
        }
    }

    /// `mod_jiconop`: what disco and external service discovery would answer, unasked.
    private mutating func receivePushedServices(_ message: XMLElement, at now: MonotonicInstant) {
        if let info = message.child("query", namespace: Namespace.discoInfo) {
            readComponents(info)
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
        guard phase == .joined, message["type"] == "groupchat" else { return }
        let isDelayed = message.child("delay", namespace: Namespace.delay) != nil
        if let element = message.child("json-message", namespace: Namespace.jitmeet) {
            if !isDelayed { receiveRoomJSON(element, occupant: occupant) }
            return
        }
        if let subject = message.child("subject"), message.child("body") == nil {
            emit(.subject(RemoteText.subject(subject.text)))
        } else if let occupant, occupant == nick || occupants[occupant] != nil,
            !isDelayed, let body = message.child("body")
        {
            let text = RemoteText.chat(body.text)
            if !text.isEmpty { emit(.chat(from: occupant, text: text)) }
        }
    }

    // MARK: Components

    mutating func receiveComponentMessage(_ message: XMLElement, at now: MonotonicInstant) {
        guard let from = message["from"]?.lowercased(), let component = components[from],
            message.child("delay", namespace: Namespace.delay) == nil,
            let element = message.child("json-message", namespace: Namespace.jitmeet),
            let json = try? JSONReader.parse(element.text, maximumSize: 1 << 18)
        else { return }
        switch (component, json["type"]?.string) {
        case ("av_moderation", "av_moderation"): receiveModeration(json, at: now)
        case ("conference_duration", "conference_duration"):
            let created = json["created_timestamp"]
            let instant = created?.string.flatMap { Int64($0) } ?? created?.integer.map(Int64.init)
            if let instant { emit(.meeting(id: nil, createdAt: instant)) }
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
        guard !services.isEmpty else { return }
        hasExternalServices = true
        emit(.externalServices(services))
    }

    private mutating func receiveModeration(_ json: JSONValue, at now: MonotonicInstant) {
        guard let kind = json["mediaType"]?.string.flatMap(MediaKind.init(rawValue:)) else { return }
        if let enabled = json["enabled"]?.bool {
            approved.remove(kind)
            if enabled {
                moderated.insert(kind)
                if !isModerator { hold(kind, at: now) }
            } else {
                moderated.remove(kind)
            }
            emit(.moderation(kind, enabled: enabled))
        } else if json["approved"]?.bool == true {
            approved.insert(kind)
            emit(.unmuteApproved(kind))
        } else if json["removed"]?.bool == true {
            approved.remove(kind)
            if !isModerator { hold(kind, at: now) }
        }
    }

    // MARK: Muting by others

    /// The focus silenced us: tell the others at once; the way back leads over the focus.
    mutating func hold(_ kind: MediaKind, at now: MonotonicInstant) {
        held.insert(kind)
        unmuting.remove(kind)
        guard !media.isMuted(kind) else { return }
        media.mute(kind)
        schedulePresence(at: now)
        emit(.mutedByFocus(kind))
    }

    mutating func requestUnmute(_ kind: MediaKind) {
        guard !unmuting.contains(kind) else { return }
        guard phase == .joined, let focusNick, isModerator || !moderated.contains(kind) || approved.contains(kind)
        else {
            emit(.unmuteRefused(kind))
            return
        }
        unmuting.insert(kind)
        let namespace = kind == .audio ? Namespace.muteAudio : Namespace.muteVideo
        query(
            .unmute(kind),
            iq(
                "set", to: roomJID + "/" + focusNick,
                XMLElement("mute", namespace: namespace, [("jid", occupantJID)], text: "false")))
    }

    mutating func receiveUnmuteAnswer(_ answer: IQAnswer, kind: MediaKind, at now: MonotonicInstant) {
        // Not wanted any more: whoever wants it later asks again.
        guard unmuting.remove(kind) != nil else { return }
        guard case .result = answer else {
            emit(.unmuteRefused(kind))
            return
        }
        held.remove(kind)
        switch kind {
        case .audio: media.audioMuted = false
        case .video: media.videoMuted = false
        }
        schedulePresence(at: now)
        emit(.unmuted(kind))
    }
}
