package import Basis

// From the bound session to our own presence in the room: components, conference request, join and its errors.
extension JitsiRoom {
    // MARK: Server

    mutating func queryExternalServices(namespace: String, isRetry: Bool) {
        query(
            .externalServices(isRetry: isRetry),
            iq("get", to: configuration.xmppDomain, XMLElement("services", namespace: namespace)))
    }

    mutating func receiveServerInfo(_ answer: IQAnswer, at now: MonotonicInstant) {
        if case .result(let iq) = answer, let info = iq.child("query", namespace: Namespace.discoInfo) {
            readComponents(info)
        } else {
            note(.notice, "disco-failed")
        }
        settleComponents(at: now)
    }

    mutating func readComponents(_ info: XMLElement) {
        for identity in info.children("identity").prefix(64) where identity["category"] == "component" {
            if let name = identity["name"]?.lowercased(), let type = identity["type"], JID.isDomain(name) {
                components[name] = type
            }
        }
    }

    /// Handles the messages that came before we knew whom to trust.
    mutating func settleComponents(at now: MonotonicInstant) {
        knowsComponents = true
        let queued = queuedMessages
        queuedMessages = []
        for message in queued { receiveComponentMessage(message, at: now) }
    }

    mutating func receiveExternalServices(_ answer: IQAnswer, isRetry: Bool) {
        if case .result(let iq) = answer, let list = iq.child("services") {
            report(services: list)
        } else if !isRetry {
            queryExternalServices(namespace: Namespace.extdiscoOld, isRetry: true)
        } else {
            note(.notice, "no-external-services")
        }
    }

    mutating func report(services list: XMLElement) {
        let services = list.children("service").prefix(16).compactMap { element in
            ExternalService(
                type: element["type"], host: element["host"], port: element["port"], transport: element["transport"],
                username: element["username"], password: element["password"])
        }
        guard !services.isEmpty else { return }
        hasExternalServices = true
        emit(.externalServices(services))
    }

    // MARK: Conference request

    mutating func requestConference(at now: MonotonicInstant) {
        phase = .requesting
        var properties = [("rtcstatsEnabled", "false")]
        if let count = configuration.startAudioMuted { properties.append(("startAudioMuted", String(count))) }
        if let count = configuration.startVideoMuted { properties.append(("startVideoMuted", String(count))) }
        if let url = configuration.conferenceRequestURL {
            var members = [
                JSONMember("room", .string(roomJID)), JSONMember("machineUid", .string(identity.machineUID)),
                JSONMember("properties", .object(properties.map { JSONMember($0.0, .string($0.1)) })),
            ]
            if let sessionID { members.append(JSONMember("sessionId", .string(sessionID))) }
            let token = token(for: .conferenceRequest)
            outputs.append(
                .post(token: token, url: url, json: JSONValue.object(members).serialized(), bearer: jwt))
            return
        }
        var conference = XMLElement(
            "conference", namespace: Namespace.focus, [("room", roomJID), ("machine-uid", identity.machineUID)],
            children: properties.map {
                XMLElement("property", namespace: Namespace.focus, [("name", $0.0), ("value", $0.1)])
            })
        conference["session-id"] = sessionID
        conference["token"] = jwt?.revealed
        query(.conferenceRequest, iq("set", to: configuration.focus, conference))
    }

    mutating func receiveConferenceAnswer(_ answer: IQAnswer, at now: MonotonicInstant) {
        guard phase == .requesting else { return }
        switch answer {
        case .result(let iq):
            guard let conference = iq.child("conference") else { return backOff(.focusUnavailable, at: now) }
            let properties = conference.children("property").prefix(64)
            take(
                ready: conference["ready"] == "true", focus: conference["focusjid"],
                session: conference["session-id"], visitorNode: conference["vnode"],
                isLive: !properties.contains { $0["name"] == "live" && $0["value"] == "false" }, at: now)
        case .timeout: backOff(.focusUnavailable, at: now)
        case .error(let condition, _, let text, let children):
            if let refusal = children.first(where: { $0.name == "reservation-error" }) {
                fail(.reservation(RemoteText.subject(text.isEmpty ? refusal["error-code"] ?? "" : text)))
            } else if children.contains(where: { $0.name == "graceful-shutdown" }) || condition == "graceful-shutdown" {
                retry(.serverBusy, seconds: 30...60, at: now)
            } else if condition == "not-authorized" {
                retry(.authenticationRequired, seconds: 5...10, at: now)
            } else if condition == "not-acceptable" || children.contains(where: { $0.name == "session-invalid" }) {
                retryWithoutSession(at: now)
            } else if condition == "bad-request" {
                fail(.badRequest)
            } else {
                note(.notice, "conference-request-failed", condition)
                backOff(.focusUnavailable, at: now)
            }
        }
    }

