internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import LinuxHost
internal import Logging
internal import NIOCore
internal import NetworkIO
internal import Room
internal import Scene

/// The way to the meeting servers: looked at while nothing else goes on, and shown where it is broken.
extension CallActor {
    /// The connection's own limit, a little less than that of the ladder.
    private static var greetingLimit: TimeAmount { .seconds(7) }

    /// Lets the ladder do what is due, and arms its timer.
    func climbLadder() {
        let now = clock.now
        ladder.clockRead(clockTrust)
        if case .idle = room.phase { ladder.watch(true, at: now) } else { ladder.watch(false, at: now) }
        ladder.advance(to: now)
        while let request = ladder.pollRequest() { carryOut(request) }
        ladderTimer?.arm(ladder.deadline)
        if case .idle = room.phase, ladder.isBroken != isLadderTold {
            isLadderTold = ladder.isBroken
            log.notice("network", metadata: ["reached": "\(!isLadderTold)", "rungs": "\(ladderJSON.serialized())"])
        }
    }

    func networkChanged(_ state: NetworkState) {
        log.info(
            "link",
            metadata: ["carrier": "\(state.hasCarrier)", "address": "\(state.address.map { "\($0)" } ?? "none")"])
        ladder.networkChanged(state, at: clock.now)
        addressesChanged()
        standbyNetworkChanged()
        refresh()
    }

    private func carryOut(_ request: ConnectionLadder.Request) {
        switch request {
        case .resolve(let number, let server) where settings.proxy?.serves(server.host) == true:
            // The proxy looks names up, and tells only when asked for the way.
            ladder.resolved(number, isFound: true, at: clock.now)
        case .resolve(let number, let server):
            network.resolve(host: server.host) { [weak self] result in
                let isFound = (try? result.get()) != nil
                self?.assumeIsolated { actor in
                    actor.ladder.resolved(number, isFound: isFound, at: actor.clock.now)
                    actor.refresh()
                }
            }
        case .connect(let number, let server):
            network.greet(
                host: server.host, port: server.port, isSecure: server.isSecure, timeout: Self.greetingLimit
            ) { [weak self] result in
                self?.assumeIsolated { actor in
                    actor.ladder.connected(number, RungTrouble(result), at: actor.clock.now)
                    actor.refresh()
                }
            }
        }
    }

    private var clockTrust: ClockTrust {
        if !wallClock.isPlausible { return .wrong }
        return wallClock.isKept == true ? .kept : .plausible
    }

    // MARK: Joining

    /// An attempt begins; one that follows a failed one leaves its crosses until they are disproved.
    func ladderJoins(_ meeting: MeetingSettings) {
        guard joinFault == nil, !hasBeenInCall else { return }
        ladder.joinBegan(ConnectionLadder.Server(meeting.url))
    }

    func ladderReached(_ milestone: Milestone) {
        switch milestone {
        case .configuration: ladder.joinReached(.tls)
        case .authenticated, .focusReady, .joined, .offered: ladder.joinReached(.signalling)
        case .mediaConnected, .channelOpen: ladder.joinReached(.bridge)
        case .secured, .firstFrame, .firstPicture: ladder.joinReached(.media)
        case .signallingOpen: break
        }
    }

    /// Keeps in mind what the room has just been through, for what is said of it later.
    func followRoom(from before: RoomPhase) {
        switch room.phase {
        case .inCall:
            hasBeenInCall = true
            joinFault = nil
        case .joining(let attempt, _):
            if case .retry(let fault) = attempt.waiting {
                joinFault = fault
                if room.phase != before { ladder.joinFailed(fault) }
            } else if attempt.failures == 0 {
                joinFault = nil
            }
        case .fault(let fault, _):
            if room.phase != before { ladder.joinFailed(fault) }
            hasBeenInCall = false
        case .starting, .idle, .leaving, .ended:
            joinFault = nil
            hasBeenInCall = false
        }
    }

    // MARK: What is shown

    /// The idle screen: what each button does, or why none would help.
    var idlePhase: ScenePhase {
        if case .running(let percent) = update { return .updating(percent: percent) }
        if ladder.isBroken { return .disconnected(ladder: shownLadder) }
        let labels = settings.meetings.map(\.label)
        return .idle(buttons: SceneButton.keys(of: settings.boxButtons, meetings: labels), rooms: labels)
    }

