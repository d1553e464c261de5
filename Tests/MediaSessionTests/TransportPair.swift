import Basis
import DTLSSRTP
import ICE
import MediaSession

/// Two transports joined by a wire in memory, on a clock of their own, with strangers beside it.
struct TransportPair: ~Copyable {
    static let boxAddress = TransportAddress(.v4(0xC000_0201), port: 10_000)
    static let bridgeAddress = TransportAddress(.v4(0xC000_0202), port: 20_000)
    static let strangerAddress = TransportAddress(.v4(0xCB00_7105), port: 30_000)

    var box: SecureTransport
    var bridge: SecureTransport
    var now = MonotonicInstant.zero + .seconds(1)
    var boxEvents: [TransportEvent] = []
    var bridgeEvents: [TransportEvent] = []
    private let boxCredentials: ICECredentials
    private let bridgeCredentials: ICECredentials

    /// - Parameter boxRole: of DTLS.
    init(boxRole: DTLSRole) throws {
        var random = RandomSource(seed: 5)
        let boxCredentials = ICECredentials.generate(using: &random)
        let bridgeCredentials = ICECredentials.generate(using: &random)
        let boxCertificate = try DTLSCertificate.generate()
        let bridgeCertificate = try DTLSCertificate.generate()
        let box = try SecureTransport(
            configuration: SecureTransport.Configuration(
                iceRole: .controlled, dtlsRole: boxRole, localCredentials: boxCredentials,
                certificate: boxCertificate, remoteFingerprints: [bridgeCertificate.fingerprint], sctpPort: nil),
            random: random.fork())
        let bridge = try SecureTransport(
            configuration: SecureTransport.Configuration(
                iceRole: .controlling, dtlsRole: boxRole == .client ? .server : .client,
                localCredentials: bridgeCredentials, certificate: bridgeCertificate,
                remoteFingerprints: [boxCertificate.fingerprint], sctpPort: nil),
            random: random.fork())
        self.init(box: box, bridge: bridge, boxCredentials, bridgeCredentials)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(
        box: consuming SecureTransport, bridge: consuming SecureTransport, _ boxCredentials: ICECredentials,
        _ bridgeCredentials: ICECredentials
    ) {
        self.box = box
        self.bridge = bridge
        self.boxCredentials = boxCredentials
        self.bridgeCredentials = bridgeCredentials
        self.box.addHost(Self.boxAddress, localPreference: 65_535)
        self.bridge.addHost(Self.bridgeAddress, localPreference: 65_535)
    }

    /// Lets both know each other, as signalling does.
    mutating func introduce() {
        box.setRemote(bridgeCredentials, at: now)
        bridge.setRemote(boxCredentials, at: now)
        for candidate in bridge.localCandidates { box.addRemote(candidate, at: now) }
        for candidate in box.localCandidates { bridge.addRemote(candidate, at: now) }
    }

    /// A datagram for the box from whoever claims to be at `source`.
    mutating func inject(_ datagram: [UInt8], from source: TransportAddress) {
        var datagram = datagram
        _ = box.receive(&datagram, on: DatagramPath(local: Self.boxAddress, remote: source), at: now)
    }

    /// Lets `duration` pass in steps of 5 ms; before each, `disturb` has its way.
    mutating func run(for duration: Duration, disturb: (inout TransportPair) -> Void = { _ in }) {
        let end = now + duration
        while now < end {
            disturb(&self)
            now += .milliseconds(5)
            box.advance(to: now)
            bridge.advance(to: now)
            carry()
        }
    }

    private mutating func carry() {
        var datagram: [UInt8] = []
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            while let path = box.pollDatagram(into: &datagram) {
                isQuiet = false
                guard path.remote == Self.bridgeAddress else { continue }
                _ = bridge.receive(&datagram, on: DatagramPath(local: path.remote, remote: path.local), at: now)
            }
            while let path = bridge.pollDatagram(into: &datagram) {
                isQuiet = false
                _ = box.receive(&datagram, on: DatagramPath(local: path.remote, remote: path.local), at: now)
            }
            while let event = box.pollEvent() { boxEvents.append(event) }
            while let event = bridge.pollEvent() { bridgeEvents.append(event) }
        }
    }

    var bothSecured: Bool { box.isSecured && bridge.isSecured }

    var boxFailure: MediaFailure? {
        for case .failed(let failure) in boxEvents { return failure }
        return nil
    }
}