    /// The answer to a `post`; status 0 when no answer came.
    package mutating func httpAnswer(status: Int, body: [UInt8], to token: String, at now: MonotonicInstant) {
        guard queries.removeValue(forKey: token) == .conferenceRequest, phase == .requesting else { return }
        switch status {
        case 200:
            guard let json = try? JSONReader.parse(body, maximumSize: 1 << 16), json.members != nil else {
                return backOff(.focusUnavailable, at: now)
            }
            take(
                ready: json["ready"]?.bool ?? false, focus: json["focusJid"]?.string,
                session: json["sessionId"]?.string, visitorNode: json["vnode"]?.string,
                isLive: json["properties"]?["live"]?.string != "false", at: now)
        case 401, 403: retry(.authenticationRequired, seconds: 5...10, at: now)
        case 400 where Text.contains("invalid-session", in: String(decoding: body.prefix(1000), as: UTF8.self)):
            retryWithoutSession(at: now)
        default:
            note(.notice, "conference-request-failed", "HTTP \(status)")
            backOff(.focusUnavailable, at: now)
        }
    }

    private mutating func take(
        ready: Bool, focus: String?, session: String?, visitorNode: String?, isLive: Bool, at now: MonotonicInstant
    ) {
        if let session, !session.isEmpty, session.utf8.count <= 1024 { sessionID = session }
        if let visitorNode, !visitorNode.isEmpty { return fail(.visitorsOnly) }
        guard isLive else { return retry(.visitorsOnly, seconds: 20...40, at: now) }
        guard ready else { return backOff(.focusNotReady, at: now) }
        if let focus, JID.isBare(JID.bare(focus)) { focusJID = JID.bare(focus).lowercased() }
        requestFailures = 0
        staleSessions = 0
        join(at: now)
    }

    /// 1, 2, 4… 120 s.
    private mutating func backOff(_ failure: JitsiFailure, at now: MonotonicInstant) {
        let delay = Duration.seconds(min(120, 1 << min(requestFailures, 7)))
        requestFailures = min(requestFailures + 1, 16)
        phase = .retrying(at: now + delay)
        emit(.retrying(failure, after: delay))
    }

    private mutating func retryWithoutSession(at now: MonotonicInstant) {
        sessionID = nil
        staleSessions += 1
        if staleSessions > 3 {
            fail(.badRequest)
        } else {
            retry(.focusNotReady, seconds: 1...2, at: now)
        }
    }

    // MARK: Join

    private mutating func join(at now: MonotonicInstant) {
        phase = .joining(until: now + .seconds(30))
        lastPresence = now
        published = media
        emit(.joining)
        send(
            PresenceWriter.join(
                to: occupantJID, endpoint: nick, identity: identity, media: media, password: password))
    }

    /// Once more through the conference request, three times at most.
    mutating func refuseJoin(_ failure: JitsiFailure, at now: MonotonicInstant) {
        joinRefusals += 1
        if joinRefusals > 3, roomJID != mainRoomJID {
            change(to: mainRoomJID, at: now)
        } else if joinRefusals > 3 {
            fail(failure)
        } else {
            retry(failure, seconds: 1...3, at: now)
        }
    }

