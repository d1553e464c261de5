internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import LinuxHost
internal import Logging
internal import MediaEngine
internal import MediaSession
internal import NIOCore
internal import NetworkIO
internal import RTP
internal import Room
internal import Scene

/// Carries out what a conference wants: requests, sockets, datagrams, and what its events mean for the media threads.
extension CallActor {
    /// Does all that the conference asks, until it asks nothing more, then arms its timer.
    func drainConference() {
        guard !isDraining else { return }
        isDraining = true
        var ended: (Int, ConferenceFact)?
        while let output = conference?.poll() {
            if case .event(.fact(let fact)) = output, fact.endsAttempt {
                ended = (attempt, fact)
            } else {
                carryOut(output, of: conferenceNumber)
            }
        }
        sendDatagrams()
        conferenceTimer?.arm(conference?.soonest.instant)
        isDraining = false
        if let (number, fact) = ended {
            closeConference()
            handle(.conference(attempt: number, fact))
        }
    }

    /// - Parameter number: the conference that asks.
    func carryOut(_ output: ConferenceOutput, of number: Int) {
        switch output {
        case .get(let token, let url): request(token, .get, url: url, headers: [], body: [], for: number)
        case .post(let token, let url, let contentType, let body, let bearer):
            var headers = [HTTPField("Content-Type", contentType)]
            if let bearer { headers.append(HTTPField("Authorization", "Bearer \(bearer.revealed)")) }
            request(
                token, .post, url: url.revealed, headers: headers, body: Array(body.revealed.utf8), for: number)
        case .abandonRequests: network.abandonConnections()
        case .openWebSocket(let token, let url, let subprotocol, let origin):
            openWebSocket(token, url: url.revealed, subprotocol: subprotocol, origin: origin, for: number)
        case .sendText(let token, let text): webSockets[token]?.send(text.revealed)
        case .closeWebSocket(let token): webSockets.removeValue(forKey: token)?.close()
        case .openMediaSockets: openMediaSockets()
        case .closeMediaSockets: closeMediaSockets()
        case .openRelay(let number, let service): openRelay(number, service)
        case .closeRelays: closeRelays()
        case .resolve(let host, let port): resolve(host, port: port, for: number)
        case .event(let event): handle(event)
        }
    }

    // MARK: Network

    private func request(
        _ token: RequestToken, _ method: HTTPRequestMethod, url: String, headers: [HTTPField], body: [UInt8],
        for number: Int
    ) {
        // BOSH holds a request for up to a minute (XEP-0124, wait); all others answer at once or not at all.
        let timeout: TimeAmount
        if case .bosh = token { timeout = .seconds(75) } else { timeout = .seconds(10) }
        // 4 MiB: what one BOSH answer may carry in a large room.
        network.request(
            method: method, url: url, headers: headers, body: body, timeout: timeout, maximumBody: 4 << 20
        ) { [weak self] result in
            self?.withConference(of: number) { conference, now in
                switch result {
                case .success(let response):
                    conference.received(token, status: response.status, body: response.body, at: now)
                case .failure(let error): conference.requestFailed(token, NetworkTrouble(error), at: now)
                }
            }
        }
    }

    private func openWebSocket(_ token: SocketToken, url: String, subprotocol: String?, origin: String, for number: Int)
    {
        webSockets[token] = network.connectWebSocket(
            url: url, subprotocol: subprotocol, origin: origin, timeout: .seconds(10),
            onOpen: { [weak self] in
                self?.withConference(of: number) { $0.webSocketOpened(token, at: $1) }
            },
            onText: { [weak self] text in
                self?.withConference(of: number) { $0.webSocketReceived(token, text: text, at: $1) }
            },
            onClose: { [weak self] end in
                self?.assumeIsolated { if $0.serves(number) { $0.webSockets[token] = nil } }
                self?.withConference(of: number) { conference, now in
                    switch end {
                    case .failed(let error):
                        conference.webSocketClosed(token, code: nil, NetworkTrouble(error), at: now)
                    case .closed(let code, _):
                        conference.webSocketClosed(token, code: Int(code), nil, at: now)
                    }
                }
            })
    }

