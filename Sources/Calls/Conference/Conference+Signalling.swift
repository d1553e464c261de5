package import Basis
internal import Jitsi
internal import Room
internal import XMPP

extension Conference {
    // MARK: HTTP

    package mutating func received(
        _ token: RequestToken, status: Int, body: [UInt8], at now: MonotonicInstant
    ) {
        guard stage != .ended else { return }
        switch token {
        case .configuration:
            guard stage == .discovering else { return }
            // A comment in another encoding spoils nothing.
            let text = (200...299).contains(status) ? String(decoding: body, as: UTF8.self) : nil
            if text == nil { diagnose(.notice, "config-js-absent", "HTTP \(status)") }
            discovered(script: text, at: now)
        case .bosh(let id):
            xmpp?.receiveResponse(status: status, body: body, to: id, at: now)
            drainXMPP(at: now)
            considerRenewal(at: now)
        case .conferenceRequest(let roomToken):
            room?.httpAnswer(status: status, body: body, to: roomToken, at: now)
            drainRoom(at: now)
        }
    }

    package mutating func requestFailed(_ token: RequestToken, _ trouble: NetworkTrouble, at now: MonotonicInstant) {
        guard stage != .ended else { return }
        switch token {
        case .configuration:
            guard stage == .discovering else { return }
            switch trouble {
            case .certificate: end(.refused(.certificateRefused), at: now)
            case .nameNotFound: end(.lost(.serverNotFound), at: now)
            case .proxyAccount: end(.refused(.proxyAccountRefused), at: now)
            case .proxyRefused: end(.refused(.proxyRefused), at: now)
            case .unreachable: end(.lost(.serverUnreachable), at: now)
            case .status, .broken: discovered(script: nil, at: now)
            }
        case .bosh(let id):
            note(trouble)
            xmpp?.requestFailed(id, at: now)
            drainXMPP(at: now)
        case .conferenceRequest(let roomToken):
            room?.httpAnswer(status: 0, body: [], to: roomToken, at: now)
            drainRoom(at: now)
        }
    }

    /// Keeps the trouble that says most: of several ways one may be forbidden and the next not exist.
    private mutating func note(_ trouble: NetworkTrouble) {
        if trouble.isRefusal || !lastTrouble.isRefusal { lastTrouble = trouble }
    }

    /// Tries the next way to the XMPP server, or gives up with the trouble of those before.
    mutating func connectNextRoute(at now: MonotonicInstant) {
        guard let server else { return }
        guard !routes.isEmpty else {
            switch lastTrouble {
            case .nameNotFound: end(.lost(.serverNotFound), at: now)
            case .certificate: end(.refused(.certificateRefused), at: now)
            case .proxyAccount: end(.refused(.proxyAccountRefused), at: now)
            case .proxyRefused: end(.refused(.proxyRefused), at: now)
            case .unreachable: end(.lost(.serverUnreachable), at: now)
            case .status, .broken: end(.lost(.notAMeetingServer), at: now)
            }
            return
        }
        stage = .connecting
        if !isStandingBy { outputs.append(emitted(.reached(.signalling))) }
        let next = routes.removeFirst()
        route = next
        let isGuest = configuration.account == nil && configuration.roomURL.jwt == nil
        let credentials: XMPPCredentials =
            configuration.account.map { .password(user: $0.user, password: $0.password) } ?? .anonymous
        let domain = isGuest ? server.anonymousDomain ?? server.xmppDomain : server.xmppDomain
        let kind: XMPPTransportKind
        switch next {
        case .webSocket: kind = .webSocket
        case .bosh: kind = .bosh
        }
        var session = XMPPSession(
            configuration: XMPPSessionConfiguration(
                domain: domain, credentials: credentials, language: configuration.language, transport: kind,
                isDurable: true),
            random: random.fork())
        switch next {
        case .webSocket(let url):
            xmpp = session
            socketsGiven += 1
            let token = SocketToken(role: .signalling, number: socketsGiven)
            signallingSocket = token
            outputs.append(
                .openWebSocket(
                    token, url: signallingAddress(url), subprotocol: "xmpp", origin: configuration.roomURL.origin))
        case .bosh:
            signallingSocket = nil
            session.start(at: now)
            xmpp = session
            reach(.signallingOpen)
            drainXMPP(at: now)
        }
    }