    mutating func receiveJoinError(_ presence: XMLElement, at now: MonotonicInstant) {
        guard case .joining = phase, JID.resource(presence["from"] ?? "") ?? nick == nick else {
            note(.notice, "presence-refused", presence.child("error")?.elements.first?.name ?? "")
            return
        }
        let error = presence.child("error") ?? XMLElement("error", namespace: Namespace.client)
        let condition = error.elements.first { $0.namespace == Namespace.stanzaErrors && $0.name != "text" }?.name ?? ""
        let text = error.child("text")?.text ?? ""
        switch condition {
        case "not-authorized":
            phase = .passwordRequired
            emit(.passwordRequired(wrong: password != nil))
        case "registration-required": knock(presence, error: error, at: now)
        case "not-acceptable": fail(.displayNameRequired)
        case "not-allowed": receiveNotAllowed(error, text: text, at: now)
        case "service-unavailable": retry(.roomFull, seconds: 20...40, at: now)
        case "resource-constraint": retry(.serverBusy, seconds: 20...40, at: now)
        case "forbidden": fail(.banned)
        case "conflict":
            conflicts += 1
            guard !isAnonymous, conflicts <= 3 else { return fail(.nickConflict) }
            nick = randomNick()
            requestConference(at: now)
        default:
            note(.warning, "join-refused", condition + " " + text)
            refuseJoin(.notAllowed(RemoteText.subject(text)), at: now)
        }
    }

    private mutating func receiveNotAllowed(_ error: XMLElement, text: String, at now: MonotonicInstant) {
        if error.elements.contains(where: { $0.namespace == Namespace.visitors }) || Text.contains("visitor", in: text)
        {
            retry(.visitorsOnly, seconds: 20...40, at: now)
        } else if error.child("authentication-required") != nil {
            retry(.authenticationRequired, seconds: 5...10, at: now)
        } else if Text.contains("token mismatch", in: text) {
            fail(.tokenMismatch)
        } else if Text.contains("invalid resource", in: text) {
            fail(.notAllowed(RemoteText.subject(text)))
        } else {
            let onGuestDomain = isAnonymous && configuration.anonymousDomain == JID.domain(ownJID)
            refuseJoin(onGuestDomain ? .authenticationRequired : .notAllowed(RemoteText.subject(text)), at: now)
        }
    }

    // MARK: Lobby

    private mutating func knock(_ presence: XMLElement, error: XMLElement, at now: MonotonicInstant) {
        let announced = (error.child("lobbyroom") ?? presence.child("lobbyroom"))?.text.filter { !$0.isWhitespace }
        guard let jid = announced?.lowercased(), JID.isBare(jid), jid != roomJID else {
            return refuseJoin(.notAllowed(""), at: now)
        }
        phase = .lobby
        // After an invitation that did not open the room we are still inside: no second knock.
        if lobby?.jid != jid {
            leaveLobby()
            lobby = Lobby(jid: jid, nick: nick)
            send(PresenceWriter.knock(at: jid + "/" + nick, identity: identity))
        }
        let waiting = error.child("waiting-for-host") ?? presence.child("waiting-for-host")
        emit(.lobby(jid: jid, waitingForHost: waiting != nil))
    }

    mutating func leaveLobby() {
        guard let left = lobby else { return }
        lobby = nil
        send(PresenceWriter.unavailable(to: left.jid + "/" + left.nick))
    }

    mutating func receiveLobbyPresence(_ presence: XMLElement, nick occupant: String, at now: MonotonicInstant) {
        guard var knocking = lobby, occupant == knocking.nick else { return }
        switch presence["type"] {
        case "error":
            guard presence.child("error")?.child("conflict") != nil, knocking.conflicts < 3 else {
                lobby = nil
                return fail(.lobbyDenied)
            }
            knocking.conflicts += 1
            knocking.nick = randomNick()
            lobby = knocking
            send(PresenceWriter.knock(at: knocking.jid + "/" + knocking.nick, identity: identity))
        case "unavailable":
            lobby = nil
            guard phase == .lobby else { return }
            let detail = MUCDetail(presence)
            if !detail.statuses.isDisjoint(with: [301, 307]) {
                fail(.lobbyDenied)
            } else if let destroyed = detail.destroyed {
                guard destroyed.jid.map({ JID.bare($0).lowercased() }) == roomJID else {
                    clearDeadlines()
                    phase = .ended
                    return emit(.destroyed(reason: destroyed.reason))
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
        guard lobby != nil, phase == .lobby else { return }
        if let word = invitation.child("password")?.text, !word.isEmpty { password = Redacted(word) }
        requestConference(at: now)
    }
}
