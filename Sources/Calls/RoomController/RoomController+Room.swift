internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import Room
internal import Scene

/// What becomes of the room, and what its effects mean for the call.
extension RoomController {
    mutating func handle(_ event: RoomEvent) {
        let before = room
        let effects = room.handle(event, at: now)
        if room.phase != before.phase { trace(.phase(room.phase)) }
        // Before the effects: one of them may end the call, whose speaker is open at this moment.
        if let sound = sounds.roomChanged(to: room, at: now) { command(.play(sound)) }
        if let fault = history.follow(room.phase, from: before.phase) { check.joinFailed(fault) }
        for effect in effects { perform(effect) }
        if room != before { mark(.all) }
    }

    private mutating func perform(_ effect: RoomEffect) {
        switch effect {
        case .openConference(let attempt, let meeting): openCall(attempt, meeting: meeting)
        case .closeConference(let attempt):
            if call?.attempt == attempt { call?.conference.leave(at: now) }
        case .setMicrophone(let muted):
            // First the source, then the news of it: nothing is heard after the press.
            command(.setMuted(muted))
            updateLocalMedia()
        case .setCamera(let isOn):
            setCamera(isOn: isOn && hasConference)
            updateLocalMedia()
        case .setHand(let raised):
            history.handRaisedAt =
                raised ? history.handRaisedAt ?? wall.millisecondsSince1970(at: now) : nil
            updateLocalMedia()
        case .wakeDisplay:
            outputs.append(.displayPower(isOn: true))
            outputs.append(.control(.wakeTelevision))
        case .restDisplay:
            journal(.notice, "display-rests")
            outputs.append(.displayPower(isOn: false))
            outputs.append(.control(.releaseTelevision))
        case .restart:
            journal(.notice, "restart", [("reason", "asked for by a button")])
            outputs.append(.restart)
        }
    }

    private mutating func updateLocalMedia() {
        let media = localMedia
        call?.conference.setLocalMedia(media, at: now)
    }

    private mutating func setCamera(isOn: Bool) {
        command(.setCamera(isOn: isOn))
        // Off and on again within one frame goes unseen by the camera's thread: what follows must stand alone.
        if isOn { command(.requestKeyframe(layer: nil)) }
    }

    // MARK: The call

    private mutating func openCall(_ attempt: Int, meeting index: Int) {
        closeCall()
        let meeting = settings.meetings[index]
        history.farewell = Farewell()
        if case .joining(let attempt, _) = room.phase { history.times.begin(at: attempt.pressedAt) }
        // An attempt that follows a failed one leaves its crosses until they are disproved.
        if history.fault == nil, !history.hasBeenInCall { check.joinBegan(ConnectionCheck.Server(meeting.url)) }
        journal(.notice, "join", [("attempt", "\(attempt)"), ("room", meeting.label)])
        history.lastMeeting = index
        command(.startAudio)
        if let taken = takeStandby(for: index), let conference = taken.conference.take() {
            call = ActiveCall(attempt: attempt, number: taken.number, meeting: index, conference: conference)
        } else {
            call = ActiveCall(
                attempt: attempt, number: nextConferenceNumber(), meeting: index, conference: makeConference(meeting))
        }
        setCamera(isOn: room.cameraOn)
        let media = localMedia
        call?.conference.start(media: media, ntpOffset: wall.ntpOffset(), at: now)
        nextSample = now + .seconds(1)
        mark(.all)
    }

    /// Drops the attempt and everything that it holds; the leave itself is the conference's.
    mutating func closeCall() {
        guard let number = call?.number else { return }
        // What it still wants on the wire goes out; what it has to say comes too late.
        while let output = call?.conference.poll() { requestNetwork(output, of: number) }
        let pictures = call?.pictures.keys.sorted() ?? []
        call = nil
        command(.stopAudio)
        setCamera(isOn: false)
        request(.closeAll, of: number)
        request(.closeMediaSockets, of: number)
        for ssrc in pictures { command(.removePicture(ssrc: ssrc)) }
        mark(.all)
    }

    /// Where on the way to a server the journal, the screen and the check are after a milestone.
    mutating func reached(_ milestone: Milestone) {
        history.times.reach(milestone, at: now)
        switch milestone {
        case .configuration: check.joinReached(.tls)
        case .authenticated, .focusReady, .joined, .offered: check.joinReached(.signalling)
        case .mediaConnected, .channelOpen: check.joinReached(.bridge)
        case .secured, .firstFrame, .firstPicture: check.joinReached(.media)
        case .signallingOpen: break
        }
        journal(.debug, "milestone", [("step", milestone.rawValue)])
        mark(.status)
    }
}

extension ConnectionCheck.Server {
    init(_ url: RoomURL) {
        let isSecure = url.scheme == "https"
        self.init(
            host: url.host, port: url.port ?? (isSecure ? 443 : 80), isSecure: isSecure, isLocal: url.isLoopback)
    }
}