    func signallingAddress(_ url: String) -> Redacted<String> {
        ServerConfiguration.address(url, room: configuration.roomURL, jwt: configuration.roomURL.jwt)
    }

    mutating func post(id: UInt64, body: String) {
        guard case .bosh(let url) = route else { return }
        outputs.append(
            .post(
                .bosh(id), url: signallingAddress(url), contentType: "text/xml; charset=utf-8", body: Redacted(body),
                bearer: nil))
    }

    // MARK: WebSockets

    package mutating func webSocketOpened(_ token: SocketToken, at now: MonotonicInstant) {
        if token == signallingSocket {
            reach(.signallingOpen)
            xmpp?.start(at: now)
            drainXMPP(at: now)
        } else if channel.isSocket(token) {
            channelOpened(at: now)
        }
    }

    package mutating func webSocketReceived(_ token: SocketToken, text: String, at now: MonotonicInstant) {
        if token == signallingSocket {
            xmpp?.receiveFrame(text, at: now)
            drainXMPP(at: now)
            considerRenewal(at: now)
        } else if channel.isSocket(token) {
            channelReceived(text, at: now)
        }
    }

    /// A message was longer than the socket takes, and is lost; the socket goes on.
    package mutating func webSocketSkipped(_ token: SocketToken, at now: MonotonicInstant) {
        guard token == signallingSocket else { return }
        xmpp?.frameSkipped(at: now)
        drainXMPP(at: now)
    }

    /// The socket is gone, or could not be opened.
    package mutating func webSocketClosed(
        _ token: SocketToken, code: Int?, _ trouble: NetworkTrouble?, at now: MonotonicInstant
    ) {
        if token == signallingSocket {
            signallingSocket = nil
            if let trouble { note(trouble) }
            // Closed because of the size of what came (RFC 6455 section 7.4.1): not to be sent again.
            if code == 1009 { xmpp?.frameSkipped(at: now) }
            if stage == .connecting, xmpp?.isBound == false {
                diagnose(.notice, "websocket-refused", "\(trouble.map { "\($0)" } ?? "closed")")
                xmpp = nil
                connectNextRoute(at: now)
            } else if xmpp?.isSuspended == true {
                resumptionFailed(at: now)
            } else {
                xmpp?.transportClosed(at: now)
                drainXMPP(at: now)
            }
        } else if channel.isSocket(token) {
            channelSocketClosed(code: code, trouble, at: now)
        }
    }

    // MARK: XMPP

    mutating func drainXMPP(at now: MonotonicInstant) {
        // What an event makes of the room goes out in the same turn of the outermost loop: no recursion by remote input.
        guard !isDrainingXMPP else { return }
        isDrainingXMPP = true
        defer { isDrainingXMPP = false }
        while let output = xmpp?.poll() {
            switch output {
            case .sendFrame(let text):
                if let signallingSocket { outputs.append(.sendText(signallingSocket, Redacted(text))) }
            case .post(let id, let body): post(id: id, body: body)
            case .closeTransport:
                if let signallingSocket { outputs.append(.closeWebSocket(signallingSocket)) }
                if case .bosh = route { outputs.append(.abandonRequests) }
                if xmpp?.isSuspended == true { signallingSocket = nil }
            case .event(let event): handle(event, at: now)
            }
            if stage == .ended { return }
        }
    }

