package import Basis
internal import DTLSSRTP
internal import ICE
internal import Jitsi
package import MediaSession
package import RTP
internal import Room

/// The media session with the bridge: made from each offer, gone with each session-terminate.
extension Conference {
    // MARK: Sockets

    /// The UDP sockets are bound to these addresses (empty: there is no network).
    package mutating func socketsOpened(_ addresses: [TransportAddress], at now: MonotonicInstant) {
        bases = addresses
        hasMediaSockets = true
        acceptPendingOffer(at: now)
    }

    /// A STUN server's address, looked up.
    package mutating func resolved(_ addresses: [TransportAddress], at now: MonotonicInstant) {
        for address in addresses.prefix(4) where stunServers.count < 4 && !stunServers.contains(address) {
            stunServers.append(address)
            mediaSession?.gather(from: address, at: now)
        }
    }

    // MARK: Datagrams

    package mutating func receive(
        _ datagram: inout [UInt8], on path: DatagramPath, at now: MonotonicInstant
    ) -> MediaSession.Received {
        guard let received = mediaSession?.receive(&datagram, on: path, at: now) else { return .consumed }
        drainMedia(at: now)
        return received
    }

    package mutating func pollDatagram(into buffer: inout [UInt8]) -> DatagramPath? {
        mediaSession?.pollDatagram(into: &buffer) ?? nil
    }

    package mutating func sendAudio(
        _ payload: Span<UInt8>, timestamp: UInt32, level: UInt8, marker: Bool, at now: MonotonicInstant
    ) {
        guard !localMedia.audioMuted, room?.effectiveMedia.audioMuted == false else { return }
        mediaSession?.sendAudio(payload, timestamp: timestamp, level: level, marker: marker, at: now)
    }

    package mutating func sendVideo(
        _ frame: Span<UInt8>, codec: VideoCodec = .vp8, layer: Int = 0, timestamp: UInt32, isKeyframe: Bool,
        temporal: TemporalPlace = .base, at now: MonotonicInstant
    ) {
        guard !localMedia.videoMuted, room?.effectiveMedia.videoMuted == false else { return }
        mediaSession?.sendVideo(
            frame, codec: codec, layer: layer, timestamp: timestamp, isKeyframe: isKeyframe, temporal: temporal,
            at: now)
    }

    /// A source sends pictures that are in none of the formats that we answered to.
    private mutating func noteUndecodable(_ ssrc: UInt32, payloadType: UInt8) {
        guard let source = sources.first(where: { $0.ssrc == ssrc }) else { return }
        let format = room?.videoFormat(payloadType: payloadType) ?? "\(payloadType)"
        diagnose(.warning, "format-not-decoded", "\(source.name): \(format)")
        notify(.undecodable(source: source.name, owner: source.owner, format: format))
    }

    package mutating func requestKeyframe(ssrc: UInt32, at now: MonotonicInstant) {
        mediaSession?.requestKeyframe(ssrc: ssrc, at: now)
    }

    /// Gives back the bytes of a `videoFrame` of `ssrc` that is done with, for later frames.
    package mutating func reuse(_ frame: consuming [UInt8], of ssrc: UInt32) {
        mediaSession?.reuse(frame, of: ssrc)
    }

    // MARK: Offer and answer

