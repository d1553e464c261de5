package import Basis
internal import DTLSSRTP
internal import ICE
package import Jitsi
internal import MediaSession
package import RTP
internal import Room
internal import XMPP

/// One call attempt, from the button to having left, as one machine: discovery, XMPP, Jitsi's signalling, the media session
/// and the bridge channel. No socket, no clock: bytes, facts and time go in; requests, datagrams and events come out.
package struct Conference: ~Copyable {
    enum Stage: Equatable {
        case idle
        case discovering
        case connecting
        /// Standing by, with a bound session.
        case ready
        case open
        case leaving
        case ended
    }

    /// One way to reach the XMPP server.
    enum SignallingRoute: Equatable {
        case webSocket(String)
        case bosh(String)
    }

    var configuration: ConferenceConfiguration
    let capabilities: EntityCapabilities
    var random: RandomSource
    var stage = Stage.idle
    var outputs: [ConferenceOutput] = []
    /// Whether nobody has pressed yet.
    var isStandingBy = false
    /// Until when a connection that stood by may stay silent.
    var standbyDeadline: MonotonicInstant?

    // Signalling.
    var server: ServerConfiguration?
    var routes: [SignallingRoute] = []
    var route: SignallingRoute?
    /// Whether speech is sent twice (`SpeechRepetition`).
    package var repeatsSpeech = false {
        didSet { mediaSession?.repeatsSpeech = repeatsSpeech }
    }
    var lastTrouble = NetworkTrouble.unreachable
    var xmpp: XMPPSession?
    /// Our full JID, once bound.
    var ownJID: String?
    var room: JitsiRoom?
    /// The IQ ids of the room's queries.
    var queries: [String: String] = [:]
    var isDrainingXMPP = false
    var socketsGiven = 0
    var signallingSocket: SocketToken?
    var line = LineState()

    // Media.
    var localMedia: LocalMedia
    var bases: [TransportAddress] = []
    /// Sockets that came after the first ones.
    var basesAdded = 0
    var hasMediaSockets = false
    var stunServers: [TransportAddress] = []
    var relay = RelayPlan()
    var pendingOffer: MediaOffer?
    var mediaSession: MediaSession?
    var way = MediaWay()
    /// Whether a media session was secured since we last entered the room.
    var hadMedia = false
    var sources: [RemoteSource] = []
    var admission = SourceAdmission()
    var channel = BridgeChannel()
    var cameraHeightWanted: Int?
    var forwarding = VideoForwarding()
    /// The bridge's estimate of the way to us, in bit/s, where it tells.
    package internal(set) var downlinkBandwidth: Int?
    /// The endpoint that speaks most, as the bridge says.
    package internal(set) var dominantSpeaker: String?
    package internal(set) var subject = ""

    package init(configuration: ConferenceConfiguration, random: RandomSource) {
        self.configuration = configuration
        self.random = random
        localMedia = configuration.media
        capabilities = EntityCapabilities(
            node: "urn:visiosalle:appliance",
            identities: [.init(category: "client", type: "web", name: "Visiosalle")],
            features: JitsiFeatures.advertised)
    }

    // MARK: What the room and the screen ask

    /// The other participants in the order of their arrival.
    package var participants: [ParticipantInfo] { room?.participants ?? [] }
    /// Our endpoint id, once known.
    package var endpointID: String { room?.occupantID ?? "" }
    package var isModerator: Bool { room?.isModerator ?? false }
    /// The video sources of the others, muted or not, in the order in which they came.
    package var videoSources: [RemoteSource] { sources.filter { $0.kind == .video } }

    package func statistics() -> RTPStatistics? {
        switch mediaSession {
        case .some(let session): session.statistics()
        case nil: nil
        }
    }

    package var roundTrip: Duration? {
        switch mediaSession {
        case .some(let session): session.roundTrip
        case nil: nil
        }
    }

    // MARK: Life

    package mutating func start(at now: MonotonicInstant) {
        guard stage == .idle else { return }
        stage = .discovering
        outputs.append(.openMediaSockets)
        outputs.append(.get(.configuration, url: configuration.roomURL.configURL))
        outputs.append(.event(.fact(.reached(.configuration))))
    }

    /// Leaves the room; `.fact(.left)` tells when all is done.
    package mutating func leave(at now: MonotonicInstant) {
        switch stage {
        case .idle, .discovering, .connecting, .ready: end(.left, at: now)
        case .open:
            stage = .leaving
            if room != nil {
                room?.leave(at: now)
                drainRoom(at: now)
            } else {
                end(.left, at: now)
            }
        // Asked again: whoever asks has waited long enough.
        case .leaving: end(.left, at: now)
        case .ended: break
        }
    }

    package mutating func setLocalMedia(_ media: LocalMedia, at now: MonotonicInstant) {
        let cameraChanged = media.videoMuted != localMedia.videoMuted
        localMedia = media
        room?.setLocalMedia(media, at: now)
        drainRoom(at: now)
        if cameraChanged { announceCamera(at: now) }
    }

    package mutating func provide(password: Redacted<String>, at now: MonotonicInstant) {
        room?.provide(password: password, at: now)
        drainRoom(at: now)
    }

    package mutating func advance(to now: MonotonicInstant) {
        guard stage != .ended else { return }
        xmpp?.advance(to: now)
        room?.advance(to: now)
        mediaSession?.advance(to: now)
        drainXMPP(at: now)
        drainRoom(at: now)
        drainMedia(at: now)
        advanceChannel(to: now)
        // During a silence of the bridge the last pictures stay.
        if line.silentSince == nil, forwarding.advance(to: now) { outputs.append(.event(.videoSourcesChanged)) }
        openRelaysWhenDue(at: now)
        advanceLine(to: now)
        advanceStandby(to: now)
    }

    package mutating func poll() -> ConferenceOutput? {
        outputs.isEmpty ? nil : outputs.removeFirst()
    }

    package var soonest: Soonest {
        var soonest = Soonest()
        guard stage != .ended else { return soonest }
        if let xmpp { soonest.consider(xmpp.soonest) }
        if let room { soonest.consider(room.soonest) }
        soonest.consider(lineSoonest)
        switch mediaSession {
        case .some(let session): soonest.consider(session.soonest)
        case nil: break
        }
        soonest.consider(channel.deadline, "bridge channel")
        if line.silentSince == nil { soonest.consider(forwarding.deadline, "forwarded video") }
        soonest.consider(relay.deadline, "relay")
        soonest.consider(standbyDeadline, "standby")
        return soonest
    }

    // MARK: Inside

    func emitted(_ fact: ConferenceFact) -> ConferenceOutput { .event(.fact(fact)) }

    mutating func diagnose(_ level: Diagnostic.Level, _ code: String, _ detail: String = "") {
        outputs.append(.event(.diagnostic(Diagnostic(level, code, detail))))
    }

    mutating func reach(_ milestone: Milestone) {
        guard !isStandingBy else { return }
        outputs.append(.event(.milestone(milestone)))
    }

    /// The attempt is over: everything is closed and `fact` is the last word.
    mutating func end(_ fact: ConferenceFact, at now: MonotonicInstant) {
        guard stage != .ended else { return }
        stage = .ended
        closeMedia(at: now)
        xmpp?.close(final: nil, at: now)
        while let output = xmpp?.poll() {
            switch output {
            case .sendFrame(let text):
                if let signallingSocket { outputs.append(.sendText(signallingSocket, Redacted(text))) }
            case .post(let id, let body): post(id: id, body: body)
            case .closeTransport, .event: break
            }
        }
        if let signallingSocket { outputs.append(.closeWebSocket(signallingSocket)) }
        if !isStandingBy { outputs.append(.closeMediaSockets) }
        outputs.append(emitted(fact))
    }
}
