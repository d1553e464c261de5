internal import Basis
internal import Conference
internal import Jitsi
internal import Practice
internal import RTP
internal import Room

/// The box: what the appliance makes of the room's effects and the conference's outputs.
extension World {
    // MARK: The room

    func handle(_ event: RoomEvent) {
        let before = room.phase
        let effects = room.handle(event, at: now)
        if room.phase != before { record(.phase(room.phase)) }
        if let sound = sounds.roomChanged(to: room, at: now) { record(.sound(sound)) }
        for effect in effects { perform(effect) }
        updateReceiverConstraints()
    }

    private func perform(_ effect: RoomEffect) {
        switch effect {
        case .openConference(let number, _): openConference(number)
        case .closeConference(let number):
            guard number == attempt, conference != nil else { return }
            conference?.leave(at: now)
            drainConference()
        case .setMicrophone, .setCamera, .setHand:
            guard conference != nil else { return }
            conference?.setLocalMedia(localMedia, at: now)
            drainConference()
        // A world without a TV, whose box nobody starts anew.
        case .wakeDisplay, .restDisplay, .restart: break
        }
    }

    private var localMedia: LocalMedia {
        LocalMedia(
            audioMuted: room.microphoneMuted, videoMuted: !room.cameraOn,
            raisedHand: room.handRaised ? 1 + now.nanoseconds / 1_000_000 : nil)
    }

    private func openConference(_ number: Int) {
        attempt = number
        if isStandingBy {
            isStandingBy = false
        } else {
            closeConference()
            conferenceNumber += 1
            conference = makeConference()
        }
        ladder = ReceptionLadder()
        packetLoss = PacketLoss()
        frozenShare = FrozenShare()
        speechRepetition = SpeechRepetition()
        second = now + .seconds(1)
        conference?.start(media: localMedia, ntpOffset: .seconds(3_900_000_000), at: now)
        drainConference()
    }

    func makeConference() -> Conference {
        let url: RoomURL
        do throws(RoomURLError) {
            url = try RoomURL(practice.roomURL)
        } catch {
            preconditionFailure("the practice room's address is one: \(error)")
        }
        return Conference(
            configuration: ConferenceConfiguration(
                roomURL: url, overrides: ServerOverrides(), displayName: options.displayName, language: "fr",
                machineUID: "0123456789abcdef0123456789abcdef",
                roomPassword: options.roomPassword.map { Redacted($0) }, account: nil, certificate: certificate,
                ntpOffset: .seconds(3_900_000_000), media: localMedia,
                sendsSimulcast: options.sendsSimulcast, videoCodec: options.videoCodec), random: random.fork())
    }

    /// Drops the attempt and everything that it holds.
    private func closeConference() {
        guard conference != nil else { return }
        conference = nil
        conferenceAlarm = nil
        second = nil
        devices.stop()
        for id in sockets.keys.sorted() { closeByBox(id) }
        closeMediaSockets()
        pictures = [:]
        heard = [:]
        meetingFacts = MeetingFacts()
    }

    // MARK: The conference

    /// Does all that the conference asks, until it asks nothing more.
    func drainConference() {
        guard !isDraining else { return }
        isDraining = true
        var ended: ConferenceFact?
        while let output = conference?.poll() {
            traffic.outputs += 1
            if case .event(.fact(let fact)) = output, fact.endsAttempt {
                record(.fact(fact))
                ended = fact
            } else {
                carryOut(output)
            }
        }
        while let path = conference?.pollDatagram(into: &datagram) { sendFromBox(datagram, on: path) }
        conferenceAlarm = conference?.soonest.instant
        isDraining = false
        if let ended {
            let number = attempt
            let wasStandingBy = isStandingBy
            isStandingBy = false
            closeConference()
            guard !wasStandingBy else { return }
            handle(.conference(attempt: number, ended))
        }
    }

    private func carryOut(_ output: ConferenceOutput) {
        switch output {
        case .get(let token, let url):
            record(.get(url: url))
            request(token, url: url)
        case .post(let token, let url, _, _, _):
            record(.post(url: url.revealed))
            request(token, url: url.revealed)
        case .openWebSocket(let token, let url, _, _):
            record(.openedSocket(token.role, url: url.revealed))
            connect(token, url: url.revealed)
        case .sendText(let token, let text):
            record(.sent(token.role, text.revealed))
            sendFromBox(text.revealed, on: token)
        case .closeWebSocket(let token):
            record(.closedSocket(token.role))
            if let id = socket(of: token) { closeByBox(id) }
        case .openMediaSockets:
            closeMediaSockets()
            hasMediaSockets = true
            queue.push(.mediaSocketsOpened(generation: socketGeneration), at: now)
        case .closeMediaSockets: closeMediaSockets()
        // The practice conference names no STUN server and speaks no BOSH.
        case .abandonRequests, .resolve, .openRelay, .closeRelays: break
        case .event(let event): handle(event)
        }
    }