    /// Whether the conference of that number is still there, in a call or standing by.
    private func serves(_ number: Int) -> Bool {
        (conference != nil && conferenceNumber == number) || standby?.number == number
    }

    /// Hands something to the conference of that number, if it is still there; called on the loop.
    nonisolated func withConference(
        of number: Int, _ deliver: @Sendable (inout Conference, MonotonicInstant) -> Void
    ) {
        assumeIsolated { actor in
            if actor.standby?.number == number, var standby = actor.standby.take() {
                deliver(&standby.conference, actor.clock.now)
                actor.standby = consume standby
                return actor.drainStandby()
            }
            guard actor.conferenceNumber == number, var conference = actor.conference.take() else { return }
            deliver(&conference, actor.clock.now)
            actor.conference = consume conference
            actor.drainConference()
        }
    }

    private func resolve(_ host: String, port: UInt16, for number: Int) {
        network.resolve(host: host) { [weak self] result in
            guard case .success(let addresses) = result else { return }
            self?.withConference(of: number) {
                $0.resolved(addresses.map { TransportAddress($0, port: port) }, at: $1)
            }
        }
    }

    // MARK: Datagrams

    nonisolated func receive(
        _ bytes: Span<UInt8>, from remote: TransportAddress, on address: IPAddress, generation: Int
    ) {
        var copy = assumeIsolated { actor -> [UInt8] in
            var buffer: [UInt8] = []
            swap(&buffer, &actor.datagram)
            return buffer
        }
        copy.removeAll(keepingCapacity: true)
        copy.append(copying: bytes)
        let filled = copy
        copy = []
        assumeIsolated { actor in
            actor.datagram = filled
            actor.receiveDatagram(from: remote, on: address, generation: generation)
        }
    }

    private func receiveDatagram(from remote: TransportAddress, on address: IPAddress, generation: Int) {
        guard generation == socketGeneration,
            let local = udpSockets.first(where: { $0.localAddress.address == address })?.localAddress
        else { return }
        takeDatagram(from: remote, local: local)
    }

    /// The datagram in `datagram` arrived by itself.
    func receiveDatagram(from remote: TransportAddress, local: TransportAddress) {
        takeDatagram(from: remote, local: local)
        drainConference()
    }

    /// The datagram in `datagram` goes to the conference; what follows from it is `drainConference`'s.
    private func takeDatagram(from remote: TransportAddress, local: TransportAddress) {
        guard conference != nil else { return }
        let now = clock.now
        var bytes: [UInt8] = []
        swap(&bytes, &datagram)
        let path = DatagramPath(local: local, remote: remote)
        let received = conference?.receive(&bytes, on: path, at: now) ?? .consumed
        switch received {
        case .audio(let ssrc, let sequenceNumber, let timestamp, let payload, _):
            media.audio.incoming.push(
                bytes.span, range: payload,
                header: IncomingAudio(
                    ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp, arrival: now))
        case .redundantAudio(let ssrc, let sequenceNumber, let timestamp, let payload, _):
            media.audio.incoming.push(
                bytes.span, range: payload,
                header: IncomingAudio(
                    ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp, arrival: now, isRedundant: true))
        case .consumed: break
        }
        swap(&bytes, &datagram)
    }

    private func sendDatagrams() {
        var bytes: [UInt8] = []
        swap(&bytes, &mediaPacket)
        var last: UDPSocket?
        while let path = conference?.pollDatagram(into: &bytes) {
            if let socket = udpSocketsByAddress[path.local] {
                if let last, last !== socket { last.flush() }
                last = socket
                socket.enqueue(bytes.span, to: path.remote)
            } else {
                relaysByAddress[path.local]?.send(bytes, to: path.remote)
            }
        }
        last?.flush()
        swap(&bytes, &mediaPacket)
    }

    /// Sends what the audio and camera threads have ready, and asks for the key frames that the decoders miss.
    func sendMedia() {
        let now = clock.now
        var bytes: [UInt8] = []
        swap(&bytes, &mediaPacket)
        while let header = media.audio.outgoing.pop(into: &bytes) {
            conference?.sendAudio(
                bytes.span, timestamp: header.timestamp, level: header.level, marker: header.marker, at: now)
        }
        sendPictures(at: now, &bytes)
        swap(&bytes, &mediaPacket)
        for ssrc in media.decode.takeKeyframeRequests() { conference?.requestKeyframe(ssrc: ssrc, at: now) }
        guard conference != nil else { return }
        drainConference()
    }

