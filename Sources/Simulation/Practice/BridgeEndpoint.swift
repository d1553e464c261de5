import Basis
import DTLSSRTP
import Devices
import ICE
import MediaSession
import RTP

/// A client's end of the bridge, for one Jingle session: its transport, what comes from it and what goes to it.
///
/// A class, because a transport cannot be copied and so cannot be in an array.
final class BridgeEndpoint {
    enum Channel: Equatable {
        case none
        case socket(Int)
        case sctp
    }

    private static let maximumAddresses = 16

    let sid: String
    let bridgeSessionID: String
    let credentials: ICECredentials
    /// Of the bridge channel's WebSocket.
    let password: String
    var hasAccepted = false
    var channel = Channel.none
    var constraints = ReceiverConstraints()
    var lanes: [BridgeLane] = []
    var forwardedSources: [String] = []
    var rejectedMessages = 0
    var failure: MediaFailure?

    private var transport: SecureTransport?
    private(set) var uplink: RTPSession?
    private var addresses: [TransportAddress] = []
    private var transportSequence: UInt16 = 0

    // Observation of what the client sends.
    private(set) var audioPackets = 0
    private(set) var audioLevel: UInt8?
    /// By the order of the SSRCs in the session-accept.
    private(set) var layers: [PracticeLayer] = []
    private var encodings: [UInt32] = [] {
        didSet { while layers.count < encodings.count { layers.append(PracticeLayer()) } }
    }
    /// What the client was told last that the others want of its camera.
    var toldHeight: Int?

    init(random: inout RandomSource) {
        let alphabet: StaticString = "abcdefghijklmnopqrstuvwxyz0123456789"
        sid = random.string(13, from: alphabet)
        bridgeSessionID = random.string(6, from: "0123456789abcdef")
        credentials = ICECredentials.generate(using: &random)
        password = random.string(24, from: alphabet)
    }

    var isSecured: Bool { transport?.isSecured ?? false }

    /// Begins the transport with what the session-accept said.
    func accept(
        _ answer: JingleAnswer, certificate: DTLSCertificate, mediaAddress: TransportAddress, sctpPort: UInt16?,
        random: inout RandomSource, at now: MonotonicInstant
    ) throws(MediaFailure) {
        var transport = try SecureTransport(
            configuration: SecureTransport.Configuration(
                iceRole: .controlling, dtlsRole: answer.isActive ? .server : .client, localCredentials: credentials,
                certificate: certificate, remoteFingerprints: answer.fingerprints, sctpPort: sctpPort),
            random: random.fork())
        transport.addHost(mediaAddress, localPreference: 65_535)
        transport.setRemote(answer.credentials, at: now)
        for candidate in answer.candidates { transport.addRemote(candidate, at: now) }
        self.transport = consume transport
        uplink = RTPSession(
            configuration: BridgeFormat.configuration(cname: "jvb"), random: random.fork(), at: now)
        hasAccepted = true
        encodings = answer.sources.encodings.filter { $0.kind == .video }.map(\.ssrc)
        setInbound(answer.sources.encodings, removing: [], at: now)
    }

    func add(_ candidates: [ICECandidate], at now: MonotonicInstant) {
        for candidate in candidates { transport?.addRemote(candidate, at: now) }
    }

    /// Sources that were added later have their places after those of the session-accept.
    func addEncodings(_ all: [InboundSource], at now: MonotonicInstant) {
        encodings += all.filter { $0.kind == .video && !encodings.contains($0.ssrc) }.map(\.ssrc)
        setInbound(all, removing: [], at: now)
    }

    func setInbound(_ added: [InboundSource], removing removed: Set<UInt32>, at now: MonotonicInstant) {
        for ssrc in removed { uplink?.removeInbound(ssrc: ssrc) }
        for source in added { uplink?.addInbound(source, at: now) }
    }

    /// Whether datagrams from there are this endpoint's.
    func knows(_ address: TransportAddress) -> Bool {
        addresses.contains(address)
    }

    func learn(_ address: TransportAddress) {
        guard !addresses.contains(address) else { return }
        if addresses.count == Self.maximumAddresses { addresses.removeFirst() }
        addresses.append(address)
    }

    func forget(_ address: TransportAddress) {
        addresses.removeAll { $0 == address }
    }

    // MARK: Input

    /// An Opus packet in the datagram, once decrypted.
    struct Sound {
        var payload: Range<Int>
        var timestamp: UInt32
        var level: UInt8
        var marker: Bool
    }