    private func closeMediaSockets() {
        socketGeneration += 1
        hasMediaSockets = false
    }

    private func handle(_ event: ConferenceEvent) {
        switch event {
        case .fact(let fact):
            record(.fact(fact))
            switch fact {
            case .mediaConnected:
                devices.start(at: now, options)
            case .mediaEnded: devices.stop()
            default: break
            }
            guard !isStandingBy else { return }
            handle(.conference(attempt: attempt, fact))
        case .milestone(let milestone): record(.milestone(milestone))
        case .diagnostic(let diagnostic): record(.diagnostic(diagnostic))
        case .chat(let name, let text): record(.chat(name: name, text: text))
        case .peopleChanged:
            if let sound = sounds.peopleChanged(participants.map(\.id), at: now) { record(.sound(sound)) }
            updateReceiverConstraints()
        case .videoSourcesChanged: updateReceiverConstraints()
        case .videoFrame(let ssrc, let codec, _, _, let isKeyframe):
            if pictures[ssrc] == nil, isKeyframe { record(.firstPicture(ssrc: ssrc)) }
            pictures[ssrc, default: WorldPictures()].frames += 1
            if isKeyframe { pictures[ssrc]?.keyframes += 1 }
            pictures[ssrc]?.last = now
            pictures[ssrc]?.codec = codec
        case .audioSourceRemoved(let ssrc): heard[ssrc] = nil
        case .keyframeWanted(let layer): devices.requestKeyframe(layer: layer)
        case .cameraHeightWanted(let height): devices.wantedHeight = height
        case .bandwidth(let bitsPerSecond): bandwidth = bitsPerSecond
        case .meetingFacts(let facts):
            meetingFacts = facts
            record(.facts(facts))
        case .recordingFailed: break
        case .caption(let caption): record(.caption(caption))
        case .farewell(let by, let reason): record(.farewell(by: by, reason: reason))
        case .subject, .uplinkLimit: break
        }
    }

    /// A screen on which all pictures are alike, or one alone.
    private func updateReceiverConstraints() {
        guard conference != nil else { return }
        let sources = room.audioOnly ? [] : conference?.videoSources ?? []
        let height = sources.count <= 1 ? 1_080 : sources.count <= 4 ? 480 : 200
        let pictures = sources.map { DrawnPicture(name: $0.name, height: height, isLarge: sources.count == 1) }
        conference?.setReceiverConstraints(VideoDemand.constraints(for: pictures, level: ladder.level), at: now)
        drainConference()
    }

    /// Once a second: how well pictures come.
    func noteSecond() {
        second = second.map { $0 + .seconds(1) }
        guard let statistics = conference?.statistics() else { return }
        _ = speechRepetition.note(statistics.outbound, bandwidth: bandwidth)
        conference?.repeatsSpeech = speechRepetition.isOn
        let frozen = frozenShare.note(statistics.inbound, at: now)
        guard let loss = packetLoss.note(statistics.inbound) else { return }
        ladder.note(loss: loss, frozen: frozen, bandwidth: conference?.downlinkBandwidth, at: now)
        updateReceiverConstraints()
    }

    // MARK: Microphone and camera

    /// The devices do not know what is muted: what leaves is the conference's to decide.
    func runDevices() {
        if let timestamp = devices.takeSound(at: now) {
            let packet = BoxDevices.sound
            conference?.sendAudio(packet.span, timestamp: timestamp, level: 30, marker: false, at: now)
        }
        devices.choose(conference?.sendingCodec ?? .vp8, layers: conference?.sendsSimulcast == true ? 3 : 1)
        if let (timestamp, pictures) = devices.takePicture(at: now) {
            for picture in pictures {
                let frame = devices.bytes(of: picture)
                conference?.sendVideo(
                    frame.span, codec: devices.codec, layer: picture.layer, timestamp: timestamp,
                    isKeyframe: picture.isKeyframe, at: now)
            }
        }
        drainConference()
    }
}