    private mutating func handle(_ event: XMPPEvent, at now: MonotonicInstant) {
        switch event {
        case .bound(let jid, _):
            guard stage == .connecting else { return }
            ownJID = jid.description
            reach(.authenticated)
            if isStandingBy {
                stage = .ready
            } else {
                enterRoom(as: jid.description, at: now)
            }
        case .stanza(let stanza):
            room?.receive(stanza: stanza, at: now)
            drainRoom(at: now)
        case .answer(let id, let answer):
            guard let token = queries.removeValue(forKey: id) else { return }
            room?.receive(answer: Self.translate(answer), to: token, at: now)
            drainRoom(at: now)
        // Before anybody presses a new connection is as good as the old one.
        case .suspended where isStandingBy: end(.lost(.serverUnreachable), at: now)
        case .suspended where isStandbyInDoubt: beginAnew(at: now)
        case .suspended: signallingSuspended(at: now)
        case .resumed: signallingResumed(at: now)
        case .dropped(let error): diagnose(.warning, "stanza-dropped", "\(error)")
        case .ended where isStandbyInDoubt: beginAnew(at: now)
        case .ended(let end): signallingEnded(end, at: now)
        }
    }

    private static func translate(_ answer: XMPPAnswer) -> IQAnswer {
        switch answer {
        case .result(let iq): .result(iq)
        case .error(let error):
            .error(
                condition: error.condition, type: error.type.rawValue, text: error.text ?? "",
                children: error.applicationElements)
        case .timeout: .timeout
        }
    }

    private mutating func signallingEnded(_ reason: XMPPEnd, at now: MonotonicInstant) {
        if stage == .leaving {
            end(.left, at: now)
            return
        }
        diagnose(.notice, "signalling-ended", "\(reason)")
        switch reason {
        case .authenticationFailed, .passwordNeeded: end(.refused(.accountRefused), at: now)
        case .hostUnknown: end(.refused(.notAMeetingServer), at: now)
        case .httpStatus, .malformed, .bindRefused:
            if stage == .connecting {
                note(.broken)
                connectNextRoute(at: now)
            } else {
                end(.lost(.serverUnreachable), at: now)
            }
        case .connectionLost, .timeout:
            if stage == .connecting {
                connectNextRoute(at: now)
            } else {
                end(.lost(.serverUnreachable), at: now)
            }
        case .closed, .seeOtherURI, .conflict, .streamError, .overflow, .resumptionRefused:
            end(.lost(.serverUnreachable), at: now)
        }
    }

    // MARK: The room

    mutating func drainRoom(at now: MonotonicInstant) {
        while let output = room?.poll() {
            switch output {
            case .send(let stanza): xmpp?.send(stanza, at: now)
            case .answer(let iq): xmpp?.answer(iq, at: now)
            case .query(let token, let iq, let timeout):
                if let id = xmpp?.query(iq, timeout: timeout, at: now) { queries[id] = token }
            case .post(let token, let url, let json, let bearer):
                outputs.append(
                    .post(
                        .conferenceRequest(token), url: Redacted(url), contentType: "application/json",
                        body: Redacted(json), bearer: bearer))
            case .event(let event): handle(event, at: now)
            }
            if stage == .ended { return }
        }
        if xmpp?.hasEnded == false { drainXMPP(at: now) }
    }

