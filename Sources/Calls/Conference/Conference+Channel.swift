package import Basis
package import Jitsi
internal import MediaSession
internal import RTP

/// The bridge channel: the same messages over a data channel or a WebSocket, whichever is offered.
extension Conference {
    /// What the screen shows of the others; sent when it changes, at a bounded pace, and whenever the channel opens.
    package mutating func setReceiverConstraints(_ constraints: ReceiverVideoConstraints, at now: MonotonicInstant) {
        channel.constraints = constraints
        tellConstraints(at: now)
    }

    private mutating func tellConstraints(at now: MonotonicInstant) {
        guard channel.isOpen, channel.toldConstraints != channel.constraints, channel.pace.take(at: now) else { return }
        channel.toldConstraints = channel.constraints
        send(.receiverVideoConstraints(channel.constraints), at: now)
    }

    /// Whether that source's frames come, or may come as far as the bridge has said; `videoSourcesChanged` tells when it
    /// changes.
    package func isForwarded(_ source: RemoteSource) -> Bool {
        forwarding.isForwarded(source)
    }

    mutating func openChannel(for offer: MediaOffer, at now: MonotonicInstant) {
        channel.socketURLs = offer.webSocketURLs
        channel.hasSCTP = offer.sctpPort != nil
        channel.failures = 0
        if channel.hasSCTP {
            // The limit proper runs from DTLS; ICE may take its 30 s before.
            channel.state = .openingSCTP(until: now + .seconds(45))
        } else {
            openChannelSocket(at: now)
        }
    }

    /// Whether nothing that the bridge is to be asked reaches it at present, so that pictures may be missing.
    package func isChannelMissing(at now: MonotonicInstant) -> Bool { channel.isMissing(at: now) }

    /// DTLS is up: from now on the data channel has to open soon.
    mutating func channelMayOpen(at now: MonotonicInstant) {
        if case .openingSCTP = channel.state {
            channel.state = .openingSCTP(until: now + BridgeChannel.openLimit)
        }
    }

    mutating func closeChannel() {
        switch channel.state {
        case .openingSocket(let token, _), .openSocket(let token): outputs.append(.closeWebSocket(token))
        case .closed, .openingSCTP, .openSCTP, .waiting: break
        }
        channel.state = .closed
        channel.openedAt = nil
        channel.nextStats = nil
        channel.bridgeVersion = nil
        channel.qualities = [:]
        channel.losses = [:]
        forwarding = VideoForwarding()
        downlinkBandwidth = nil
    }

    private mutating func openChannelSocket(at now: MonotonicInstant) {
        guard !channel.socketURLs.isEmpty else {
            channel.state = .closed
            diagnose(.error, "no-bridge-channel", "the server offers neither SCTP nor a WebSocket")
            return
        }
        let url = channel.socketURLs[channel.failures % channel.socketURLs.count]
        socketsGiven += 1
        let token = SocketToken(role: .bridgeChannel, number: socketsGiven)
        channel.state = .openingSocket(token, until: now + BridgeChannel.openLimit)
        outputs.append(.openWebSocket(token, url: url, subprotocol: nil, origin: configuration.roomURL.origin))
    }

    mutating func sctpOpened(at now: MonotonicInstant) {
        switch channel.state {
        case .openSCTP, .openSocket: return
        case .openingSocket(let token, _): outputs.append(.closeWebSocket(token))
        case .closed, .openingSCTP, .waiting: break
        }
        channel.state = .openSCTP
        channelReady(at: now)
    }

    mutating func sctpClosed(at now: MonotonicInstant) {
        switch channel.state {
        case .openingSCTP, .openSCTP: associationFailed("closed", at: now)
        case .closed, .openingSocket, .openSocket, .waiting: break
        }
    }

