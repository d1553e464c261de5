internal import Basis
internal import Conference
internal import Devices
package import Jitsi
internal import MediaEngine
internal import Room
internal import Scene

/// What the conference of the call wants and tells.
extension RoomController {
    /// Deals with the next output of the call's conference; false when there is none.
    mutating func pollCall() -> Bool {
        guard let output = call?.conference.poll(), let number = call?.number else { return false }
        if case .event(let event) = output { handle(event) } else { requestNetwork(output, of: number) }
        return true
    }

    /// Hands on what is wanted of the network; what is told is left aside, save for the journal.
    mutating func requestNetwork(_ output: ConferenceOutput, of number: Int) {
        switch output {
        case .get(let token, let url): request(.get(token, url: url), of: number)
        case .post(let token, let url, let contentType, let body, let bearer):
            request(.post(token, url: url, contentType: contentType, body: body, bearer: bearer), of: number)
        case .abandonRequests: request(.abandonRequests, of: number)
        case .openWebSocket(let token, let url, let subprotocol, let origin):
            request(.openWebSocket(token, url: url, subprotocol: subprotocol, origin: origin), of: number)
        case .sendText(let token, let text): request(.sendText(token, text), of: number)
        case .closeWebSocket(let token): request(.closeWebSocket(token), of: number)
        case .openMediaSockets: request(.openMediaSockets, of: number)
        case .closeMediaSockets: request(.closeMediaSockets, of: number)
        case .openRelay(let relay, let service):
            journal(
                .info, "relay",
                [("server", "\(service.host):\(service.port)"), ("transport", service.transport ?? service.type)])
            request(.openRelay(number: relay, service), of: number)
        case .closeRelays: request(.closeRelays, of: number)
        case .resolve(let host, let port): request(.resolve(host: host, port: port), of: number)
        case .event(.diagnostic(let diagnostic)): outputs.append(.journal(JournalEntry(diagnostic)))
        case .event: break
        }
    }

    private mutating func handle(_ event: ConferenceEvent) {
        if case .videoFrame(let ssrc, let codec, let bytes, _, let isKeyframe) = event {
            return decode(ssrc, codec, bytes, isKeyframe: isKeyframe)
        }
        trace(.event(event))
        switch event {
        case .videoFrame: break
        case .fact(let fact): handle(fact)
        case .milestone(let milestone): reached(milestone)
        case .peopleChanged: peopleChanged()
        case .subject(let text):
            call?.subject = text
            mark([.scene, .status])
        case .chat(let name, let text):
            guard !name.isEmpty else { return }
            let time = wall.civil(at: now).map { CivilTime(hour: $0.hour, minute: $0.minute) }
            call?.view.receive(ChatMessage(sender: name, text: text, time: time), at: now)
            mark(.scene)
        case .audioSourceRemoved(let ssrc): command(.removeSound(ssrc: ssrc))
        case .videoSourcesChanged: updatePictures()
        case .keyframeWanted(let layer): command(.requestKeyframe(layer: layer))
        case .cameraHeightWanted(let height):
            call?.uplink.cameraHeight = height ?? -1
            mark([.camera, .status])
        case .uplinkLimit(let bitsPerSecond): call?.uplink.estimate = bitsPerSecond
        case .bandwidth(let bitsPerSecond):
            call?.uplink.bandwidth = bitsPerSecond
            mark(.camera)
        case .meetingFacts(let facts):
            call?.facts = facts
            call?.view.learn(facts, language: settings.language, at: now)
            mark([.scene, .status, .controls])
        case .recordingFailed(let isStream):
            call?.view.say(isStream ? .liveStreamFailed : .recordingFailed, language: settings.language, at: now)
            mark(.scene)
        case .notice(let notice): handle(notice)
        case .caption(let caption): show(caption)
        case .farewell(let by, let reason): history.farewell = Farewell(by: by, reason: reason)
        case .diagnostic(let diagnostic): outputs.append(.journal(JournalEntry(diagnostic)))
        }
    }

    private mutating func handle(_ notice: ConferenceNotice) {
        switch notice {
        case .bridgeUnavailable:
            call?.view.say(.bridgeUnavailable, language: settings.language, at: now)
            mark(.scene)
        case .focusLeft:
            call?.view.say(.focusGone, language: settings.language, at: now)
            mark(.scene)
        // Its kind alone: names and messages do not belong in the journal.
        default: journal(.info, "notice", [("kind", String("\(notice)".prefix { $0 != "(" }))])
        }
    }

    private mutating func handle(_ fact: ConferenceFact) {
        guard let attempt = call?.attempt, let meeting = call?.meeting else { return }
        switch fact {
        case .mediaConnected:
            command(.setSending(true))
            call?.uplink.cameraHeight = -1
            command(.requestKeyframe(layer: nil))
        case .mediaEnded:
            command(.setSending(false))
            call?.uplink.cameraHeight = 0
        case .joined:
            standby.plan.admitted(meeting)
            greet()
        case .moved:
            call?.subject = ""
            call?.view.enterAnotherRoom()
        case .reached, .lineInterrupted, .lineRestored, .passwordRequired, .waitingForHost, .inLobby,
            .microphoneMutedByModerator, .cameraMutedByModerator:
            break
        case .refused, .lost, .kicked, .roomClosed, .left: closeCall()
        }
        mark(.all)
        handle(.conference(attempt: attempt, fact))
    }

    // MARK: People

    private mutating func peopleChanged() {
        let people = participants
        // While the room is being entered, who is in it comes one by one; nobody of them joins.
        let dominant = call?.conference.dominantSpeaker
        let entered = isInRoom ? people : nil
        call?.view.update(people: entered, dominant: dominant, language: settings.language, at: now)
        if let sound = sounds.peopleChanged(people.map(\.id), at: now) { command(.play(sound)) }
        mark([.scene, .status, .camera])
    }

    /// The others of the call, in the order in which they came.
    package var participants: [ParticipantInfo] { call?.conference.participants ?? [] }

    var isInRoom: Bool {
        if case .inCall = room.phase { true } else { false }
    }

    /// A translation is shown to those only whose language it is in.
    private mutating func show(_ caption: Caption) {
        guard settings.showsCaptions, !caption.isTranslation || caption.language == settings.language.rawValue else {
            return
        }
        call?.view.show(caption, at: now)
        mark([.scene, .status])
    }

    /// Says where we are after the meeting sent us there.
    private mutating func greet() {
        guard case .joining(let attempt, _) = room.phase, let name = attempt.destination, !name.isEmpty else { return }
        call?.view.say(.enteredRoom, name: name, language: settings.language, at: now)
    }

    // MARK: Pictures

    private mutating func updatePictures() {
        let sources = Set(call?.conference.videoSources.map(\.ssrc) ?? [])
        let before = call?.pictures ?? [:]
        for ssrc in before.keys.sorted() where !sources.contains(ssrc) {
            call?.pictures[ssrc] = nil
            command(.removePicture(ssrc: ssrc))
        }
        for ssrc in sources.sorted() where before[ssrc] == nil {
            let revision = (call?.picturesAdded ?? 0) + 1
            call?.picturesAdded = revision
            call?.pictures[ssrc] = revision
            command(.addPicture(ssrc: ssrc))
        }
        mark([.scene, .status])
    }

    private mutating func decode(_ ssrc: UInt32, _ codec: VideoCodec, _ bytes: [UInt8], isKeyframe: Bool) {
        history.times.reach(.firstFrame, at: now)
        command(.decode(ssrc: ssrc, codec: codec, bytes: bytes, isKeyframe: isKeyframe, instant: now))
    }
}
