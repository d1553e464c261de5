package import Basis
package import ICE
package import RTP

package enum MediaEvent: Equatable, Sendable {
    case transport(TransportEvent)
    case rtp(RTPEvent)
}

/// One media session with a bridge: a secure transport and the RTP that it carries.
package struct MediaSession: ~Copyable {
    /// What a received datagram leaves to the caller.
    package enum Received: Equatable, Sendable {
        /// An Opus packet, in place in the datagram: it goes to the audio thread's ring as it is.
        case audio(
            ssrc: UInt32, sequenceNumber: UInt16, timestamp: UInt32, payload: Range<Int>, level: UInt8?)
        /// The same with copies of earlier packets in it (RFC 2198).
        case redundantAudio(
            ssrc: UInt32, sequenceNumber: UInt16, timestamp: UInt32, payload: Range<Int>, level: UInt8?)
        case consumed
    }

    private var transport: SecureTransport
    private var rtp: RTPSession
    private var packet: [UInt8] = []
    private var repeater = SpeechRepeater()
    /// When the last input came.
    private var present: MonotonicInstant
    private let speechPayloadTypes: [UInt8]

    package init(
        transport configuration: SecureTransport.Configuration, rtp rtpConfiguration: RTPSessionConfiguration,
        random: RandomSource, at now: MonotonicInstant
    ) throws(MediaFailure) {
        var random = random
        let transport = try SecureTransport(configuration: configuration, random: random.fork())
        let rtp = RTPSession(configuration: rtpConfiguration, random: random.fork(), at: now)
        self.init(
            transport: transport, rtp: rtp,
            speechPayloadTypes: [rtpConfiguration.opusPayloadType, rtpConfiguration.redPayloadType].compactMap { $0 },
            at: now)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(
        transport: consuming SecureTransport, rtp: RTPSession, speechPayloadTypes: [UInt8], at now: MonotonicInstant
    ) {
        self.transport = transport
        self.rtp = rtp
        self.speechPayloadTypes = speechPayloadTypes
        present = now
        packet.reserveCapacity(1_600)
    }

    // MARK: Set-up

    package mutating func setOutbound(audio: UInt32, video: UInt32, videoRTX: UInt32?) {
        setOutbound(audio: audio, video: [OutboundVideo(ssrc: video, rtxSSRC: videoRTX)])
    }

    /// - Parameter video: the layers of the camera from low to high.
    package mutating func setOutbound(audio: UInt32, video: [OutboundVideo]) {
        rtp.setOutboundAudio(ssrc: audio)
        rtp.setOutboundVideo(video)
    }

    package mutating func addInbound(_ source: InboundSource, at now: MonotonicInstant) {
        rtp.addInbound(source, at: now)
    }

    package mutating func removeInbound(ssrc: UInt32) {
        rtp.removeInbound(ssrc: ssrc)
    }

    package mutating func addHost(_ base: TransportAddress, localPreference: UInt16) {
        transport.addHost(base, localPreference: localPreference)
    }

    package mutating func gather(from stunServer: TransportAddress, at now: MonotonicInstant) {
        transport.gather(from: stunServer, at: now)
    }

    package mutating func addRelay(
        _ relayed: TransportAddress, server: TransportAddress, mapped: TransportAddress?, at now: MonotonicInstant
    ) {
        transport.addRelay(relayed, server: server, mapped: mapped, at: now)
    }

    /// The way to the bridge may have changed, or is gone with its address: it is asked at once.
    package mutating func suspect(isGone: Bool, at now: MonotonicInstant) {
        transport.suspect(isGone: isGone, at: now)
    }

    package mutating func setRemote(_ credentials: ICECredentials, at now: MonotonicInstant) {
        transport.setRemote(credentials, at: now)
    }

    package mutating func addRemote(_ candidate: ICECandidate, at now: MonotonicInstant) {
        transport.addRemote(candidate, at: now)
    }

    package var localCandidates: [ICECandidate] { transport.localCandidates }
    package var selectedPath: DatagramPath? { transport.selectedPath }
    package var roundTrip: Duration? { transport.roundTrip }
    package var isSecured: Bool { transport.isSecured }

    /// Whether each packet of speech is sent twice, for a line that loses packets and has room.
    package var repeatsSpeech: Bool {
        get { repeater.isOn }
        set { if newValue != repeater.isOn { repeater.isOn = newValue } }
    }

    // MARK: Input

    package mutating func receive(
        _ datagram: inout [UInt8], on path: DatagramPath, at now: MonotonicInstant
    ) -> Received {
        switch transport.receive(&datagram, on: path, at: now) {
        case .rtp:
            switch rtp.receiveRTP(datagram.span, at: now) {
            case .audio(let ssrc, let sequenceNumber, let timestamp, let payload, let level):
                return .audio(
                    ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp, payload: payload, level: level)
            case .redundantAudio(let ssrc, let sequenceNumber, let timestamp, let payload, let level):
                return .redundantAudio(
                    ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp, payload: payload, level: level)
            case .unknownSSRC, .consumed, .malformed: break
            }
        case .rtcp: rtp.receiveRTCP(datagram.span, at: now)
        case .consumed: break
        }
        return .consumed
    }

    package mutating func advance(to now: MonotonicInstant) {
        present = now
        transport.advance(to: now)
        rtp.advance(to: now)
        repeater.advance(to: now)
    }

    package mutating func sendAudio(
        _ payload: Span<UInt8>, timestamp: UInt32, level: UInt8, marker: Bool, at now: MonotonicInstant
    ) {
        guard transport.isSecured else { return }
        present = now
        rtp.sendAudio(payload, timestamp: timestamp, level: level, marker: marker, at: now)
    }

    package mutating func sendVideo(
        _ frame: Span<UInt8>, codec: VideoCodec = .vp8, layer: Int = 0, timestamp: UInt32, isKeyframe: Bool,
        temporal: TemporalPlace = .base, at now: MonotonicInstant
    ) {
        guard transport.isSecured else { return }
        rtp.sendVideo(
            frame, codec: codec, layer: layer, timestamp: timestamp, isKeyframe: isKeyframe, temporal: temporal,
            at: now)
    }

    /// Gives back the buffer of a received frame of `ssrc` that is done with.
    package mutating func reuse(_ frame: consuming [UInt8], of ssrc: UInt32) {
        rtp.reuse(frame, of: ssrc)
    }

    package mutating func requestKeyframe(ssrc: UInt32, at now: MonotonicInstant) {
        rtp.requestKeyframe(ssrc: ssrc, at: now)
    }

    /// Lets the pictures of one source wait for the sound of another (`RTPSession.synchronize`).
    package mutating func synchronize(video: UInt32, with audio: UInt32, soundDelay: Duration?) {
        rtp.synchronize(video: video, with: audio, soundDelay: soundDelay)
    }

    package mutating func send(text: String, at now: MonotonicInstant) -> Bool {
        transport.send(text: text, at: now)
    }

    /// Makes a fresh data channel in place of one that gets nowhere (`SecureTransport.reopenChannel`).
    package mutating func reopenChannel(at now: MonotonicInstant) {
        transport.reopenChannel(at: now)
    }

    package mutating func close(at now: MonotonicInstant) {
        transport.close(at: now)
    }

    // MARK: Output

    /// The next datagram, written into `buffer`, with its way; nil when there is nothing to send now.
    package mutating func pollDatagram(into buffer: inout [UInt8]) -> DatagramPath? {
        if let path = transport.pollDatagram(into: &buffer) { return path }
        if repeater.takeRepetition(into: &buffer), let path = transport.selectedPath { return path }
        while let kind = rtp.pollPacket(into: &buffer) {
            let isProtected =
                switch kind {
                case .rtp: transport.protectRTP(&buffer)
                case .rtcp: transport.protectRTCP(&buffer)
                }
            // Without keys there is nobody to send it to: the packet is dropped, as the network might.
            guard isProtected, let path = transport.selectedPath else { continue }
            if kind == .rtp, buffer.count > 8, speechPayloadTypes.contains(buffer[1] & 0x7F) {
                repeater.note(buffer, at: present)
            }
            return path
        }
        return nil
    }

    package mutating func pollEvent() -> MediaEvent? {
        if let event = transport.pollEvent() {
            switch event {
            case .interrupted: rtp.beginInterruption()
            case .restored: rtp.endInterruption()
            default: break
            }
            return .transport(event)
        }
        return rtp.pollEvent().map { .rtp($0) }
    }

    package var soonest: Soonest {
        var soonest = transport.soonest
        if transport.isSecured { soonest.consider(rtp.soonest) }
        soonest.consider(repeater.due, "the repetition of speech")
        return soonest
    }

    package func statistics() -> RTPStatistics {
        rtp.statistics()
    }
}