    func receive(_ datagram: inout [UInt8], on path: DatagramPath, at now: MonotonicInstant) -> Sound? {
        switch transport?.receive(&datagram, on: path, at: now) {
        case .rtp:
            guard case .audio(_, _, let timestamp, let payload, let level) = uplink?.receiveRTP(datagram.span, at: now)
            else { return nil }
            audioPackets += 1
            if let level { audioLevel = level }
            let marker = (datagram.span.uint8(at: 1) ?? 0) & 0x80 != 0
            return Sound(payload: payload, timestamp: timestamp, level: level ?? 127, marker: marker)
        case .rtcp:
            uplink?.receiveRTCP(datagram.span, at: now)
            for index in lanes.indices { lanes[index].rtp.receiveRTCP(datagram.span, at: now) }
        case .consumed, nil: break
        }
        return nil
    }

    func advance(to now: MonotonicInstant) {
        transport?.advance(to: now)
        guard isSecured else { return }
        uplink?.advance(to: now)
        for index in lanes.indices { lanes[index].rtp.advance(to: now) }
    }

    func requestKeyframe(ssrc: UInt32, at now: MonotonicInstant) {
        uplink?.requestKeyframe(ssrc: ssrc, at: now)
    }

    func sendOverSCTP(_ text: String, at now: MonotonicInstant) {
        _ = transport?.send(text: text, at: now)
    }

    func close(at now: MonotonicInstant) {
        transport?.close(at: now)
    }

    // MARK: Output

    func pollEvent() -> TransportEvent? {
        transport?.pollEvent()
    }

    /// The next complete picture of the client.
    func pollFrame() -> (ssrc: UInt32, codec: VideoCodec, bytes: [UInt8], timestamp: UInt32, isKeyframe: Bool)? {
        while let event = uplink?.pollEvent() {
            guard case .videoFrame(_, let ssrc, let codec, let bytes, let timestamp, let isKeyframe) = event else {
                continue
            }
            if let layer = encodings.firstIndex(of: ssrc) { note(bytes, codec, layer: layer, isKeyframe: isKeyframe) }
            return (ssrc, codec, bytes, timestamp, isKeyframe)
        }
        return nil
    }

    private func note(_ bytes: [UInt8], _ codec: VideoCodec, layer: Int, isKeyframe: Bool) {
        layers[layer].frames += 1
        layers[layer].codec = codec
        guard isKeyframe else { return }
        layers[layer].keyframes += 1
        let size =
            switch codec {
            case .vp8: VP8FrameHeader.parse(bytes.span).map { ($0.width, $0.height) }
            case .vp9: VP9FrameHeader.parse(bytes.span).map { ($0.width, $0.height) }
            }
        layers[layer].keyframeSize = size.map { PictureSize(width: $0, height: $1) }
    }

    /// The next datagram, written into `buffer`, and where it goes.
    func pollDatagram(into buffer: inout [UInt8]) -> TransportAddress? {
        if let path = transport?.pollDatagram(into: &buffer) {
            learn(path.remote)
            return path.remote
        }
        guard isSecured else { return nil }
        for index in lanes.indices {
            while let kind = lanes[index].rtp.pollPacket(into: &buffer) {
                if kind == .rtp { stamp(&buffer) }
                if let remote = protect(kind, &buffer) { return remote }
            }
        }
        while let kind = uplink?.pollPacket(into: &buffer) {
            if let remote = protect(kind, &buffer) { return remote }
        }
        return nil
    }

    private func protect(_ kind: PacketKind, _ packet: inout [UInt8]) -> TransportAddress? {
        let isProtected =
            switch kind {
            case .rtp: transport?.protectRTP(&packet) == true
            case .rtcp: transport?.protectRTCP(&packet) == true
            }
        return isProtected ? transport?.selectedPath?.remote : nil
    }

    /// One count of transport-wide numbers for all that goes to the client.
    private func stamp(_ packet: inout [UInt8]) {
        guard let header = RTPHeader.parse(packet.span),
            let element = header.extensionElement(id: BridgeFormat.transportWideCC, in: packet.span),
            element.count == 2
        else { return }
        packet.set(uint16: transportSequence, at: element.lowerBound)
        transportSequence &+= 1
    }

    var soonest: Soonest {
        var soonest = transport?.soonest ?? Soonest()
        guard isSecured else { return soonest }
        if let uplink { soonest.consider(uplink.soonest) }
        for lane in lanes { soonest.consider(lane.rtp.soonest) }
        return soonest
    }
}