    // MARK: Events

    private func handle(_ event: ConferenceEvent) {
        let now = clock.now
        switch event {
        case .fact(let fact):
            switch fact {
            case .mediaConnected:
                media.audio.setSending(true)
                cameraHeightWanted = -1
                updateCameraLimits()
                media.camera.requestKeyframe()
            case .joined:
                standbyPlan.admitted(lastMeeting)
                greet(at: now)
            case .moved:
                subject = ""
                callView.enterAnotherRoom()
            case .mediaEnded:
                media.audio.setSending(false)
                cameraHeightWanted = 0
                updateCameraLimits()
            default: break
            }
            handle(.conference(attempt: attempt, fact))
        case .milestone(let milestone):
            joinTimes.reach(milestone, at: now)
            ladderReached(milestone)
            log.debug("milestone", metadata: ["step": "\(milestone.rawValue)"])
        case .peopleChanged:
            // While the room is being entered, who is in it comes one by one; nobody of them joins.
            let people = isInRoom ? conference?.participants : nil
            callView.update(
                people: people, dominant: conference?.dominantSpeaker, language: settings.language, at: now)
            if let sound = sounds.peopleChanged((conference?.participants ?? []).map(\.id), at: now) {
                media.play(sound)
            }
            updateCameraLimits()
            refresh()
        case .subject(let text):
            subject = text
            refresh()
        case .chat(let name, let text):
            guard !name.isEmpty else { return }
            let time = wallClock.hourAndMinute.map { CivilTime(hour: $0.hour, minute: $0.minute) }
            callView.receive(ChatMessage(sender: name, text: text, time: time), at: now)
            refresh()
        case .audioSourceRemoved(let ssrc): media.audio.removeSource(ssrc)
        case .videoSourcesChanged:
            updateVideoSources()
            refresh()
        case .videoFrame(let ssrc, let codec, let bytes, _, let isKeyframe):
            joinTimes.reach(.firstFrame, at: now)
            media.decode.decode(
                source: ssrc, frame: bytes.span, codec: codec, isKeyframe: isKeyframe, instant: now)
            conference?.reuse(bytes, of: ssrc)
        case .keyframeWanted(let layer): media.camera.requestKeyframe(layer: layer)
        case .cameraHeightWanted(let height):
            cameraHeightWanted = height ?? -1
            updateCameraLimits()
        case .uplinkLimit(let bitsPerSecond): uplinkEstimate = bitsPerSecond
        case .bandwidth(let bitsPerSecond):
            bandwidth = bitsPerSecond
            updateCameraLimits()
        case .meetingFacts(let facts): learn(facts, at: now)
        case .recordingFailed(let isStream):
            callView.say(isStream ? .liveStreamFailed : .recordingFailed, language: settings.language, at: now)
            refresh()
        case .caption(let caption): show(caption, at: now)
        case .farewell(let by, let reason): farewell = Farewell(by: by, reason: reason)
        case .diagnostic(let diagnostic):
            log.log(
                level: Logger.Level(diagnostic.level), "\(diagnostic.code)",
                metadata: ["detail": "\(diagnostic.detail)"])
        }
    }
}

extension NetworkTrouble {
    fileprivate init(_ error: NetworkError) {
        switch error {
        case .nameResolution: self = .nameNotFound
        case .connect, .timeout, .connectionLost, .overloaded: self = .unreachable
        case .tls(_, .certificate, _): self = .certificate
        case .tls(_, .hungUp, _): self = .unreachable
        case .tls(_, .other, _): self = .broken
        case .proxy(_, 407, _): self = .proxyAccount
        case .proxy(_, let status?, _) where status < 500: self = .proxyRefused
        case .proxy: self = .unreachable
        case .httpStatus(let status, _): self = .status(status)
        case .configuration, .invalidURL, .tooLarge, .tooManyRedirects, .protocolViolation, .closed: self = .broken
        }
    }
}

extension Logger.Level {
    init(_ level: Diagnostic.Level) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}
