internal import Basis
internal import DTLSSRTP
internal import MediaSession

/// The focus, as Jicofo is one: it opens the conference, invites, and keeps the list of sources.
extension PracticeConference {
    /// The focus waits so long for the features of a new participant.
    private static let discoPatience = Duration.seconds(2)
    /// Jicofo's single-participant-timeout.
    private static let alonePatience = Duration.seconds(20)
    private static let jsonFeature = "http://jitsi.org/json-encoded-sources"
    private static let sctpFeature = "urn:xmpp:jingle:transports:dtls-sctp:1"

    var initiator: String { options.focusJID + "/focus" }

    mutating func receiveConferenceRequest(
        _ iq: XMLElement, _ child: XMLElement, _ client: PracticeClient, at now: MonotonicInstant
    ) {
        guard child.name == "conference", child.namespace == PracticeNamespace.focus else {
            return refuse(iq, client, "service-unavailable")
        }
        guard let room = child["room"], room.lowercased() == options.roomJID else {
            return refuse(iq, client, "item-not-found", text: "There is only \(options.roomJID)")
        }
        guard meeting.focusReturnsAt == nil else { return refuse(iq, client, "item-not-found", type: "wait") }
        let properties = ["authentication", "sipGatewayEnabled", "visitors-supported"].map {
            XMLElement("property", namespace: PracticeNamespace.focus, [("name", $0), ("value", "false")])
        }
        reply(
            to: iq, client, from: options.focusAddress,
            XMLElement(
                "conference", namespace: PracticeNamespace.focus,
                [("room", options.roomJID), ("ready", "true"), ("focusjid", options.focusJID)], children: properties))
        focusWanted(at: now)
    }

    // MARK: Asking

    /// Sends an IQ from the focus in the room.
    mutating func ask(_ client: PracticeClient, _ query: PracticeClient.Query, _ payload: XMLElement) {
        send(
            XMLElement(
                "iq", namespace: PracticeNamespace.client,
                [
                    ("type", query == .disco ? "get" : "set"), ("id", client.expect(query)), ("from", focusOccupant),
                    ("to", client.jid),
                ], children: [payload]), to: client)
    }

    mutating func receiveAnswer(_ iq: XMLElement, from client: PracticeClient, at now: MonotonicInstant) {
        guard let id = iq["id"], let query = client.answered(id) else { return relay(iq, from: client) }
        switch (query, iq["type"]) {
        case (.disco, let type):
            guard client.discoDeadline != nil else { return }
            client.discoDeadline = nil
            if type == "result", let info = iq.child("query", namespace: PracticeNamespace.discoInfo) {
                client.features = info.children("feature").prefix(256).compactMap { $0["var"] }
            }
            invite(client, at: now)
        case (.initiate, "error"):
            client.noteRefusal("the offer was refused")
            dropEndpoint(client, at: now)
        default: break
        }
    }

    mutating func queryFeatures(of client: PracticeClient, at now: MonotonicInstant) {
        var query = XMLElement("query", namespace: PracticeNamespace.discoInfo)
        if let caps = client.presence.first(where: { $0.namespace == PracticeNamespace.caps }),
            let node = caps["node"], let version = caps["ver"]
        {
            query["node"] = node + "#" + version
        }
        client.discoDeadline = now + Self.discoPatience
        ask(client, .disco, query)
    }

    // MARK: Sessions

    /// Members came or went: two make a conference.
    mutating func membershipChanged(at now: MonotonicInstant) {
        let members = clients.filter { $0.nick != nil }
        if members.count + partners.count >= 2 {
            aloneDeadline = nil
            for client in members where client.endpoint == nil && client.discoDeadline == nil {
                invite(client, at: now)
            }
        } else if members.contains(where: { $0.endpoint != nil }), aloneDeadline == nil {
            aloneDeadline = now + Self.alonePatience
        }
        for client in members {
            synchronizeLanes(client, at: now)
            updateForwarding(client, at: now)
        }
    }

    private func isJSON(_ client: PracticeClient) -> Bool {
        options.jsonSources && client.advertises(Self.jsonFeature)
    }

    /// The sources of all but `client`, by owner.
    func sources(besides client: PracticeClient) -> [(owner: String, set: SourceSet)] {
        partners.map { ($0.id, $0.sources) }
            + clients.compactMap { other in
                guard other !== client, let nick = other.nick, !other.sources.sources.isEmpty else { return nil }
                return (nick, other.sources)
            }
    }

