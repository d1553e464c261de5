package import Basis

/// What goes wrong at a server, and what moderators forbid.
extension PracticeConference {
    /// The focus has a bridge for the meeting, or has none: then it invites nobody and says so in its presence.
    package mutating func setBridge(isAvailable: Bool, at now: MonotonicInstant) {
        guard meeting.hasBridge != isAvailable else { return }
        meeting.hasBridge = isAvailable
        for client in clients where client.nick != nil {
            if !isAvailable { dropEndpoint(client, at: now) }
            sendFocusPresence(to: client)
            // Jicofo, `onBridgeUp`.
            if isAvailable, client.discoDeadline == nil { invite(client, at: now) }
        }
    }

    /// The focus dies and is there again after `duration`; it comes into the room only when somebody asks for it.
    /// - Parameter keepsBridge: whether the bridge goes on with what it has; else its conference dies as well.
    package mutating func restartFocus(after duration: Duration, keepsBridge: Bool = true, at now: MonotonicInstant) {
        guard meeting.isFocusInRoom else { return }
        meeting.isFocusInRoom = false
        meeting.focusReturnsAt = now + duration
        for client in clients where client.nick != nil {
            client.discoDeadline = nil
            if !keepsBridge { dropEndpoint(client, at: now) }
            sendUnavailable(nick: "focus", realJID: options.focusJID + "/focus", statuses: [], to: client)
        }
    }

    /// A conference request: a focus that is not in the room enters it and invites everybody anew.
    mutating func focusWanted(at now: MonotonicInstant) {
        guard !meeting.isFocusInRoom else { return }
        meeting.isFocusInRoom = true
        for client in clients where client.nick != nil {
            sendFocusPresence(to: client)
            dropEndpoint(client, at: now)
            queryFeatures(of: client, at: now)
        }
    }

    // MARK: AV moderation

    /// Turns AV moderation (jitsi-meet, mod_av_moderation_component) on or off, in a partner's name.
    package mutating func moderate(_ medium: PracticeMedium, isOn: Bool, by name: String? = nil) {
        meeting.approved = meeting.approved.filter { $0.medium != medium }
        if isOn { meeting.moderated.insert(medium) } else { meeting.moderated.remove(medium) }
        let actor = partners.first { $0.settings.name == name }.map { options.roomJID + "/" + $0.id } ?? ""
        for client in clients where client.nick != nil {
            sendModeration(["enabled": .bool(isOn), "actor": .string(actor)], medium, to: client)
        }
    }

    /// Lets a client speak in spite of moderation.
    package mutating func approve(_ medium: PracticeMedium, of endpoint: String) {
        guard let client = client(endpoint) else { return }
        meeting.approved.insert(PracticeApproval(endpoint: endpoint, medium: medium))
        sendModeration(["approved": true], medium, to: client)
    }

    /// Whether a client may unmute itself (jicofo, `handleMuteRequest`); nil for the condition of Jicofo's error to whom
    /// it has not invited.
    func mayUnmute(_ client: PracticeClient, _ medium: PracticeMedium) -> Bool? {
        guard client.endpoint != nil else { return nil }
        let approval = PracticeApproval(endpoint: client.nick ?? "", medium: medium)
        return !meeting.moderated.contains(medium) || meeting.approved.contains(approval)
    }

    private mutating func sendModeration(_ members: JSONValue, _ medium: PracticeMedium, to client: PracticeClient) {
        let json: JSONValue = .object(
            (members.members ?? []) + [
                JSONMember("type", "av_moderation"), JSONMember("mediaType", medium == .audio ? "audio" : "video"),
            ])
        send(
            XMLElement(
                "message", namespace: PracticeNamespace.client,
                [("from", options.moderationAddress), ("to", client.jid)],
                children: [
                    XMLElement("json-message", namespace: PracticeNamespace.jitmeet, text: json.serialized())
                ]), to: client)
    }
}