    /// The association could not be made in time, or was lost: another way or a fresh one follows, and at last another
    /// session, which brings a new transport.
    private mutating func associationFailed(_ reason: String, at now: MonotonicInstant) {
        channelFailed(at: now)
        diagnose(.warning, "data-channel-failed", "\(reason), failure \(channel.failures)")
        guard channel.socketURLs.isEmpty, channel.failures >= BridgeChannel.maximumAssociations,
            channel.renewals < BridgeChannel.maximumRenewals
        else { return openNextChannel(after: channel.failures == 1 ? .zero : channel.pause, at: now) }
        channel.renewals += 1
        channel.state = .closed
        renewSession("the data channel does not open", at: now)
    }

    private mutating func channelFailed(at now: MonotonicInstant) {
        channel.failures += 1
        channel.openedAt = nil
        channel.nextStats = nil
        if channel.missingSince == nil { channel.missingSince = now }
    }

    private mutating func openNextChannel(after pause: Duration, at now: MonotonicInstant) {
        guard pause == .zero else {
            channel.state = .waiting(until: now + pause)
            return
        }
        guard channel.triesSCTPNext else { return openChannelSocket(at: now) }
        channel.state = .openingSCTP(until: now + BridgeChannel.openLimit)
        mediaSession?.reopenChannel(at: now)
        drainMedia(at: now)
    }

    mutating func channelOpened(at now: MonotonicInstant) {
        guard case .openingSocket(let token, _) = channel.state else { return }
        channel.state = .openSocket(token)
        channelReady(at: now)
    }

    mutating func channelSocketClosed(code: Int?, _ trouble: NetworkTrouble?, at now: MonotonicInstant) {
        // 1000 means replaced, 1001 that the endpoint expired, 403 that the session moved: a new offer follows, the old
        // address is dead.
        if code == 1000 || code == 1001 || trouble == .status(403) {
            channel.state = .closed
            return
        }
        channelFailed(at: now)
        openNextChannel(after: channel.pause, at: now)
    }

    /// After a silence of some seconds: a socket that was open may be dead without knowing, and one that broke need not wait.
    mutating func reopenChannelSocket(at now: MonotonicInstant) {
        switch channel.state {
        case .openSocket(let token):
            outputs.append(.closeWebSocket(token))
            openChannelSocket(at: now)
        case .openingSocket(let token, _):
            outputs.append(.closeWebSocket(token))
            openChannelSocket(at: now)
        case .waiting: channel.state = .waiting(until: now)
        case .closed, .openingSCTP, .openSCTP: break
        }
    }

    private mutating func channelReady(at now: MonotonicInstant) {
        reach(.channelOpen)
        if channel.missingSince != nil { diagnose(.notice, "bridge-channel-restored") }
        channel.missingSince = nil
        channel.renewals = 0
        channel.openedAt = now
        // The bridge says who it is where it is greeted; over SCTP only then.
        send(.clientHello, at: now)
        channel.nextStats = now + BridgeChannel.statsPeriod
        channel.toldConstraints = nil
        channel.pace = MessagePace()
        tellConstraints(at: now)
        announceCamera(at: now)
    }

    /// Tells the bridge whether our camera sends.
    mutating func announceCamera(at now: MonotonicInstant) {
        guard let room else { return }
        let isMuted = localMedia.videoMuted || room.effectiveMedia.videoMuted
        send(.sourceVideoType(sourceName: room.occupantID + "-v0", isMuted ? .none : .camera), at: now)
    }

    mutating func advanceChannel(to now: MonotonicInstant) {
        guard let deadline = channel.deadline, deadline <= now else { return }
        switch channel.state {
        case .openingSCTP:
            // While nothing comes from the bridge at all, there is nothing to be said of the association.
            if line.silentSince != nil {
                channel.state = .openingSCTP(until: now + BridgeChannel.openLimit)
            } else {
                associationFailed("silent", at: now)
            }
        case .openingSocket(let token, _):
            outputs.append(.closeWebSocket(token))
            channelSocketClosed(code: nil, nil, at: now)
        case .waiting: openNextChannel(after: .zero, at: now)
        case .openSCTP, .openSocket:
            channel.settle(at: now)
            tellConstraints(at: now)
            guard let due = channel.nextStats, due <= now else { return }
            channel.nextStats = now + BridgeChannel.statsPeriod
            sendStats(at: now)
        case .closed: break
        }
    }

