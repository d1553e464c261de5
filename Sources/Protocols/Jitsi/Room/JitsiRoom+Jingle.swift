package import Basis

// IQs to us, above all Jingle: the bridge session with the focus, the refusal of direct sessions with participants.
extension JitsiRoom {
    mutating func receiveIQ(_ iq: XMLElement, at now: MonotonicInstant) {
        guard let type = iq["type"], type == "set" || type == "get", let child = iq.elements.first else { return }
        switch (type, child.namespace, child.name) {
        case ("set", Namespace.jingle, "jingle"): receiveJingle(child, iq: iq, at: now)
        case ("set", Namespace.muteAudio, "mute"): receiveMute(child, kind: .audio, iq: iq, at: now)
        case ("set", Namespace.muteVideo, "mute"): receiveMute(child, kind: .video, iq: iq, at: now)
        // We never share a screen: nothing to mute.
        case ("set", Namespace.muteDesktop, "mute"): acknowledge(iq)
        case ("get", Namespace.discoInfo, "query"): emit(.discoInfoRequested(iq))
        case ("get", Namespace.ping, "ping"): acknowledge(iq)
        default: refuse(iq, "service-unavailable")
        }
    }

    private mutating func acknowledge(_ iq: XMLElement) {
        var result = XMLElement("iq", namespace: Namespace.client, [("type", "result")])
        result["id"] = iq["id"]
        result["to"] = iq["from"]
        send(result)
    }

    private mutating func refuse(_ iq: XMLElement, _ condition: String, _ detail: XMLElement? = nil) {
        var error = XMLElement(
            "error", namespace: Namespace.client, [("type", "cancel")],
            children: [XMLElement(condition, namespace: Namespace.stanzaErrors)])
        if let detail { error.append(detail) }
        var reply = XMLElement("iq", namespace: Namespace.client, [("type", "error")], children: [error])
        reply["id"] = iq["id"]
        reply["to"] = iq["from"]
        send(reply)
    }

    private mutating func refuseUnknownSession(_ iq: XMLElement) {
        refuse(iq, "item-not-found", XMLElement("unknown-session", namespace: Namespace.jingleErrors))
    }

    /// The sender's nick when it is an occupant of our room.
    private func occupant(of iq: XMLElement) -> String? {
        guard phase == .joined, let from = iq["from"], JID.bare(from).lowercased() == roomJID,
            let occupant = JID.resource(from), occupants[occupant] != nil
        else { return nil }
        return occupant
    }

    private mutating func receiveMute(_ mute: XMLElement, kind: MediaKind, iq: XMLElement, at now: MonotonicInstant) {
        guard let sender = occupant(of: iq), sender == focusNick else {
            note(.warning, "mute-not-from-focus")
            refuse(iq, "not-allowed")
            return
        }
        acknowledge(iq)
        if mute.text.filter({ !$0.isWhitespace }) == "true" { hold(kind, at: now) }
    }

    // MARK: Jingle

    private mutating func receiveJingle(_ jingle: XMLElement, iq: XMLElement, at now: MonotonicInstant) {
        guard let sender = occupant(of: iq) else { return refuseUnknownSession(iq) }
        let action = jingle["action"] ?? ""
        guard sender == focusNick else {
            if action == "session-initiate" {
                acknowledge(iq)
                decline(jingle, from: sender)
            } else {
                refuseUnknownSession(iq)
            }
            return
        }
        if action == "session-initiate" {
            acknowledge(iq)
            receiveOffer(jingle, at: now)
            return
        }
        guard let current = session, current.offer.sid == jingle["sid"] else { return refuseUnknownSession(iq) }
        switch action {
        case "source-add", "addsource":
            acknowledge(iq)
            addSources(jingle)
        case "source-remove", "removesource":
            acknowledge(iq)
            let ssrcs = SourceReader.read(jingle).ssrcs
            dropSources { source in ssrcs.contains(source.ssrc) || source.rtxSSRC.map(ssrcs.contains) == true }
        case "session-terminate":
            acknowledge(iq)
            receiveTerminate(jingle, at: now)
        case "session-info", "transport-info", "description-info", "security-info": acknowledge(iq)
        default: refuse(iq, "feature-not-implemented")
        }
    }

    /// A direct session between two participants would take the media away from the bridge: there is only the bridge for us.
    private mutating func decline(_ jingle: XMLElement, from peer: String) {
        // Nobody makes us keep more than a few of these in the air.
        guard queries.values.count(where: { $0 == .decline }) < 16 else { return }
        let jid = roomJID + "/" + peer
        query(
            .decline,
            iq(
                "set", to: jid,
                AnswerWriter.sessionTerminate(
                    sid: String((jingle["sid"] ?? "").prefix(256)), initiator: jid, reason: "decline",
                    text: "P2P disabled")))
        note(.info, "direct-session-declined")
    }