    /// The screen of an attempt that failed and that is, or will be, tried again; nil where the call is only interrupted.
    func retryPhase(of attempt: Attempt) -> ScenePhase? {
        guard !hasBeenInCall, let joinFault else { return nil }
        switch attempt.waiting {
        case .retry: return faultPhase(joinFault, isRetrying: true)
        // The steps are worth seeing again once they go beyond what failed.
        case nil where attempt.step == .configuration || attempt.step == .signalling:
            return faultPhase(joinFault, isRetrying: true)
        case nil, .password, .host, .lobby: return nil
        }
    }

    /// A fault as a card, or beside the ladder when it lies on the way to the server.
    func faultPhase(_ fault: RoomFault, isRetrying: Bool = false) -> ScenePhase {
        let (sentence, action) = FaultText.fault(fault, settings.language)
        let code = "\(fault.rawValue)"
        let link = settings.helpLink(fault: fault.rawValue)
        switch fault {
        case .serverNotFound, .serverUnreachable, .certificateRefused, .proxyAccountRefused, .proxyRefused,
            .notAMeetingServer, .mediaBlocked:
            return .disconnected(
                ladder: shownLadder,
                fault: FaultCard(code: code, sentence: sentence, action: action, link: link, isRetrying: isRetrying))
        case .accountRefused, .passwordRefused, .entryRefused, .meetingFull, .lobbyRefused, .mediaKeyMismatch,
            .mediaFailed:
            return .fault(code: code, sentence: sentence, action: action, link: link)
        }
    }

    private var shownLadder: [LadderRung: LadderResult] {
        let host = ladder.subject?.host ?? ""
        var shown: [LadderRung: LadderResult] = [:]
        for (rung, state) in ladder.rungs {
            shown[LadderRung(rung)] =
                switch state {
                case .works: .works
                case .trying: .trying
                case .fails(let trouble): .fails(Strings.text(trouble.message, name: host, settings.language))
                }
        }
        return shown
    }

    /// What the lamps say: a box that reaches no server says so before anybody presses.
    var shownPanel: PanelIntent {
        var panel = room.panel()
        if case .idle = room.phase, ladder.isBroken {
            panel.signal = .noNetwork
            panel.number = 2
            panel.status = Lamp(.orange, .flashes(2))
        }
        return panel
    }

    /// Each rung that is known: `works`, `trying`, or what is wrong.
    var ladderJSON: JSONValue {
        let rungs = ladder.rungs
        return .object(
            ConnectionRung.allCases.compactMap { rung in
                rungs[rung].map { state in
                    switch state {
                    case .works: JSONMember(rung.rawValue, "works")
                    case .trying: JSONMember(rung.rawValue, "trying")
                    case .fails(let trouble): JSONMember(rung.rawValue, .string(trouble.rawValue))
                    }
                }
            })
    }

    var idleLight: IdleLight {
        switch room.displayLight {
        case .full: .full
        case .dimmed: .dimmed
        case .off: .off
        }
    }
}

extension ConnectionLadder.Server {
    init(_ url: RoomURL) {
        let isSecure = url.scheme == "https"
        self.init(
            host: url.host, port: url.port ?? (isSecure ? 443 : 80), isSecure: isSecure, isLocal: url.isLoopback)
    }
}

extension RungTrouble {
    /// What a greeting met; nil when it was answered.
    fileprivate init?(_ result: Result<Void, NetworkError>) {
        switch result {
        case .success: return nil
        case .failure(.tls(_, .certificate, _)): self = .certificateRefused
        case .failure(.tls(_, .other, _)): self = .notAMeetingServer
        // One that hangs up in the middle is no meeting server today; its certificate was never seen.
        case .failure(.proxy(_, let status?, _)) where status < 500: self = .proxyRefused
        case .failure: self = .noAnswer
        }
    }

    fileprivate var message: Message {
        switch self {
        case .noCarrier: .rungNoCable
        case .noAddress: .rungNoAddress
        case .nameUnknown: .rungNameUnknown
        case .clockWrong: .rungClockWrong
        case .noAnswer: .rungNoAnswer
        case .certificateRefused: .rungCertificate
        case .proxyRefused: .rungProxyRefused
        case .notAMeetingServer: .rungWrongServer
        case .blocked: .rungBlocked
        case .keyMismatch: .rungWrongKey
        case .engineFailed: .rungEngineFailed
        }
    }
}

extension LadderRung {
    fileprivate init(_ rung: ConnectionRung) {
        switch rung {
        case .cable: self = .cable
        case .address: self = .address
        case .names: self = .names
        case .time: self = .time
        case .tls: self = .tls
        case .signalling: self = .signalling
        case .bridge: self = .bridge
        case .media: self = .media
        }
    }
}
