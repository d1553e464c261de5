internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import Room
internal import Scene

/// Which screen is shown, and the pages of faults and information.
extension Presentation {
    func scenePhase(_ people: [ParticipantInfo]) -> ScenePhase {
        switch room.phase {
        case .starting: return .starting
        case .idle: return idlePhase
        case .joining(let attempt, _):
            if let phase = retryPhase(of: attempt) { return phase }
            switch attempt.waiting {
            case .password(let wrong): return .passwordRequired(wrong: wrong)
            case .host: return .waitingForHost
            case .lobby: return .lobby
            case .retry: return .reconnecting
            case nil where attempt.isRejoining: return .reconnecting
            case nil:
                if let destination = attempt.destination { return .moved(room: destination) }
                return .joining(step: attempt.step, canCancel: true)
            }
        case .inCall(let state):
            if state.isInterrupted { return .reconnecting }
            // The address leads to the main room: nobody comes to a breakout room by it.
            let isElsewhere = call?.conference.isElsewhere ?? false
            let link = isElsewhere ? "" : meeting?.url.link ?? ""
            if people.isEmpty { return .aloneInRoom(link: link) }
            return state.hasMedia ? .inCall : .joining(step: .media, canCancel: true)
        case .leaving: return .leaving
        case .ended(let reason, _): return reason == .kicked ? .kicked : .roomClosed
        case .fault(let fault, _): return faultPhase(fault)
        }
    }

    /// The idle screen: what each button does, or why none would help.
    private var idlePhase: ScenePhase {
        if case .running(let percent) = devices.update { return .updating(percent: percent) }
        if check.isBroken { return .disconnected(ladder: shownRungs) }
        let labels = settings.meetings.map(\.label)
        return .idle(buttons: SceneButton.keys(of: settings.boxButtons, meetings: labels), rooms: labels)
    }

    /// The screen of an attempt that failed and that is, or will be, tried again; nil where the call is only interrupted.
    private func retryPhase(of attempt: Attempt) -> ScenePhase? {
        guard !history.hasBeenInCall, let fault = history.fault else { return nil }
        switch attempt.waiting {
        case .retry: return faultPhase(fault, isRetrying: true)
        // The steps are worth seeing again once they go beyond what failed.
        case nil where attempt.step <= .signalling: return faultPhase(fault, isRetrying: true)
        case nil, .password, .host, .lobby: return nil
        }
    }

    /// A fault as a card, or beside the rungs when it lies on the way to the server.
    private func faultPhase(_ fault: RoomFault, isRetrying: Bool = false) -> ScenePhase {
        let (sentence, action) = FaultText.fault(fault, settings.language)
        let code = "\(fault.rawValue)"
        let link = settings.helpLink(fault: fault.rawValue)
        switch fault {
        case .serverNotFound, .serverUnreachable, .certificateRefused, .proxyAccountRefused, .proxyRefused,
            .notAMeetingServer, .mediaBlocked:
            return .disconnected(
                ladder: shownRungs,
                fault: FaultCard(code: code, sentence: sentence, action: action, link: link, isRetrying: isRetrying))
        case .accountRefused, .entryRefused, .meetingFull, .lobbyRefused, .signInRequired,
            .configurationNotUnderstood,
            .mediaKeyMismatch, .mediaFailed:
            return .fault(code: code, sentence: sentence, action: action, link: link)
        }
    }

    private var shownRungs: [ConnectionRung: LadderResult] {
        let host = check.subject?.host ?? ""
        return check.rungs.mapValues { state in
            switch state {
            case .works: .works
            case .trying: .trying
            case .fails(let trouble): .fails(Strings.text(Strings.message(for: trouble), name: host, settings.language))
            }
        }
    }

    // MARK: The calendar

    var scheduledMeeting: ScheduledMeeting? {
        guard let seconds = wall.trustedSeconds(at: now) else { return nil }
        return calendar?.next(at: seconds)
    }

    /// What the idle screen says of the next meeting.
    var nextMeeting: NextMeeting? {
        guard let now = wall.trustedSeconds(at: now), let meeting = scheduledMeeting, let today = wall.civil(now),
            let start = wall.civil(meeting.start), let end = wall.civil(meeting.end)
        else { return nil }
        return NextMeeting(
            title: meeting.isPrivate ? "" : RemoteText.subject(meeting.title),
            start: CivilTime(hour: start.hour, minute: start.minute),
            end: meeting.end > meeting.start ? CivilTime(hour: end.hour, minute: end.minute) : nil,
            isTomorrow: meeting.start > now && start.day != today.day, isRunning: meeting.start <= now,
            isAllDay: meeting.isAllDay, isPrivate: meeting.isPrivate,
            room: meeting.room.flatMap { settings.meetings.indices.contains($0) ? settings.meetings[$0].label : nil })
    }

    // MARK: The page of information

    /// What a technician asks on the telephone.
    func sessionInformation(_ statistics: RTPStatistics?) -> SessionInformation? {
        guard let statistics else { return nil }
        var information = SessionInformation()
        information.server = meeting?.url.host ?? ""
        information.describe(
            devices.media, codec: limits.codec,
            framesPerSecond: call?.uplink.encodedFrames.perSecond ?? 0, language: settings.language)
        information.describe(statistics)
        information.roundTripMilliseconds = roundTrip(statistics).map { Int(clamping: $0.wholeMilliseconds) }
        if let path = call?.conference.mediaWay {
            information.describe(path, bridgeVersion: call?.conference.bridgeVersion)
        }
        return information
    }
}

extension SessionInformation {
    /// What is sent and heard, by the devices.
    fileprivate mutating func describe(
        _ media: MediaSnapshot, codec: VideoCodec, framesPerSecond: Int, language: Language
    ) {
        if let size = media.camera.encodedSize {
            sent = "\(codec.title) \(size.width) × \(size.height), \(framesPerSecond)/s"
        }
        sound = "Opus 48 kHz"
        if let delay = media.remoteAudio.map(\.delayMilliseconds).max() {
            sound += ", " + Strings.quantity(Strings.integer(delay, language), "ms", language)
        }
        concealedThousandths = media.remoteAudio.map(\.concealedThousandths).max()
    }

    /// What the session counts.
    fileprivate mutating func describe(_ statistics: RTPStatistics) {
        if let video = statistics.inbound.compactMap(\.video).max(by: { $0.width < $1.width }), video.width > 0 {
            let codec = (video.codec ?? .vp8).title
            received = "\(codec) \(video.width) × \(video.height), \(video.framesPerSecond)/s"
        }
        sentKilobits = statistics.outbound.reduce(0) { $0 + $1.bitsPerSecond } / 1_000
        receivedKilobits = statistics.inbound.reduce(0) { $0 + $1.bitsPerSecond } / 1_000
        lossThousandths = statistics.inbound.map { Int($0.fractionLost * 1_000) }.max()
    }

    /// Where sound and picture go.
    fileprivate mutating func describe(_ path: MediaWay, bridgeVersion: String?) {
        bridge = (path.bridge + (bridgeVersion.map { [$0] } ?? [])).joined(separator: ", ")
        if let remote = path.remote { self.path = (path.isRelayed ? "TURN " : "UDP ") + "\(remote)" }
        encryption = path.cipher.isEmpty ? "" : "DTLS-SRTP " + path.cipher
    }
}