    private mutating func receiveOffer(_ jingle: XMLElement, at now: MonotonicInstant) {
        do {
            let offer = try OfferReader.read(jingle)
            if let current = session {
                guard current.offer.sid != offer.sid else { return note(.notice, "offer-repeated") }
                endSession(.replaced)
            }
            restartDue = nil
            reinviteDeadline = nil
            session = Session(offer: offer, sources: offer.sources)
            if offer.startAudioMuted { hold(.audio, at: now) }
            if offer.startVideoMuted { hold(.video, at: now) }
            emit(.offer(offer))
        } catch {
            note(.error, "offer-unusable", "\(error)")
            guard let focusNick else { return }
            query(
                .decline,
                iq(
                    "set", to: roomJID + "/" + focusNick,
                    AnswerWriter.sessionTerminate(
                        sid: String((jingle["sid"] ?? "").prefix(256)), initiator: jingle["initiator"] ?? "",
                        reason: "failed-application", text: "unusable offer")))
        }
    }

    private mutating func addSources(_ jingle: XMLElement) {
        guard var current = session else { return }
        var known = Set(current.sources.flatMap { [$0.ssrc, $0.rtxSSRC].compactMap { $0 } })
        let added = SourceReader.read(jingle).sources.filter { source in
            source.owner != nick && known.insert(source.ssrc).inserted
        }.prefix(max(0, SourceReader.maximumSources - current.sources.count))
        guard !added.isEmpty else { return }
        current.sources += added
        session = current
        emit(.sourcesAdded(Array(added)))
    }

    mutating func dropSources(where isDropped: (RemoteSource) -> Bool) {
        guard let current = session else { return }
        let dropped = current.sources.filter(isDropped)
        guard !dropped.isEmpty else { return }
        session?.sources.removeAll(where: isDropped)
        emit(.sourcesRemoved(dropped))
    }

    private mutating func receiveTerminate(_ jingle: XMLElement, at now: MonotonicInstant) {
        let reason = jingle.child("reason")
        let name = RemoteText.clean(reason?.elements.first { $0.name != "text" }?.name ?? "", limit: 40)
        endSession(.terminated(reason: name, text: RemoteText.subject(reason?.child("text")?.text ?? "")))
        reinviteDeadline = name == "general-error" ? now + .seconds(30) : nil
    }

    // MARK: Our answer

    /// Sends our answer to the offer `offerSID`; of an offer that is over nothing happens.
    package mutating func accept(_ offerSID: String, answer: MediaAnswer, at now: MonotonicInstant) {
        guard let current = session, current.offer.sid == offerSID, !current.isAccepted, let focusNick else { return }
        let taken = Set(
            current.sources.flatMap { [$0.ssrc, $0.rtxSSRC].compactMap { $0 } } + current.offer.bridgeSSRCs)
        if let fault = answer.fault(taken: taken) {
            emit(.answerInvalid(fault))
            return
        }
        session?.isAccepted = true
        let writer = AnswerWriter(offer: current.offer, answer: answer, endpoint: nick, responder: ownJID)
        query(.sessionAccept(sid: offerSID), iq("set", to: roomJID + "/" + focusNick, writer.sessionAccept()))
    }

    mutating func receiveAcceptAnswer(_ answer: IQAnswer, sid: String, at now: MonotonicInstant) {
        guard session?.offer.sid == sid else { return }
        switch answer {
        case .result: refusedAccepts = 0
        // Some old servers answer late; media tells whether the session stands.
        case .timeout: note(.warning, "accept-unanswered")
        case .error(let condition, _, let text, _):
            note(.error, "accept-refused", condition + " " + text)
            endSession(.acceptRefused(RemoteText.subject(text.isEmpty ? condition : text)))
            // The session was replaced while our answer was on its way: the next offer is near.
            if condition == "gone" || condition == "item-not-found" {
                reinviteDeadline = now + .seconds(30)
                return
            }
            refusedAccepts += 1
            if refusedAccepts > 3 {
                send(PresenceWriter.unavailable(to: occupantJID))
                clearRoom()
                fail(.mediaSession)
            } else {
                rejoin(.mediaSession, at: now)
            }
        }
    }

    // MARK: Failure of the media session

    /// The media session broke (ICE or DTLS): asks Jicofo for a new one, at least 5 s after the former request. After three in
    /// five minutes the room is left and joined again.
    package mutating func mediaFailed(_ reason: String, at now: MonotonicInstant) {
        guard phase == .joined, session != nil, restartDue == nil else { return }
        note(.warning, "media-failed", reason)
        restarts.removeAll { now - $0 > .seconds(300) }
        if restarts.count >= 3 {
            rejoin(.mediaSession, at: now)
        } else if let last = restarts.last, now < last + .seconds(5) {
            restartDue = last + .seconds(5)
        } else {
            requestRestart(at: now)
        }
    }

    mutating func requestRestart(at now: MonotonicInstant) {
        restartDue = nil
        guard phase == .joined, let current = session, let focusNick else { return }
        restarts.append(now)
        query(
            .restart,
            iq(
                "set", to: roomJID + "/" + focusNick,
                AnswerWriter.sessionTerminate(
                    sid: current.offer.sid, initiator: current.offer.initiator, reason: "connectivity-error",
                    text: "ICE FAILED", bridgeSession: current.offer.bridgeSessionID)))
        endSession(.restarting)
        reinviteDeadline = now + .seconds(30)
    }

    mutating func receiveRestartAnswer(_ answer: IQAnswer) {
        if case .error(let condition, _, let text, _) = answer {
            note(.warning, "restart-refused", condition + " " + text)
        }
    }
}
