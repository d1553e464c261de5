package import Basis
internal import ICE
internal import MediaSession
internal import RTP

/// The videobridge: datagrams in, and who gets whose media.
extension PracticeConference {
    package mutating func receive(
        _ datagram: inout [UInt8], from remote: TransportAddress, at now: MonotonicInstant
    ) {
        guard let client = sender(of: datagram.span, at: remote), let endpoint = client.endpoint else { return }
        let path = DatagramPath(local: mediaAddress, remote: remote)
        if let sound = endpoint.receive(&datagram, on: path, at: now) {
            forward(sound, in: datagram.span, from: client, at: now)
        }
        drain(client, at: now)
    }

    /// Binding requests tell the endpoint by its ufrag (RFC 8445 section 7.3), all else by where it comes from.
    private func sender(of datagram: Span<UInt8>, at remote: TransportAddress) -> PracticeClient? {
        if let first = datagram.uint8(at: 0), first <= 3, let message = STUNMessage.parse(datagram),
            message.messageClass == .request, let username = message.username
        {
            let ufrag = username.prefix { $0 != ":" }
            guard let client = clients.first(where: { $0.endpoint?.credentials.ufrag == String(ufrag) }),
                let endpoint = client.endpoint
            else { return nil }
            let key = Redacted(Array(endpoint.credentials.password.revealed.utf8))
            if message.isAuthentic(key: key) {
                endpoint.learn(remote)
                // Whoever was there before is not there any more.
                for other in clients where other !== client { other.endpoint?.forget(remote) }
            }
            return client
        }
        return clients.first { $0.endpoint?.knows(remote) == true }
    }

    /// Does what an endpoint's machines want done.
    mutating func drain(_ client: PracticeClient, at now: MonotonicInstant) {
        guard let endpoint = client.endpoint else { return }
        while let event = endpoint.pollEvent() {
            switch event {
            case .secured:
                synchronizeLanes(client, at: now)
                updateForwarding(client, at: now)
                beginFilm(at: now)
            case .channelOpen:
                endpoint.channel = .sctp
                channelOpened(client, at: now)
            case .channelMessage(let text): channelReceived(text, from: client, at: now)
            case .channelClosed:
                if endpoint.channel == .sctp { endpoint.channel = .none }
            case .failed(let failure): endpoint.failure = failure
            case .localCandidate, .gatheringFinished, .selected, .interrupted, .restored, .closedByPeer: break
            }
        }
        while let frame = endpoint.pollFrame() {
            for other in clients where other !== client {
                guard let lanes = other.endpoint?.lanes.indices else { continue }
                for index in lanes where other.endpoint?.lanes[index].hasLayer(frame.ssrc) == true {
                    let wanted = other.endpoint?.lanes[index].forwardVideo(
                        frame.bytes.span, codec: frame.codec, ssrc: frame.ssrc, timestamp: frame.timestamp,
                        isKeyframe: frame.isKeyframe,
                        at: now)
                    if let ssrc = wanted ?? nil { endpoint.requestKeyframe(ssrc: ssrc, at: now) }
                }
            }
        }
        for index in endpoint.lanes.indices where endpoint.lanes[index].drainKeyframeRequests() {
            requestKeyframe(of: endpoint.lanes[index], at: now)
        }
    }

    private func forward(
        _ sound: BridgeEndpoint.Sound, in packet: Span<UInt8>, from client: PracticeClient, at now: MonotonicInstant
    ) {
        for other in clients where other !== client {
            guard let endpoint = other.endpoint, endpoint.isSecured else { continue }
            for index in endpoint.lanes.indices where endpoint.lanes[index].owner == client.nick {
                endpoint.lanes[index].rtp.sendAudio(
                    packet.extracting(sound.payload), timestamp: sound.timestamp, level: sound.level,
                    marker: sound.marker, at: now)
            }
        }
    }

    // MARK: Who gets what

    /// One lane for each other participant with sources.
    mutating func synchronizeLanes(_ client: PracticeClient, at now: MonotonicInstant) {
        guard let endpoint = client.endpoint, endpoint.isSecured else { return }
        let wanted = sources(besides: client)
        endpoint.lanes.removeAll { lane in
            !wanted.contains { $0.owner == lane.owner && lane.carries($0.set) }
        }
        for (owner, set) in wanted where !endpoint.lanes.contains(where: { $0.owner == owner }) {
            endpoint.lanes.append(BridgeLane(owner: owner, set: set, random: random.fork(), at: now))
        }
    }

    /// Applies the client's constraints.
    mutating func updateForwarding(_ client: PracticeClient, at now: MonotonicInstant) {
        guard let endpoint = client.endpoint, endpoint.isSecured else { return }
        let muted = Set(partners.filter(\.settings.videoMuted).map(\.videoName))
        let available = endpoint.lanes.compactMap(\.videoName).filter { !muted.contains($0) }
        let forwarded = endpoint.constraints.forwarded(of: available)
        for index in endpoint.lanes.indices {
            let name = endpoint.lanes[index].videoName
            let isForwarded = name.map(forwarded.contains) ?? false
            let height = name.map { endpoint.constraints.height(of: $0) } ?? 0
            if endpoint.lanes[index].setForwarding(isForwarded, height: height) {
                requestKeyframe(of: endpoint.lanes[index], at: now)
            }
        }
        for other in clients where other !== client { tellSenderConstraints(other, at: now) }
        guard forwarded != endpoint.forwardedSources else { return }
        endpoint.forwardedSources = forwarded
        sendForwardedSources(client, at: now)
    }

    private func requestKeyframe(of lane: BridgeLane, at now: MonotonicInstant) {
        if let partner = partners.first(where: { $0.id == lane.owner }) {
            partner.wantsKeyframe = true
        } else if let ssrc = lane.requestedSSRC {
            client(lane.owner)?.endpoint?.requestKeyframe(ssrc: ssrc, at: now)
        }
    }
}
