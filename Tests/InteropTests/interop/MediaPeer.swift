import Basis
import Codecs
import DTLSSRTP
import Devices
import Glibc
import ICE
import MediaSession
import NIOCore
import NIOPosix
import NetworkIO
import RTP

/// One end of a call, as the appliance runs it, with a test signal for a room. The other end's signalling arrives on
/// standard input and ours leaves on standard output.
///
/// It says `local` first. After the peer's `remote` it runs until `close`, or until the session fails.
actor MediaPeer {
    struct Options: Sendable {
        let dtlsRole: DTLSRole
        let iceRole: ICEAgent.Role
        let stunServer: TransportAddress?
        let profiles: [SRTPProfile]
        /// What is sent; received is either.
        let codec: VideoCodec

        init(_ arguments: Arguments) throws(CheckFailure) {
            switch try arguments.required("dtls") {
            case "client": dtlsRole = .client
            case "server": dtlsRole = .server
            default: throw CheckFailure("--dtls is client or server")
            }
            switch try arguments.required("ice") {
            case "controlled": iceRole = .controlled
            case "controlling": iceRole = .controlling
            default: throw CheckFailure("--ice is controlled or controlling")
            }
            guard let codec = VideoCodec(rawValue: arguments["codec"] ?? "vp8") else {
                throw CheckFailure("--codec is vp8 or vp9")
            }
            self.codec = codec
            let profile = arguments["profile"]
            profiles = SRTPProfile.allCases.filter { profile == nil || profile == "\($0)" }
            guard !profiles.isEmpty else { throw CheckFailure("--profile is one of \(SRTPProfile.allCases)") }
            guard let stun = arguments["stun"] else {
                stunServer = nil
                return
            }
            let parts = stun.split(separator: ":")
            guard parts.count == 2, let address = IPAddress(String(parts[0])), let port = UInt16(parts[1]) else {
                throw CheckFailure("--stun is address:port")
            }
            stunServer = TransportAddress(address, port: port)
        }
    }

    static let audioSSRC: UInt32 = 0x0A0D_1001
    static let videoSSRC: UInt32 = 0x0A0D_1002
    static let videoRTXSSRC: UInt32 = 0x0A0D_1003

    private nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    private let options: Options
    private let clock: EventLoopClock
    private let credentials: ICECredentials
    private var session: MediaSession?
    private var socket: UDPSocket?
    private var timer: DeadlineTimer?
    private var datagram: [UInt8] = []
    private var studio: Studio
    private var listener: Listener
    private var isFinished = false
    private var onFinish: CheckedContinuation<Bool, Never>?

    init(_ options: Options, eventLoop: any EventLoop) throws(CheckFailure) {
        do {
            studio = try Studio(codec: options.codec)
            listener = try Listener()
        } catch {
            throw CheckFailure("codecs: \(error)")
        }
        self.options = options
        self.eventLoop = eventLoop
        clock = EventLoopClock(eventLoop)
        var random = RandomSource.system
        credentials = .generate(using: &random)
    }

    /// Whether the session came to the end that `close` asks for.
    func run() async -> Bool {
        do {
            let certificate = try DTLSCertificate.generate()
            let network = try NetworkContext(eventLoop: eventLoop)
            timer = DeadlineTimer(eventLoop: eventLoop) { now in
                self.assumeIsolated { $0.advance(to: now) }
            }
            network.bindUDP(
                address: .v4(0x7F00_0001),
                onDatagram: { bytes, remote in
                    var copy: [UInt8] = []
                    copy.append(copying: bytes)
                    let received = copy
                    self.assumeIsolated { $0.receive(received, from: remote) }
                },
                completion: { result in
                    self.assumeIsolated { $0.bound(result, certificate) }
                })
        } catch {
            Output.line("media: \(error)")
            return false
        }
        return await withCheckedContinuation { onFinish = $0 }
    }

    // MARK: Signalling

    private func bound(_ result: Result<UDPSocket, NetworkError>, _ certificate: DTLSCertificate) {
        guard case .success(let socket) = result else { return finish(false) }
        self.socket = socket
        tell(
            "local",
            [
                "ufrag": .string(credentials.ufrag), "password": .string(credentials.password.revealed),
                "hash": .string(certificate.fingerprint.hash), "fingerprint": .string(certificate.fingerprint.value),
                "port": JSONValue(Int(socket.localAddress.port)), "audioSSRC": JSONValue(Self.audioSSRC),
                "videoSSRC": JSONValue(Self.videoSSRC), "videoRTXSSRC": JSONValue(Self.videoRTXSSRC),
            ])
        let eventLoop = eventLoop
        _ = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            while let line = readLine() {
                eventLoop.execute { self.assumeIsolated { $0.command(line, certificate) } }
            }
            eventLoop.execute { self.assumeIsolated { $0.finish(false) } }
        }
    }

    private func command(_ line: String, _ certificate: DTLSCertificate) {
        guard !isFinished, let command = try? JSONReader.parse(line) else { return }
        let now = clock.now
        switch command["type"]?.string {
        case "remote":
            do throws(CheckFailure) {
                try begin(RemoteDescription(command), certificate, at: now)
            } catch {
                tell("failed", ["detail": .string(error.description)])
                return finish(false)
            }
        case "say":
            let isSent = session?.send(text: command["text"]?.string ?? "", at: now) == true
            if !isSent { tell("failed", ["detail": "the channel takes no text"]) }
        case "demandKeyframe": if let ssrc = listener.videoSSRC { session?.requestKeyframe(ssrc: ssrc, at: now) }
        case "report": tell("report", report())
        case "close":
            session?.close(at: now)
            drain(at: now)
            return finish(true)
        default: tell("failed", ["detail": "an unknown command"])
        }
        drain(at: now)
    }

    private func begin(
        _ remote: RemoteDescription, _ certificate: DTLSCertificate, at now: MonotonicInstant
    ) throws(CheckFailure) {
        guard session == nil, let socket else { throw CheckFailure("remote came twice") }
        do {
            var session = try MediaSession(
                transport: SecureTransport.Configuration(
                    iceRole: options.iceRole, dtlsRole: options.dtlsRole, localCredentials: credentials,
                    certificate: certificate, remoteFingerprints: [remote.fingerprint], sctpPort: 5000,
                    profiles: options.profiles),
                rtp: RTPSessionConfiguration(
                    cname: "salle", audioExtensions: remote.audioExtensions, videoExtensions: remote.videoExtensions,
                    opusPayloadType: remote.opus, vp8PayloadType: remote.vp8, rtxPayloadType: remote.rtx,
                    vp9PayloadType: remote.vp9, vp9RTXPayloadType: remote.vp9RTX),
                random: .system, at: now)
            session.setOutbound(audio: Self.audioSSRC, video: Self.videoSSRC, videoRTX: Self.videoRTXSSRC)
            session.addInbound(InboundSource(name: "peer-a0", kind: .audio, ssrc: remote.audioSSRC), at: now)
            session.addInbound(
                InboundSource(name: "peer-v0", kind: .video, ssrc: remote.videoSSRC, rtxSSRC: remote.videoRTXSSRC),
                at: now)
            session.addHost(socket.localAddress, localPreference: 65535)
            if let stunServer = options.stunServer { session.gather(from: stunServer, at: now) }
            session.setRemote(remote.credentials, at: now)
            for candidate in remote.candidates { session.addRemote(candidate, at: now) }
            listener.videoSSRC = remote.videoSSRC
            self.session = consume session
        } catch {
            throw CheckFailure("\(error)")
        }
    }

    // MARK: Driving

    private func receive(_ bytes: [UInt8], from remote: TransportAddress) {
        guard !isFinished, let socket else { return }
        let now = clock.now
        var bytes = bytes
        let received = session?.receive(
            &bytes, on: DatagramPath(local: socket.localAddress, remote: remote), at: now)
        if case .audio(_, _, _, let payload, let level) = received {
            listener.hear(bytes.span.extracting(payload), level: level)
        }
        drain(at: now)
    }

    private func advance(to now: MonotonicInstant) {
        guard !isFinished else { return }
        session?.advance(to: now)
        if let packet = studio.nextSound(at: now) {
            session?.sendAudio(packet.bytes.span, timestamp: packet.timestamp, level: 15, marker: false, at: now)
        }
        if let picture = studio.nextPicture(at: now) {
            session?.sendVideo(
                picture.bytes.span, codec: options.codec, timestamp: picture.timestamp, isKeyframe: picture.isKeyframe,
                temporal: picture.temporal, at: now)
        }
        drain(at: now)
    }

    private func drain(at now: MonotonicInstant) {
        while let path = session?.pollDatagram(into: &datagram) { socket?.send(datagram.span, to: path.remote) }
        while let event = session?.pollEvent() { handle(event, at: now) }
        guard !isFinished else { return }
        var soonest = session?.soonest ?? Soonest()
        soonest.consider(studio.deadline, "studio")
        timer?.arm(soonest.instant)
    }

    private func handle(_ event: MediaEvent, at now: MonotonicInstant) {
        switch event {
        case .transport(.localCandidate(let candidate)):
            tell(
                "candidate",
                [
                    "foundation": .string(candidate.foundation), "priority": JSONValue(candidate.priority),
                    "ip": .string(candidate.address.address.description),
                    "port": JSONValue(Int(candidate.address.port)), "kind": .string(candidate.kind.rawValue),
                ])
        case .transport(.gatheringFinished): tell("gathered")
        case .transport(.selected(let path)): tell("selected", ["path": .string(path.description)])
        case .transport(.interrupted): tell("interrupted")
        case .transport(.restored): tell("restored")
        case .transport(.secured(let profile)):
            studio.open(at: now)
            tell("secured", ["profile": .string("\(profile)")])
        case .transport(.channelOpen): tell("channelOpen")
        case .transport(.channelMessage(let text)): tell("channelMessage", ["text": .string(text)])
        case .transport(.channelClosed): tell("channelClosed")
        case .transport(.closedByPeer):
            tell("closedByPeer")
            finish(true)
        case .transport(.failed(let failure)):
            tell("failed", ["detail": .string("\(failure)")])
            finish(false)
        case .rtp(.videoFrame(_, _, let codec, let bytes, _, let isKeyframe)):
            listener.see(bytes.span, codec, isKeyframe: isKeyframe)
            if isKeyframe { tell("keyframe", ["count": JSONValue(listener.keyframes)]) }
            if listener.frames.isMultiple(of: 25) { tell("frames", ["count": JSONValue(listener.frames)]) }
        case .rtp(.keyframeRequested):
            studio.wantsKeyframe = true
            tell("keyframeRequested")
        case .rtp(.bitrateLimit(let bitsPerSecond)): tell("bitrateLimit", ["bps": JSONValue(bitsPerSecond)])
        case .rtp(.bandwidth): break
        case .rtp(.unsupportedFormat(_, let payloadType)):
            tell("unsupportedFormat", ["payloadType": JSONValue(Int(payloadType))])
        case .rtp(.senderReport): listener.senderReports += 1
        }
    }

    private func report() -> [JSONMember] {
        let statistics = session?.statistics()
        let video = statistics?.inbound.first { $0.kind == .video }?.video
        let sent = statistics?.outbound.first { $0.kind == .video }
        return listener.report + [
            JSONMember("framesSent", JSONValue(studio.picturesSent)),
            JSONMember("keyframesSent", JSONValue(studio.keyframesSent)),
            JSONMember("retransmissions", JSONValue(sent?.retransmissions ?? 0)),
            JSONMember("fractionLost", .number(sent?.remoteFractionLost ?? -1)),
            JSONMember("recovered", JSONValue(video?.packetsRecovered ?? 0)),
            JSONMember("nacks", JSONValue(video?.nacks ?? 0)),
            JSONMember("unsupported", JSONValue(statistics?.unsupportedPackets ?? 0)),
            JSONMember("malformed", JSONValue(statistics?.malformedPackets ?? 0)),
            JSONMember("unknown", JSONValue(statistics?.unknownSSRCPackets ?? 0)),
            JSONMember("roundTrip", .number(session?.roundTrip?.inSeconds ?? -1)),
            JSONMember("transportFractionLost", .number(statistics?.transportFractionLost ?? -1)),
            JSONMember("rtcpRoundTrip", .number(statistics?.roundTrip?.inSeconds ?? -1)),
        ]
    }

    private func tell(_ type: String, _ members: [JSONMember] = []) {
        Output.line(JSONValue.object([JSONMember("type", .string(type))] + members).serialized())
    }

    private func tell(_ type: String, _ members: KeyValuePairs<String, JSONValue>) {
        tell(type, members.map { JSONMember($0.key, $0.value) })
    }

    private func finish(_ isGood: Bool) {
        guard !isFinished else { return }
        isFinished = true
        timer?.arm(nil)
        socket?.close()
        onFinish?.resume(returning: isGood)
        onFinish = nil
    }
}
