package import Basis

/// A conference, from the bound XMPP session to having left: conference request, multi-user chat, lobby, Jingle with Jicofo.
///
/// It composes its parts and keeps order between them: what comes in is answered before it is acted upon, and events
/// leave in the order of their causes.
package struct JitsiRoom: Sendable {
    enum Phase: Equatable, Sendable {
        case idle
        /// The conference request is under way.
        case requesting
        case retrying(at: MonotonicInstant)
        case joining(until: MonotonicInstant)
        case passwordRequired
        case lobby
        case joined
        case leaving(until: MonotonicInstant)
        case ended
    }

    let configuration: ServerConfiguration
    let identity: LocalIdentity
    let ownJID: String
    var random: RandomSource

    var phase = Phase.idle
    /// The room that we are in, or on the way to: a breakout room of the pressed one is another.
    var roomJID: String
    var nick: String
    var outbox = JitsiOutbox()
    var request: ConferenceRequest
    var entry: RoomEntry
    var components = ServerComponents()
    var focus = FocusMember()
    var occupants = Occupants()
    var ledger = MeetingLedger()
    var messages = RecentMessages()
    var breakout: BreakoutRooms
    var media = LocalMediaState()
    var bridge = BridgeSession()
    /// Until then nobody is given up who owes an answer: there is no connection, or what was said meanwhile is on its way.
    package var patientUntil: MonotonicInstant?

    /// - Parameters:
    ///   - ownJID: our full JID after bind.
    ///   - isAnonymous: whether we logged in as guest; decides our nick.
    ///   - password: the room's password where it is known.
    package init(
        configuration: ServerConfiguration, roomURL: RoomURL, identity: LocalIdentity, ownJID: String,
        isAnonymous: Bool, password: Redacted<String>?, sessionRandom: RandomSource
    ) {
        self.configuration = configuration
        self.identity = identity
        self.ownJID = ownJID
        bridge.allowsInsecureChannel = roomURL.isLoopback
        random = sessionRandom
        roomJID = configuration.roomJID(roomURL)
        breakout = BreakoutRooms(mainRoom: configuration.roomJID(roomURL))
        request = ConferenceRequest(
            configuration: configuration, jwt: roomURL.jwt, machineUID: identity.machineUID)
        entry = RoomEntry(isAnonymous: isAnonymous, password: password)
        focus.expectedJID = configuration.focusUserJID
        nick = ""
        nick = (isAnonymous ? Self.anonymousNick(ownJID) : nil) ?? randomNick()
    }

    // MARK: What is known

    /// Our endpoint id: nick in the room, owner part of our source names.
    package var occupantID: String { nick }

    /// What we publish of ourselves: still muted while an unmute waits for Jicofo's consent.
    package var effectiveMedia: LocalMedia { media.effective }

    /// Whether the room made us moderator.
    package var isModerator: Bool { media.isModerator }

    /// The others in the order of their arrival.
    package var participants: [ParticipantInfo] { occupants.shown }

    /// Whether we are in another room than the address leads to.
    package var isElsewhere: Bool { roomJID != breakout.mainRoom }

    /// What the offer of the present session calls a payload type of video, such as "AV1"; nil where it has none.
    package func videoFormat(payloadType: UInt8) -> String? {
        bridge.current?.offer.videoPayloadTypes.first { $0.id == payloadType }.map {
            RemoteText.clean($0.name, limit: 40)
        }
    }

    // MARK: Inputs

    /// Begins, with the XMPP session bound.
    package mutating func start(at now: MonotonicInstant) {
        guard phase == .idle else { return }
        outbox.query(
            .serverInfo,
            iq("get", to: configuration.xmppDomain, XMLElement("query", namespace: Namespace.discoInfo)))
        queryExternalServices(namespace: Namespace.extdisco, isRetry: false)
        requestConference(at: now)
    }

    /// Tries the room again with this password.
    package mutating func provide(password: Redacted<String>, at now: MonotonicInstant) {
        guard phase == .passwordRequired || phase == .lobby else { return }
        entry.password = password
        requestConference(at: now)
    }

    /// A stanza that answers no query of ours.
    package mutating func receive(stanza: XMLElement, at now: MonotonicInstant) {
        switch stanza.name {
        case "presence": receivePresence(stanza, at: now)
        case "message": receiveMessage(stanza, at: now)
        case "iq": receiveIQ(stanza, at: now)
        default: break
        }
    }

    /// The answer to a query, by its token.
    package mutating func receive(answer: IQAnswer, to token: String, at now: MonotonicInstant) {
        guard let purpose = outbox.take(token), phase != .ended else { return }
        switch purpose {
        case .serverInfo: receiveServerInfo(answer, at: now)
        case .externalServices(let isRetry): receiveExternalServices(answer, isRetry: isRetry)
        case .conferenceRequest: receiveConference(request.read(answer, &outbox), at: now)
        case .focusRequest: receiveFocusRequest(request.read(answer, &outbox), at: now)
        case .roomInfo: receiveRoomInfo(answer)
        case .sessionAccept(let sid): receiveAcceptAnswer(answer, sid: sid, at: now)
        case .restart: receiveRestartAnswer(answer)
        case .decline: break
        case .unmute(let kind): receiveUnmuteAnswer(answer, kind: kind, at: now)
        }
    }

    /// The answer to a `post`; status 0 when no answer came.
    package mutating func httpAnswer(status: Int, body: [UInt8], to token: String, at now: MonotonicInstant) {
        guard let purpose = outbox.take(token), phase != .ended else { return }
        let outcome = request.read(status: status, body: body, &outbox)
        if purpose == .focusRequest {
            receiveFocusRequest(outcome, at: now)
        } else {
            receiveConference(outcome, at: now)
        }
    }

    /// A chat message to everybody; cut at 2000 characters.
    package mutating func sendChat(text: String, at now: MonotonicInstant) {
        let body = String(text.prefix(2000))
        guard phase == .joined, !body.isEmpty else { return }
        let id = random.string(16, from: "0123456789abcdef")
        outbox.send(
            XMLElement(
                "message", namespace: Namespace.client, [("type", "groupchat"), ("to", roomJID), ("id", id)],
                children: [XMLElement("body", namespace: Namespace.client, text: body)]))
    }

    /// Leaves the room; `left` follows within 5 s.
    package mutating func leave(at now: MonotonicInstant) {
        switch phase {
        case .leaving, .ended: return
        case .idle, .requesting, .retrying, .passwordRequired, .lobby:
            leaveLobby()
            phase = .ended
            outbox.emit(.left)
        case .joining, .joined:
            leaveLobby()
            endSession(.roomLeft)
            outbox.send(PresenceWriter.unavailable(to: occupantJID))
            phase = .leaving(until: now + .seconds(5))
        }
        clearDeadlines()
    }

    // MARK: Time

    /// Does what is due; to be called at `soonest`, harmless at any other time.
    package mutating func advance(to now: MonotonicInstant) {
        switch phase {
        case .retrying(let instant) where now >= instant: requestConference(at: now)
        case .joining(let deadline) where now >= patient(deadline):
            outbox.send(PresenceWriter.unavailable(to: occupantJID))
            refuseJoin(.joinTimeout, at: now)
        case .leaving(let deadline) where now >= deadline:
            phase = .ended
            outbox.emit(.left)
        default: break
        }
        if let due = media.presenceDue, now >= due {
            media.forgetPresenceDue()
            schedulePresence(at: now)
        }
        if let due = bridge.restartDue, now >= due { requestRestart(at: now) }
        if let due = bridge.reinviteDeadline, now >= patient(due) { missInvitation(at: now) }
        if let due = bridge.retryDue, now >= patient(due) { rejoin(.mediaSession, seconds: 1...3, at: now) }
        if let due = breakout.awaited?.until, now >= due { proposeAwaitedMove(at: now) }
        advanceFocus(to: now)
    }

    /// The next output, in order; nil when there is none.
    package mutating func poll() -> JitsiOutput? { outbox.poll() }

    /// When `advance(to:)` has something to do.
    package var soonest: Soonest {
        var soonest = Soonest()
        switch phase {
        case .retrying(let instant): soonest.consider(instant, "conference-request")
        case .joining(let deadline): soonest.consider(patient(deadline), "join-timeout")
        case .leaving(let deadline): soonest.consider(deadline, "leave-timeout")
        default: break
        }
        soonest.consider(media.presenceDue, "presence")
        soonest.consider(bridge.restartDue, "media-restart")
        soonest.consider(bridge.reinviteDeadline.map(patient), "reinvite-timeout")
        soonest.consider(bridge.retryDue.map(patient), "bridge-retry")
        soonest.consider(focus.arrivalDeadline.map(patient), "focus-timeout")
        soonest.consider(focus.absence.map { patient($0.nextRequest) }, "focus-request")
        soonest.consider(breakout.awaited?.until, "breakout-announcement")
        return soonest
    }

    /// When waiting for others that began as planned is over: not while nobody can answer.
    func patient(_ deadline: MonotonicInstant) -> MonotonicInstant {
        patientUntil.map { max($0, deadline) } ?? deadline
    }

    // MARK: Names

    var occupantJID: String { roomJID + "/" + nick }

    func iq(_ type: String, to: String, _ child: XMLElement) -> XMLElement {
        XMLElement("iq", namespace: Namespace.client, [("type", type), ("to", to)], children: [child])
    }

    /// The first eight characters of the user part, as lib-jitsi-meet takes them (`JitsiConference.resourceCreator`):
    /// servers may let guests in under no other name (mod_muc_resource_validate, `anonymous_strict`). Nil where those are
    /// not hexadecimal digits.
    static func anonymousNick(_ jid: String) -> String? {
        guard let local = JID.local(jid) else { return nil }
        let nick = local.prefix(8).lowercased()
        guard nick.utf8.count == 8, nick.utf8.allSatisfy({ Hexadecimal.isDigit($0) }) else { return nil }
        return nick
    }

    mutating func randomNick() -> String {
        random.string(8, from: "0123456789abcdef")
    }
}