    mutating func acceptPendingOffer(at now: MonotonicInstant) {
        guard hasMediaSockets, let offer = pendingOffer else { return }
        pendingOffer = nil
        // Sources that were announced while the offer waited for our sockets are not in it.
        var announced: [RemoteSource] = []
        if mediaSession == nil {
            announced = sources.filter { source in !offer.sources.contains { $0.ssrc == source.ssrc } }
        }
        closeMedia(at: now)
        way.bridge = [offer.bridgeID, offer.bridgeRegion].compactMap { $0 }.filter { !$0.isEmpty }
        guard let codecs = NegotiatedCodecs(offer, answersVP9: configuration.videoCodec == .vp9) else {
            diagnose(.error, "offer-without-codecs", "neither Opus nor VP8 is offered")
            return
        }
        way.offersVP9 = codecs.vp9 != nil
        let fingerprints = offer.fingerprints.compactMap {
            DTLSSRTP.DTLSFingerprint(hash: $0.hash, value: $0.value)
        }
        let credentials = ICECredentials.generate(using: &random)
        let role: DTLSRole = offer.fingerprints.contains { $0.setup == "active" } ? .server : .client
        let ssrcs = OwnSSRCs(
            videoLayers: hasSimulcast ? RTPSession.maximumVideoLayers : 1, hasRTX: codecs.rtx != nil,
            avoiding: Set(offer.sources.map(\.ssrc) + offer.bridgeSSRCs), random: &random)
        var transport = SecureTransport.Configuration(
            iceRole: .controlled, dtlsRole: role, localCredentials: credentials,
            certificate: configuration.certificate, remoteFingerprints: fingerprints, sctpPort: offer.sctpPort)
        transport.watchesPath = true
        do {
            var session = try MediaSession(
                transport: transport,
                rtp: RTPSessionConfiguration(
                    cname: endpointID, audioExtensions: RTPExtensionMap(offer.audioExtensions),
                    videoExtensions: RTPExtensionMap(offer.videoExtensions), opusPayloadType: codecs.opus.id,
                    vp8PayloadType: codecs.vp8.id, rtxPayloadType: codecs.rtx?.id, redPayloadType: codecs.red?.id,
                    vp9PayloadType: codecs.vp9?.id, vp9RTXPayloadType: codecs.vp9RTX?.id,
                    ntpOffset: configuration.ntpOffset),
                random: random.fork(), at: now)
            session.setOutbound(audio: ssrcs.audio, video: ssrcs.video)
            session.repeatsSpeech = repeatsSpeech
            for (index, base) in bases.enumerated() {
                session.addHost(base, localPreference: UInt16(clamping: 65_535 - index))
            }
            for server in stunServers { session.gather(from: server, at: now) }
            session.setRemote(ICECredentials(ufrag: offer.iceUfrag, password: offer.icePassword), at: now)
            for candidate in offer.candidates where candidate.transport == "udp" && candidate.component == 1 {
                session.addRemote(ICECandidate(candidate), at: now)
            }
            mediaSession = consume session
            planRelays(at: now)
        } catch {
            diagnose(.error, "media-engine", "\(error)")
            end(.refused(.mediaFailed), at: now)
            return
        }
        room?.accept(
            offer.sid,
            answer: codecs.answer(
                to: offer, credentials: credentials, fingerprint: configuration.certificate.fingerprint, role: role,
                candidates: mediaSession?.localCandidates ?? [], ssrcs: ssrcs), at: now)
        addSources(offer.sources + announced, at: now)
        openChannel(for: offer, at: now)
        drainMedia(at: now)
    }

    mutating func closeMedia(at now: MonotonicInstant) {
        forgetSilence()
        closeChannel()
        closeRelays()
        mediaSession?.close(at: now)
        mediaSession = nil
        line.isSessionStale = false
        way = MediaWay()
        if !sources.isEmpty { removeSources(sources, at: now) }
        admission = SourceAdmission()
    }

    // MARK: Sources

    mutating func addSources(_ added: [RemoteSource], at now: MonotonicInstant) {
        for source in added where source.owner != endpointID && !source.isTranslation && !sources.contains(source) {
            sources.append(source)
        }
        admitSources(at: now)
        outputs.append(.event(.videoSourcesChanged))
    }

    /// Lets the session receive as many of the sources as it has places for, sound first; the rest wait for places.
    private mutating func admitSources(at now: MonotonicInstant) {
        for change in admission.update(sources) {
            switch change {
            case .remove(let ssrc): mediaSession?.removeInbound(ssrc: ssrc)
            case .add(let source):
                mediaSession?.addInbound(
                    InboundSource(
                        name: source.name, kind: source.kind == .audio ? .audio : .video, ssrc: source.ssrc,
                        rtxSSRC: source.rtxSSRC), at: now)
            }
        }
    }

