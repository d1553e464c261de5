import Basis
import DTLSSRTP
import ICE
import MediaSession
import RTP

/// A box and a bridge, and a wire that takes no time.
struct Pair: ~Copyable {
    static let boxAddress = TransportAddress(.v4(0xC000_020A), port: 40_000)
    static let bridgeAddress = TransportAddress(.v4(0xC000_0201), port: 10_000)

    var box: MediaSession
    var bridge: MediaSession
    private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    var packets = 0
    var frames = 0
    private var datagram: [UInt8] = []

    static func make() throws -> Pair {
        let now = MonotonicInstant(nanoseconds: 1_000_000_000)
        var random = RandomSource(seed: 1)
        let (ours, theirs) = (try DTLSCertificate.generate(), try DTLSCertificate.generate())
        let (boxCredentials, bridgeCredentials) = (
            ICECredentials.generate(using: &random), ICECredentials.generate(using: &random)
        )
        var client = SecureTransport.Configuration(
            iceRole: .controlled, dtlsRole: .client, localCredentials: boxCredentials, certificate: ours,
            remoteFingerprints: [theirs.fingerprint], sctpPort: nil)
        client.watchesPath = true
        let server = SecureTransport.Configuration(
            iceRole: .controlling, dtlsRole: .server, localCredentials: bridgeCredentials, certificate: theirs,
            remoteFingerprints: [ours.fingerprint], sctpPort: nil)
        var box = try MediaSession(transport: client, rtp: Self.format("box"), random: random.fork(), at: now)
        var bridge = try MediaSession(transport: server, rtp: Self.format("bridge"), random: random.fork(), at: now)
        box.setOutbound(audio: 1, video: 2, videoRTX: 3)
        bridge.addInbound(InboundSource(name: "a0", kind: .audio, ssrc: 1), at: now)
        bridge.addInbound(InboundSource(name: "v0", kind: .video, ssrc: 2, rtxSSRC: 3), at: now)
        box.addHost(Self.boxAddress, localPreference: 1)
        bridge.addHost(Self.bridgeAddress, localPreference: 1)
        box.setRemote(bridgeCredentials, at: now)
        bridge.setRemote(boxCredentials, at: now)
        for candidate in bridge.localCandidates { box.addRemote(candidate, at: now) }
        for candidate in box.localCandidates { bridge.addRemote(candidate, at: now) }
        return Pair(box: box, bridge: bridge)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(box: consuming MediaSession, bridge: consuming MediaSession) {
        self.box = box
        self.bridge = bridge
        datagram.reserveCapacity(2_048)
    }

    private static func format(_ name: String) -> RTPSessionConfiguration {
        RTPSessionConfiguration(
            cname: name, audioExtensions: RTPExtensionMap(audioLevel: 1, transportWideCC: 5),
            videoExtensions: RTPExtensionMap(transportWideCC: 5, absSendTime: 3), opusPayloadType: 111,
            vp8PayloadType: 100, rtxPayloadType: 96)
    }

    /// Carries everything both ways until nobody has anything to say.
    mutating func settle() {
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            while let path = box.pollDatagram(into: &datagram) {
                isQuiet = false
                packets += 1
                let back = DatagramPath(local: path.remote, remote: path.local)
                _ = bridge.receive(&datagram, on: back, at: now)
            }
            while let path = bridge.pollDatagram(into: &datagram) {
                isQuiet = false
                packets += 1
                let back = DatagramPath(local: path.remote, remote: path.local)
                _ = box.receive(&datagram, on: back, at: now)
            }
            while box.pollEvent() != nil {}
            while let event = bridge.pollEvent() {
                guard case .rtp(.videoFrame(_, let ssrc, _, let bytes, _, _)) = event else { continue }
                frames += 1
                bridge.reuse(bytes, of: ssrc)
            }
        }
    }

    mutating func advance(by duration: Duration) {
        let end = now + duration
        while true {
            var soonest = box.soonest
            soonest.consider(bridge.soonest)
            guard let next = soonest.instant, next <= end else { break }
            now = max(now, next)
            box.advance(to: now)
            bridge.advance(to: now)
            settle()
        }
        now = end
    }
}

extension Pair {
    private static let sound = [UInt8](repeating: 0x55, count: 120)
    private static let picture: [UInt8] = [0x11, 0x02, 0x00] + [UInt8](repeating: 0x55, count: 11_000)
    private static let keyPicture: [UInt8] =
        [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x00, 0x05, 0xD0, 0x02] + [UInt8](repeating: 0x55, count: 30_000)

    /// Seconds of a call; with pictures 30 a second.
    mutating func run(seconds: Int, pictures: Bool) -> Count {
        let former = packets
        var count = Count()
        for step in 0..<seconds * 50 {
            let time = now.nanoseconds
            box.sendAudio(
                Self.sound.span, timestamp: UInt32(truncatingIfNeeded: time / 62_500 &* 3), level: 30, marker: false,
                at: now)
            if pictures, step % 5 < 3 {
                let isFirst = step == 0
                let frame = isFirst ? Self.keyPicture : Self.picture
                box.sendVideo(
                    frame.span, timestamp: UInt32(truncatingIfNeeded: time / 100_000 &* 9), isKeyframe: isFirst,
                    at: now)
            }
            settle()
            advance(by: .milliseconds(20))
        }
        count.end(of: packets - former)
        return count
    }
}
