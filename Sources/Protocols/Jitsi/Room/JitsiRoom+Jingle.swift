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
        case ("get", Namespace.discoInfo, "query"): outbox.emit(.discoInfoRequested(iq, isFromFocus: isFromFocus(iq)))
        case ("get", Namespace.ping, "ping"): acknowledge(iq)
        default: refuse(iq, "service-unavailable")
        }
    }

    /// Whether an IQ comes from the focus, whose questions are answered in any case.
    private func isFromFocus(_ iq: XMLElement) -> Bool {
        guard let sender = occupant(of: iq) else { return false }
        return sender == focus.nick
    }

    private mutating func acknowledge(_ iq: XMLElement) {
        outbox.acknowledge(iq, isFromFocus: isFromFocus(iq))
    }

    private mutating func refuse(_ iq: XMLElement, _ condition: String) {
        outbox.refuse(iq, condition, isFromFocus: isFromFocus(iq))
    }

    private mutating func refuseUnknownSession(_ iq: XMLElement) {
        outbox.refuse(
            iq, "item-not-found", XMLElement("unknown-session", namespace: Namespace.jingleErrors),
            isFromFocus: isFromFocus(iq))
    }

    /// The sender's nick when it is an occupant of our room.
    private func occupant(of iq: XMLElement) -> String? {
        guard phase == .joined, let from = iq["from"], JID.bare(from).lowercased() == roomJID,
            let occupant = JID.resource(from), occupants[occupant] != nil
        else { return nil }
        return occupant
    }

    private mutating func receiveMute(_ mute: XMLElement, kind: MediaKind, iq: XMLElement, at now: MonotonicInstant) {
        guard let sender = occupant(of: iq), sender == focus.nick else {
            outbox.note(.warning, "mute-not-from-focus")
            refuse(iq, "not-allowed")
            return
        }
        acknowledge(iq)
        if mute.text.filter({ !$0.isWhitespace }) == "true" {
            hold(kind, by: mute["actor"].flatMap(JID.resource).map { occupants.name(of: $0) } ?? "", at: now)
        }
    }

    // MARK: Jingle

    private mutating func receiveJingle(_ jingle: XMLElement, iq: XMLElement, at now: MonotonicInstant) {
        guard let sender = occupant(of: iq) else { return refuseUnknownSession(iq) }
        let action = jingle["action"] ?? ""
        guard sender == focus.nick else {
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
        guard let current = bridge.current, current.offer.sid == jingle["sid"] else { return refuseUnknownSession(iq) }
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
        guard outbox.count(.decline) < 16 else { return }
        let jid = roomJID + "/" + peer
        outbox.query(
            .decline,
            iq(
                "set", to: jid,
                AnswerWriter.sessionTerminate(
                    sid: String((jingle["sid"] ?? "").prefix(256)), initiator: jid, reason: "decline",
                    text: "P2P disabled")))
        outbox.note(.info, "direct-session-declined")
    }

    private mutating func receiveOffer(_ jingle: XMLElement, at now: MonotonicInstant) {
        do {
            let offer = try OfferReader.read(jingle, allowsInsecure: bridge.allowsInsecureChannel)
            if let current = bridge.current {
                guard current.offer.sid != offer.sid else { return outbox.note(.notice, "offer-repeated") }
                endSession(.replaced)
            }
            if bridge.begin(offer) {
                if offer.startAudioMuted { hold(.audio, at: now) }
                if offer.startVideoMuted { hold(.video, at: now) }
            }
            outbox.emit(.offer(offer))
        } catch {
            outbox.note(.error, "offer-unusable", "\(error)")
            guard let focusNick = focus.nick else { return }
            outbox.query(
                .decline,
                iq(
                    "set", to: roomJID + "/" + focusNick,
                    AnswerWriter.sessionTerminate(
                        sid: String((jingle["sid"] ?? "").prefix(256)), initiator: jingle["initiator"] ?? "",
                        reason: "failed-application", text: "unusable offer")))
        }
    }

    private mutating func addSources(_ jingle: XMLElement) {
        let added = bridge.add(SourceReader.read(jingle).sources, besides: nick)
        if !added.isEmpty { outbox.emit(.sourcesAdded(added)) }
    }

    mutating func dropSources(where isDropped: (RemoteSource) -> Bool) {
        let dropped = bridge.drop(where: isDropped)
        if !dropped.isEmpty { outbox.emit(.sourcesRemoved(dropped)) }
    }

    /// Ends the media session, if there is one, for `reason`.
    mutating func endSession(_ reason: MediaEnd) {
        if bridge.end() { outbox.emit(.mediaEnded(reason)) }
    }

    private mutating func receiveTerminate(_ jingle: XMLElement, at now: MonotonicInstant) {
        let reason = jingle.child("reason")
        let name = RemoteText.clean(reason?.elements.first { $0.name != "text" }?.name ?? "", limit: 40)
        endSession(.terminated(reason: name, text: RemoteText.subject(reason?.child("text")?.text ?? "")))
        bridge.reinviteDeadline = name == "general-error" ? now + .seconds(30) : nil
    }

    // MARK: Our answer

    /// Sends our answer to the offer `offerSID`; of an offer that is over nothing happens.
    package mutating func accept(_ offerSID: String, answer: MediaAnswer, at now: MonotonicInstant) {
        guard let current = bridge.current, current.offer.sid == offerSID, !current.isAccepted,
            let focusNick = focus.nick
        else { return }
        if let fault = answer.fault(taken: bridge.takenSSRCs) {
            outbox.emit(.answerInvalid(fault))
            return
        }
        bridge.accepted()
        let writer = AnswerWriter(offer: current.offer, answer: answer, endpoint: nick, responder: ownJID)
        outbox.query(.sessionAccept(sid: offerSID), iq("set", to: roomJID + "/" + focusNick, writer.sessionAccept()))
    }

    mutating func receiveAcceptAnswer(_ answer: IQAnswer, sid: String, at now: MonotonicInstant) {
        guard bridge.current?.offer.sid == sid else { return }
        switch answer {
        case .result: bridge.acceptConfirmed()
        // Some old servers answer late; media tells whether the session stands.
        case .timeout: outbox.note(.warning, "accept-unanswered")
        case .error(let condition, _, let text, _):
            outbox.note(.error, "accept-refused", condition + " " + text)
            endSession(.acceptRefused(RemoteText.subject(text.isEmpty ? condition : text)))
            // The session was replaced while our answer was on its way: the next offer is near.
            if condition == "gone" || condition == "item-not-found" {
                bridge.reinviteDeadline = now + .seconds(30)
                return
            }
            if bridge.acceptRefused() {
                outbox.send(PresenceWriter.unavailable(to: occupantJID))
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
        guard phase == .joined, bridge.current != nil, bridge.restartDue == nil else { return }
        outbox.note(.warning, "media-failed", reason)
        // Nobody is there to ask: the next focus invites us anyway.
        guard focus.nick != nil else { return endSession(.focusLeft) }
        switch bridge.planRestart(at: now) {
        case .immediately: requestRestart(at: now)
        case .delayed: break
        case .rejoin: rejoin(.mediaSession, at: now)
        }
    }

    mutating func requestRestart(at now: MonotonicInstant) {
        guard phase == .joined, let current = bridge.current, let focusNick = focus.nick else { return }
        bridge.restarted(at: now)
        outbox.query(
            .restart,
            iq(
                "set", to: roomJID + "/" + focusNick,
                AnswerWriter.sessionTerminate(
                    sid: current.offer.sid, initiator: current.offer.initiator, reason: "connectivity-error",
                    text: "ICE FAILED", bridgeSession: current.offer.bridgeSessionID)))
        endSession(.restarting)
        bridge.reinviteDeadline = now + .seconds(30)
    }

    mutating func receiveRestartAnswer(_ answer: IQAnswer) {
        if case .error(let condition, _, let text, _) = answer {
            outbox.note(.warning, "restart-refused", condition + " " + text)
        }
    }
}
