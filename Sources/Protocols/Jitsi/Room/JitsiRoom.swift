package import Basis

/// A conference, from the bound XMPP session to having left: conference request, multi-user chat, lobby, Jingle with Jicofo.
///
/// It keeps order: what comes in is answered before it is acted upon, and events leave in the order of their causes.
package struct JitsiRoom: Sendable {
    enum Phase: Equatable {
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

    enum Purpose: Equatable {
        case serverInfo
        case externalServices(isRetry: Bool)
        case conferenceRequest
        case roomInfo
        case sessionAccept(sid: String)
        case restart
        case decline
        case unmute(MediaKind)
    }

    struct Lobby: Equatable {
        let jid: String
        var nick: String
        var conflicts = 0
    }

    struct Occupant: Equatable {
        var info: ParticipantInfo
        /// Neither the focus nor a recorder nor a bot.
        var isShown: Bool
        /// Of the domain of recorders and transcribers.
        var isHidden: Bool
        var marks: OccupantMarks
    }

    struct Session: Equatable {
        let offer: MediaOffer
        var sources: [RemoteSource]
        var isAccepted = false
    }

    static let maximumOccupants = 500

    let configuration: ServerConfiguration
    let jwt: Redacted<String>?
    /// The room of the address, and the one that we are in: a breakout room of it is another.
    let mainRoomJID: String
    var roomJID: String
    let identity: LocalIdentity
    let ownJID: String
    let isAnonymous: Bool
    var password: Redacted<String>?
    var random: RandomSource

    var phase = Phase.idle
    var nick: String
    var outputs: [JitsiOutput] = []
    var queries: [String: Purpose] = [:]
    var tokensGiven = 0

    // Conference request and join.
    var focusJID: String?
    var sessionID: String?
    var requestFailures = 0
    var staleSessions = 0
    var joinRefusals = 0
    var conflicts = 0
    var lobby: Lobby?

    // Server components, trusted for json-messages.
    var components: [String: String] = [:]
    var knowsComponents = false
    var queuedMessages: [XMLElement] = []
    var hasExternalServices = false

    // Occupants.
    var occupants: [String: Occupant] = [:]
    var arrivals: [String] = []
    var focusNick: String?
    var focusDeadline: MonotonicInstant?
    /// Until then nobody is given up who owes an answer: there is no connection, or what was said meanwhile is on its way.
    package var patientUntil: MonotonicInstant?
    var ledger = MeetingLedger()
    /// The names of breakout rooms, by their JIDs.
    var roomNames: [String: String] = [:]

    /// Whether the room made us moderator.
    package internal(set) var isModerator = false

    // Local media.
    var media = LocalMedia(audioMuted: true, videoMuted: true)
    var held: Set<MediaKind> = []
    var moderated: Set<MediaKind> = []
    var approved: Set<MediaKind> = []
    var unmuting: Set<MediaKind> = []
    /// What our last presence told.
    var published: LocalMedia?
    var lastPresence: MonotonicInstant?
    var presenceDue: MonotonicInstant?

    // Jingle.
    var session: Session?
    var restarts: [MonotonicInstant] = []
    var restartDue: MonotonicInstant?
    var reinviteDeadline: MonotonicInstant?
    var refusedAccepts = 0

    /// - Parameters:
    ///   - ownJID: our full JID after bind.
    ///   - isAnonymous: whether we logged in as guest; decides our nick.
    ///   - password: the room's password where it is known.
    package init(
        configuration: ServerConfiguration, roomURL: RoomURL, identity: LocalIdentity, ownJID: String,
        isAnonymous: Bool, password: Redacted<String>?, sessionRandom: RandomSource
    ) {
        self.configuration = configuration
        jwt = roomURL.jwt
        mainRoomJID = configuration.roomJID(roomURL)
        roomJID = mainRoomJID
        self.identity = identity
        self.ownJID = ownJID
        self.isAnonymous = isAnonymous
        self.password = password
        random = sessionRandom
        focusJID = configuration.focusUserJID
        nick = ""
        nick = (isAnonymous ? Self.anonymousNick(ownJID) : nil) ?? randomNick()
    }

    /// Our endpoint id: nick in the room, owner part of our source names.
    package var occupantID: String { nick }

    /// What we publish of ourselves: still muted while an unmute waits for Jicofo's consent.
    package var effectiveMedia: LocalMedia { media }

    /// The others in the order of their arrival.
    package var participants: [ParticipantInfo] {
        arrivals.compactMap { id in occupants[id].flatMap { $0.isShown ? $0.info : nil } }
    }

    // MARK: Inputs

    /// Begins, with the XMPP session bound.
    package mutating func start(at now: MonotonicInstant) {
        guard phase == .idle else { return }
        query(
            .serverInfo,
            iq("get", to: configuration.xmppDomain, XMLElement("query", namespace: Namespace.discoInfo)))
        queryExternalServices(namespace: Namespace.extdisco, isRetry: false)
        requestConference(at: now)
    }

    /// Tries the room again with this password.
    package mutating func provide(password: Redacted<String>, at now: MonotonicInstant) {
        guard phase == .passwordRequired || phase == .lobby else { return }
        self.password = password
        requestConference(at: now)
    }

    package mutating func receive(stanza: XMLElement, at now: MonotonicInstant) {
        switch stanza.name {
        case "presence": receivePresence(stanza, at: now)
        case "message": receiveMessage(stanza, at: now)
        case "iq": receiveIQ(stanza, at: now)
        default: break
        }
    }

    package mutating func receive(answer: IQAnswer, to token: String, at now: MonotonicInstant) {
        guard let purpose = queries.removeValue(forKey: token), phase != .ended else { return }
        switch purpose {
        case .serverInfo: receiveServerInfo(answer, at: now)
        case .externalServices(let isRetry): receiveExternalServices(answer, isRetry: isRetry)
        case .conferenceRequest: receiveConferenceAnswer(answer, at: now)
        case .roomInfo: receiveRoomInfo(answer)
        case .sessionAccept(let sid): receiveAcceptAnswer(answer, sid: sid, at: now)
        case .restart: receiveRestartAnswer(answer)
        case .decline: break
        case .unmute(let kind): receiveUnmuteAnswer(answer, kind: kind, at: now)
        }
    }

    /// Makes `media` what the others see. Unmuting after a mute by the focus first asks the focus (`unmuted`, `unmuteRefused`).
    package mutating func setLocalMedia(_ wanted: LocalMedia, at now: MonotonicInstant) {
        var next = wanted
        for kind in [MediaKind.audio, .video] {
            if wanted.isMuted(kind) {
                unmuting.remove(kind)
            } else if held.contains(kind) {
                next.mute(kind)
                requestUnmute(kind)
            }
        }
        guard next != media else { return }
        media = next
        schedulePresence(at: now)
    }

    package mutating func sendChat(text: String, at now: MonotonicInstant) {
        let body = String(text.prefix(2000))
        guard phase == .joined, !body.isEmpty else { return }
        let id = random.string(16, from: "0123456789abcdef")
        send(
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
            emit(.left)
        case .joining, .joined:
            leaveLobby()
            endSession(.roomLeft)
            send(PresenceWriter.unavailable(to: occupantJID))
            phase = .leaving(until: now + .seconds(5))
        }
        clearDeadlines()
    }

    /// Does what is due; to be called at `soonest`, harmless at any other time.
    package mutating func advance(to now: MonotonicInstant) {
        switch phase {
        case .retrying(let instant) where now >= instant: requestConference(at: now)
        case .joining(let deadline) where now >= patient(deadline):
            send(PresenceWriter.unavailable(to: occupantJID))
            refuseJoin(.joinTimeout, at: now)
        case .leaving(let deadline) where now >= deadline:
            phase = .ended
            emit(.left)
        default: break
        }
        if let due = presenceDue, now >= due { sendPresence(at: now) }
        if let due = restartDue, now >= due { requestRestart(at: now) }
        if let due = reinviteDeadline, now >= patient(due) { rejoin(.mediaSession, at: now) }
        if let due = focusDeadline, now >= patient(due) { rejoin(.focusLeft, at: now) }
    }

    /// The next output, in order; nil when there is none.
    package mutating func poll() -> JitsiOutput? {
        outputs.isEmpty ? nil : outputs.removeFirst()
    }

    /// When `advance(to:)` has something to do.
    package var soonest: Soonest {
        var soonest = Soonest()
        switch phase {
        case .retrying(let instant): soonest.consider(instant, "conference-request")
        case .joining(let deadline): soonest.consider(patient(deadline), "join-timeout")
        case .leaving(let deadline): soonest.consider(deadline, "leave-timeout")
        default: break
        }
        soonest.consider(presenceDue, "presence")
        soonest.consider(restartDue, "media-restart")
        soonest.consider(reinviteDeadline.map(patient), "reinvite-timeout")
        soonest.consider(focusDeadline.map(patient), "focus-timeout")
        return soonest
    }

    /// When waiting for others that began as planned is over: not while nobody can answer.
    private func patient(_ deadline: MonotonicInstant) -> MonotonicInstant {
        patientUntil.map { max($0, deadline) } ?? deadline
    }

    // MARK: Outputs

    var occupantJID: String { roomJID + "/" + nick }

    mutating func send(_ stanza: XMLElement) {
        outputs.append(.send(stanza))
    }

    mutating func emit(_ event: JitsiEvent) {
        outputs.append(.event(event))
    }

    mutating func note(_ level: Diagnostic.Level, _ code: String, _ detail: String = "") {
        emit(.diagnostic(Diagnostic(level, code, RemoteText.clean(detail, limit: 300))))
    }

    mutating func token(for purpose: Purpose) -> String {
        tokensGiven &+= 1
        let token = "room-" + String(tokensGiven)
        queries[token] = purpose
        return token
    }

    mutating func query(_ purpose: Purpose, _ stanza: XMLElement) {
        outputs.append(.query(token: token(for: purpose), stanza, timeout: .seconds(10)))
    }

    func iq(_ type: String, to: String, _ child: XMLElement) -> XMLElement {
        XMLElement("iq", namespace: Namespace.client, [("type", type), ("to", to)], children: [child])
    }

    // MARK: Presence of ours

    mutating func schedulePresence(at now: MonotonicInstant) {
        guard phase == .joined, presenceDue == nil, published != media else { return }
        if let lastPresence, now < lastPresence + .milliseconds(300) {
            presenceDue = lastPresence + .milliseconds(300)
        } else {
            sendPresence(at: now)
        }
    }

    private mutating func sendPresence(at now: MonotonicInstant) {
        presenceDue = nil
        guard phase == .joined, published != media else { return }
        lastPresence = now
        published = media
        send(PresenceWriter.write(to: occupantJID, endpoint: nick, identity: identity, media: media))
    }

    // MARK: Ends

    mutating func clearDeadlines() {
        presenceDue = nil
        restartDue = nil
        reinviteDeadline = nil
        focusDeadline = nil
    }

    mutating func fail(_ failure: JitsiFailure) {
        leaveLobby()
        clearDeadlines()
        phase = .ended
        emit(.failed(failure))
    }

    /// Ends the media session, if there is one, for `reason`.
    mutating func endSession(_ reason: MediaEnd) {
        restartDue = nil
        guard session != nil else { return }
        session = nil
        emit(.mediaEnded(reason))
    }

    /// Forgets everybody in the room.
    mutating func clearRoom() {
        let hadParticipants = !participants.isEmpty
        occupants = [:]
        arrivals = []
        focusNick = nil
        ledger.sessions = [:]
        ledger.isSoundExported = false
        moderated = []
        approved = []
        unmuting = []
        clearDeadlines()
        if hadParticipants { emit(.participantsChanged) }
    }

    mutating func retry(_ failure: JitsiFailure, seconds: ClosedRange<Int>, at now: MonotonicInstant) {
        let delay = Duration.milliseconds(
            Int.random(in: seconds.lowerBound * 1000...seconds.upperBound * 1000, using: &random))
        phase = .retrying(at: now + delay)
        if failure == .authenticationRequired {
            emit(.waitingForHost)
        } else {
            emit(.retrying(failure, after: delay))
        }
    }

    /// Leaves the room and comes back through the conference request after 10 to 30 s.
    mutating func rejoin(_ failure: JitsiFailure, at now: MonotonicInstant) {
        endSession(.roomLeft)
        send(PresenceWriter.unavailable(to: occupantJID))
        clearRoom()
        restarts = []
        retry(failure, seconds: 10...30, at: now)
    }

    // MARK: Nick

    static func anonymousNick(_ jid: String) -> String? {
        guard let local = JID.local(jid) else { return nil }
        let nick = local.prefix(8)
        guard nick.utf8.count == 8, nick.utf8.allSatisfy({ Hexadecimal.isDigit($0) }) else { return nil }
        return String(nick)
    }

    mutating func randomNick() -> String {
        random.string(8, from: "0123456789abcdef")
    }
}