    mutating func invite(_ client: PracticeClient, at now: MonotonicInstant) {
        let members = clients.count { $0.nick != nil } + partners.count
        guard let nick = client.nick, client.endpoint == nil, members >= 2, meeting.hasBridge, meeting.isFocusInRoom
        else { return }
        let endpoint = BridgeEndpoint(random: &random)
        client.endpoint = endpoint
        // Without an answer to disco#info Jicofo reckons with a data channel.
        let hasSCTP = options.offersSCTP && (client.features.isEmpty || client.advertises(Self.sctpFeature))
        let url = "ws://\(origin)/colibri-ws/default-id/\(conferenceID)/\(nick)?pwd=\(endpoint.password)"
        let offer = JingleOffer(
            sid: endpoint.sid, initiator: initiator, bridgeSessionID: endpoint.bridgeSessionID,
            credentials: endpoint.credentials, fingerprint: announcedFingerprint, mediaAddress: mediaAddress,
            webSocketURL: options.offersWebSocket ? url : nil, sctpPort: hasSCTP ? BridgeFormat.sctpPort : nil,
            sources: sources(besides: client), isJSON: isJSON(client))
        ask(client, .initiate, offer.element())
    }

    private var announcedFingerprint: DTLSFingerprint {
        let own = certificate.fingerprint
        guard options.wrongFingerprint else { return own }
        guard let wrong = DTLSFingerprint(hash: own.hash, bytes: own.bytes.map { ~$0 }) else {
            preconditionFailure("a digest of the same length is a digest")
        }
        return wrong
    }

    /// Tells the client that its bridge session is over.
    mutating func endSession(_ client: PracticeClient, reason: String, text: String, at now: MonotonicInstant) {
        guard let endpoint = client.endpoint else { return }
        dropEndpoint(client, at: now)
        ask(
            client, .other,
            JingleOffer.terminate(sid: endpoint.sid, initiator: initiator, reason: reason, text: text))
    }

    /// Frees what the bridge holds of the client, and tells the others that its sources are gone.
    mutating func dropEndpoint(_ client: PracticeClient, at now: MonotonicInstant) {
        guard let endpoint = client.endpoint else { return }
        endpoint.close(at: now)
        if case .socket(let socket) = endpoint.channel { outputs.append(.closeSocket(socket: socket, code: 1001)) }
        client.endpoint = nil
        let gone = client.sources
        client.sources = SourceSet()
        if let nick = client.nick, !gone.sources.isEmpty { announce("source-remove", owner: nick, set: gone, at: now) }
    }

    /// Tells everybody but the owner about sources.
    mutating func announce(_ action: String, owner: String, set: SourceSet, at now: MonotonicInstant) {
        for client in clients where client.nick != owner {
            guard let endpoint = client.endpoint else { continue }
            ask(
                client, .other,
                JingleOffer.change(
                    action, sid: endpoint.sid, initiator: initiator, owner: owner, set: set, isJSON: isJSON(client)))
            synchronizeLanes(client, at: now)
            updateForwarding(client, at: now)
        }
    }

    // MARK: What clients ask

    mutating func receiveFocusQuery(
        _ iq: XMLElement, _ child: XMLElement, _ client: PracticeClient, at now: MonotonicInstant
    ) {
        switch (iq["type"], child.name, child.namespace) {
        case (_, _, _) where client.nick == nil: refuse(iq, client, "not-acceptable")
        case (_, _, _) where !meeting.isFocusInRoom: refuse(iq, client, "item-not-found")
        case ("set", "jingle", PracticeNamespace.jingle): receiveJingle(iq, child, client, at: now)
        case ("set", "mute", PracticeNamespace.muteAudio): receiveMute(iq, child, client, .audio, at: now)
        case ("set", "mute", PracticeNamespace.muteVideo): receiveMute(iq, child, client, .video, at: now)
        case ("get", _, PracticeNamespace.ping): reply(to: iq, client, from: focusOccupant, nil)
        default: refuse(iq, client, "service-unavailable")
        }
    }

    /// A client unmutes itself at the bridge, or mutes a partner.
    private mutating func receiveMute(
        _ iq: XMLElement, _ mute: XMLElement, _ client: PracticeClient, _ medium: PracticeMedium,
        at now: MonotonicInstant
    ) {
        let isMuting = mute.text.filter { !$0.isWhitespace } == "true"
        let target = mute["jid"] ?? ""
        if target == options.roomJID + "/" + (client.nick ?? "") {
            switch isMuting ? true : mayUnmute(client, medium) {
            case true?: return reply(to: iq, client, from: focusOccupant, nil)
            case false?: return refuse(iq, client, "not-allowed")
            case nil: return refuse(iq, client, "internal-server-error", type: "wait")
            }
        }
        guard isMuting, let partner = partners.first(where: { target == options.roomJID + "/" + $0.id }) else {
            return refuse(iq, client, "not-allowed")
        }
        reply(to: iq, client, from: focusOccupant, nil)
        setPartner(
            named: partner.settings.name, audioMuted: partner.settings.audioMuted || medium == .audio,
            videoMuted: partner.settings.videoMuted || medium == .video, at: now)
    }