    mutating func removeSources(_ removed: [RemoteSource], at now: MonotonicInstant) {
        for source in removed {
            sources.removeAll { $0.ssrc == source.ssrc }
            forwarding.remove(ssrc: source.ssrc)
            if source.kind == .audio { outputs.append(.event(.audioSourceRemoved(ssrc: source.ssrc))) }
        }
        admitSources(at: now)
        outputs.append(.event(.videoSourcesChanged))
    }

    // MARK: Events

    mutating func drainMedia(at now: MonotonicInstant) {
        while let event = mediaSession?.pollEvent() {
            switch event {
            case .transport(let event): handle(event, at: now)
            case .rtp(let event): handle(event, at: now)
            }
            if stage == .ended { return }
        }
    }

    private mutating func handle(_ event: TransportEvent, at now: MonotonicInstant) {
        switch event {
        case .localCandidate, .gatheringFinished, .closedByPeer: break
        case .selected(let path):
            relay.deadline = nil
            way.remote = path.remote.address
            way.isRelayed = relay.addresses.contains(path.local)
            if relay.addresses.contains(path.local) {
                diagnose(.notice, "media-relayed", "no direct way to the bridge")
            }
            reach(.mediaConnected)
        case .secured(let profile):
            hadMedia = true
            way.cipher = profile.cipherName
            line.renewingUntil = nil
            tellLine(at: now)
            reach(.secured)
            channelMayOpen(at: now)
            diagnose(.info, "media-secured", "\(profile)")
            outputs.append(emitted(.mediaConnected))
            // Whoever listens needs a picture to begin with.
            outputs.append(.event(.keyframeWanted(layer: nil)))
        case .interrupted: mediaInterrupted(at: now)
        case .restored: mediaRestored(at: now)
        case .channelOpen: sctpOpened(at: now)
        case .channelMessage(let text): channelReceived(text, at: now)
        case .channelClosed: sctpClosed(at: now)
        case .failed(.fingerprintMismatch):
            diagnose(.error, "fingerprint-mismatch", "the bridge's certificate is not the announced one")
            end(.refused(.mediaKeyMismatch), at: now)
        case .failed(.connectivity) where hadMedia:
            diagnose(.warning, "media-failed", "\(MediaFailure.connectivity)")
            renewSession("no path to the bridge", at: now)
        case .failed(let failure):
            diagnose(.warning, "media-failed", "\(failure)")
            closeMedia(at: now)
            if hadMedia { line.renewingUntil = now + LineState.renewalPatience }
            tellLine(at: now)
            outputs.append(emitted(.mediaEnded))
            room?.mediaFailed("\(failure)", at: now)
            drainRoom(at: now)
        }
    }

    private mutating func handle(_ event: RTPEvent, at now: MonotonicInstant) {
        switch event {
        case .videoFrame(_, let ssrc, let codec, let bytes, let timestamp, let isKeyframe):
            if let source = sources.first(where: { $0.ssrc == ssrc }), forwarding.frameArrived(of: source, at: now) {
                outputs.append(.event(.videoSourcesChanged))
            }
            outputs.append(
                .event(
                    .videoFrame(
                        ssrc: ssrc, codec: codec, bytes: bytes, timestamp: timestamp, isKeyframe: isKeyframe)))
        case .keyframeRequested(let layer):
            // The bridge names the first SSRC of a simulcast whichever layer it is about to change to.
            outputs.append(.event(.keyframeWanted(layer: layer == 0 ? nil : layer)))
        case .bitrateLimit(let bitsPerSecond): outputs.append(.event(.uplinkLimit(bitsPerSecond)))
        case .bandwidth(let bitsPerSecond): outputs.append(.event(.bandwidth(bitsPerSecond)))
        case .senderReport: break
        case .unsupportedFormat(let ssrc, let payloadType): noteUndecodable(ssrc, payloadType: payloadType)
        }
    }
}