    mutating func send(_ command: BridgeCommand, at now: MonotonicInstant) {
        switch channel.state {
        case .openSCTP:
            if mediaSession?.send(text: command.text, at: now) != true { diagnose(.warning, "channel-send-failed") }
        case .openSocket(let token): outputs.append(.sendText(token, Redacted(command.text)))
        case .closed, .openingSCTP, .openingSocket, .waiting: break
        }
    }

    private mutating func sendStats(at now: MonotonicInstant) {
        guard let statistics = mediaSession?.statistics() else { return }
        func rate(_ kind: RTP.MediaKind, outbound: Bool) -> Int {
            let rates =
                outbound
                ? statistics.outbound.filter { $0.kind == kind }.map(\.bitsPerSecond)
                : statistics.inbound.filter { $0.kind == kind }.map(\.bitsPerSecond)
            return rates.reduce(0, +) / 1_000
        }
        let uploadLoss = statistics.outbound.compactMap(\.remoteFractionLost).max() ?? 0
        let downloadLoss = statistics.inbound.map(\.fractionLost).max() ?? 0
        send(
            .endpointStats(
                EndpointStats(
                    audioUpload: rate(.audio, outbound: true), audioDownload: rate(.audio, outbound: false),
                    videoUpload: rate(.video, outbound: true), videoDownload: rate(.video, outbound: false),
                    uploadLoss: Int(uploadLoss * 100), downloadLoss: Int(downloadLoss * 100),
                    connectionQuality: Self.quality(uploadLoss: uploadLoss),
                    bridgeRoundTrip: roundTrip.map { Int($0.wholeMilliseconds) },
                    maximumResolution: cameraHeightWanted ?? 720)), at: now)
    }

    /// The steps that browsers use (lib-jitsi-meet, ConnectionQuality).
    static func quality(uploadLoss: Double) -> Int {
        switch uploadLoss * 100 {
        case ...2: 100
        case ...4: 70
        case ...6: 50
        case ...8: 30
        case ...12: 10
        default: 0
        }
    }

    mutating func channelReceived(_ text: String, at now: MonotonicInstant) {
        guard let message = BridgeMessage.parse(text) else { return }
        switch message {
        case .dominantSpeaker(let endpoint, _, _):
            dominantSpeaker = endpoint
            outputs.append(.event(.peopleChanged))
        case .senderConstraints(let sourceName, let height):
            guard sourceName == nil || sourceName == endpointID + "-v0" else { return }
            cameraHeightWanted = height < 0 ? nil : height
            outputs.append(.event(.cameraHeightWanted(cameraHeightWanted)))
        case .endpointMessage(let from, _, let payload):
            if let id = BridgeMessage.pingRequest(in: payload) {
                send(.pingResponse(to: from, id: id), at: now)
            } else if room?.mayCaption(from) == true, let caption = Caption(payload) {
                heard(caption)
            }
        case .endpointStats(let from, let quality, let loss):
            if let quality { channel.note(quality: quality, of: from) }
            if let loss { channel.note(loss: loss, of: from, at: now) }
        case .serverHello(let version): channel.bridgeVersion = version
        case .forwardedSources(let names):
            forwarding.announce(sources: names)
            outputs.append(.event(.videoSourcesChanged))
        case .lastNEndpoints(let endpoints):
            forwarding.announce(endpoints: endpoints)
            outputs.append(.event(.videoSourcesChanged))
        case .connectionStats(let bandwidth):
            downlinkBandwidth = bandwidth.map { Int(clamping: Int64(min(max(0, $0), 1e12))) }
        case .connectivity, .videoSources, .audioSources, .other: break
        }
    }
}