    private mutating func receiveJingle(
        _ iq: XMLElement, _ jingle: XMLElement, _ client: PracticeClient, at now: MonotonicInstant
    ) {
        guard let endpoint = client.endpoint, jingle["sid"] == endpoint.sid else {
            let detail = XMLElement("unknown-session", namespace: PracticeNamespace.jingleErrors)
            return refuse(iq, client, "item-not-found", detail: detail)
        }
        switch jingle["action"] {
        case "session-accept": accept(iq, jingle, client, endpoint, at: now)
        case "source-add": addSources(iq, jingle, client, endpoint, at: now)
        case "source-remove": removeSources(iq, jingle, client, endpoint, at: now)
        case "transport-info":
            reply(to: iq, client, from: focusOccupant, nil)
            for content in jingle.children("content").prefix(4) {
                guard let transport = content.child("transport") else { continue }
                endpoint.add(JingleAnswer.candidates(of: transport), at: now)
            }
            drain(client, at: now)
        case "session-info": reply(to: iq, client, from: focusOccupant, nil)
        case "session-terminate":
            reply(to: iq, client, from: focusOccupant, nil)
            dropEndpoint(client, at: now)
            if jingle.child("bridge-session")?["restart"] == "true" { invite(client, at: now) }
        default: refuse(iq, client, "feature-not-implemented")
        }
    }

    private mutating func accept(
        _ iq: XMLElement, _ jingle: XMLElement, _ client: PracticeClient, _ endpoint: BridgeEndpoint,
        at now: MonotonicInstant
    ) {
        guard let nick = client.nick, !endpoint.hasAccepted else { return refuse(iq, client, "bad-request") }
        let hasSCTP = jingle.children("content").contains { $0.child("transport")?.child("sctpmap") != nil }
        let answer: JingleAnswer
        do throws(JingleFault) {
            answer = try JingleAnswer(jingle, owner: nick)
            let others = sources(besides: client).map(\.set)
            if let fault = answer.sources.fault(owner: nick, own: SourceSet(), others: others) {
                throw JingleFault(fault)
            }
        } catch {
            refuse(iq, client, "bad-request", type: "modify", text: error.text)
            return dropEndpoint(client, at: now)
        }
        do throws(MediaFailure) {
            try endpoint.accept(
                answer, certificate: certificate, mediaAddress: mediaAddress,
                sctpPort: options.offersSCTP && hasSCTP ? BridgeFormat.sctpPort : nil, random: &random, at: now)
        } catch {
            refuse(iq, client, "internal-server-error", type: "wait", text: "\(error)")
            return dropEndpoint(client, at: now)
        }
        reply(to: iq, client, from: focusOccupant, nil)
        client.sources = answer.sources
        if !answer.sources.sources.isEmpty { announce("source-add", owner: nick, set: answer.sources, at: now) }
        drain(client, at: now)
    }

    private mutating func addSources(
        _ iq: XMLElement, _ jingle: XMLElement, _ client: PracticeClient, _ endpoint: BridgeEndpoint,
        at now: MonotonicInstant
    ) {
        guard let nick = client.nick, let added = SourceSet(jingle: jingle, owner: nick) else {
            return refuse(iq, client, "bad-request", type: "modify", text: "invalid SSRC")
        }
        let others = sources(besides: client).map(\.set)
        if let fault = added.fault(owner: nick, own: client.sources, others: others) {
            return refuse(iq, client, "bad-request", type: "modify", text: fault)
        }
        reply(to: iq, client, from: focusOccupant, nil)
        client.sources.add(added)
        endpoint.addEncodings(client.sources.encodings, at: now)
        announce("source-add", owner: nick, set: added, at: now)
    }

    private mutating func removeSources(
        _ iq: XMLElement, _ jingle: XMLElement, _ client: PracticeClient, _ endpoint: BridgeEndpoint,
        at now: MonotonicInstant
    ) {
        guard let nick = client.nick, let removed = SourceSet(jingle: jingle, owner: nick),
            removed.ssrcs.isSubset(of: client.sources.ssrcs)
        else { return refuse(iq, client, "bad-request", type: "modify", text: "not a source of the sender") }
        reply(to: iq, client, from: focusOccupant, nil)
        client.sources.remove(removed.ssrcs)
        endpoint.setInbound([], removing: removed.ssrcs, at: now)
        announce("source-remove", owner: nick, set: removed, at: now)
    }
}