    private mutating func handle(_ event: JitsiEvent, at now: MonotonicInstant) {
        switch event {
        case .joining:
            standbyDeadline = nil
            reach(.focusReady)
            outputs.append(emitted(.reached(.room)))
        case .joined:
            reach(.joined)
            outputs.append(emitted(.joined))
            line.isInRoom = true
            tellLine(at: now)
            outputs.append(.event(.peopleChanged))
        case .waitingForHost: outputs.append(emitted(.waitingForHost))
        case .passwordRequired(let wrong): outputs.append(emitted(.passwordRequired(wrong: wrong)))
        case .lobby(_, let waitingForHost): outputs.append(emitted(waitingForHost ? .waitingForHost : .inLobby))
        case .failed(let failure): fail(failure, at: now)
        case .retrying(.roomFull, _): end(.lost(.meetingFull), at: now)
        case .retrying(let failure, let after):
            diagnose(.notice, "room-retry", "\(failure) after \(after)")
            // Entering the room brought no media: somebody must be told.
            if failure == .mediaSession, !hadMedia { return end(.lost(.mediaBlocked), at: now) }
            hadMedia = false
            forgetFocus(at: now)
            if mediaSession != nil {
                closeMedia(at: now)
                outputs.append(emitted(.mediaEnded))
            }
        case .participantsChanged:
            outputs.append(.event(.peopleChanged))
            tellLine(at: now)
        case .subject(let text):
            subject = text
            outputs.append(.event(.subject(text)))
        case .offer(let offer):
            reach(.offered)
            pendingOffer = offer
            acceptPendingOffer(at: now)
        case .sourcesAdded(let added): addSources(added, at: now)
        case .sourcesRemoved(let removed): removeSources(removed, at: now)
        case .mediaEnded(.restarting) where mediaSession != nil:
            // What was last seen stays until the new session's offer comes.
            diagnose(.info, "media-ended", "restarting")
        case .mediaEnded(let reason):
            diagnose(.info, "media-ended", "\(reason)")
            closeMedia(at: now)
            line.renewingUntil = nil
            tellLine(at: now)
            outputs.append(emitted(.mediaEnded))
        case .answerInvalid(let fault): diagnose(.error, "answer-invalid", "\(fault)")
        case .handRaised, .roleChanged, .meeting: break
        case .kicked(let by, let reason):
            outputs.append(.event(.farewell(by: by, reason: reason)))
            end(.kicked, at: now)
        case .destroyed(let reason):
            outputs.append(.event(.farewell(by: "", reason: reason)))
            end(.roomClosed, at: now)
        case .moving(let name):
            hadMedia = false
            forgetFocus(at: now)
            subject = ""
            outputs.append(emitted(.moved(to: name)))
        case .left: end(.left, at: now)
        case .chat, .chatRetracted, .mutedByFocus, .unmuteRefused, .unmuteRequested, .unmuteApproved, .unmuteRevoked,
            .unmuted, .moderation, .banned, .moveProposed, .focusLeft, .focusReturned, .bridgeAvailability:
            note(event, at: now)
        case .facts(let facts): outputs.append(.event(.meetingFacts(facts)))
        case .recordingFailed(let isStream): outputs.append(.event(.recordingFailed(isStream: isStream)))
        case .caption(let caption): heard(caption)
        case .externalServices(let services):
            for service in services.filter({ $0.type == "stun" && $0.transport != "tcp" }).prefix(4) {
                outputs.append(.resolve(host: service.host, port: service.port))
            }
            learnRelays(services, at: now)
        case .discoInfoRequested(let iq, let isFromFocus):
            if let answer = capabilities.answer(to: iq) {
                if isFromFocus { xmpp?.send(answer, at: now) } else { xmpp?.answer(answer, at: now) }
            } else {
                xmpp?.reject(iq, at: now)
            }
        case .diagnostic(let diagnostic): outputs.append(.event(.diagnostic(diagnostic)))
        }
    }

    private mutating func fail(_ failure: JitsiFailure, at now: MonotonicInstant) {
        diagnose(.warning, "room-refused", "\(failure)")
        switch failure {
        case .roomFull: end(.lost(.meetingFull), at: now)
        case .banned, .notAllowed, .tokenMismatch, .visitorsOnly, .displayNameRequired:
            end(.refused(.entryRefused), at: now)
        case .authenticationRequired:
            notify(.signInRequired)
            end(.refused(configuration.account == nil ? .signInRequired : .accountRefused), at: now)
        case .lobbyDenied: end(.refused(.lobbyRefused), at: now)
        case .reservation: end(.refused(.entryRefused), at: now)
        case .mediaSession: end(.lost(.mediaBlocked), at: now)
        case .nickConflict, .focusUnavailable, .focusNotReady, .focusLeft, .serverBusy, .joinTimeout, .removedFromRoom,
            .badRequest:
            end(.lost(.serverUnreachable), at: now)
        }
    }
}
