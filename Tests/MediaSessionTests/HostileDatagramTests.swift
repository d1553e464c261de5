import Basis
import DTLSSRTP
import ICE
import MediaSession
import Testing

/// What strangers send to the sockets of a call.
struct HostileDatagramTests {
    private static let firstBytes: [UInt8] = [0, 1, 128, 144, 191, 255]
    private static let plainAlerts: [[UInt8]] = [
        [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 7, 0, 2, 2, 40],
        [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 7, 0, 2, 2, 80],
        [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 7, 0, 2, 1, 0],
    ]

    @Test(arguments: [DTLSRole.client, .server]) func theCallIsMadeWithoutStrangers(role: DTLSRole) throws {
        var pair = try TransportPair(boxRole: role)
        pair.introduce()
        pair.run(for: .seconds(1))
        let bothSecured = pair.bothSecured
        #expect(bothSecured)
    }

    /// It would begin a handshake with the stranger: the peer's own then fails, or the stranger's key is the wrong one.
    @Test func aStrangersHandshakeIsNotTaken() throws {
        var stranger = try DTLSEndpoint(
            role: .client, certificate: .generate(), expected: [DTLSCertificate.generate().fingerprint])
        stranger.start()
        var hello: [UInt8] = []
        let hasHello = stranger.pollDatagram(into: &hello)
        #expect(hasHello)
        var pair = try TransportPair(boxRole: .server)
        // Before and after the introduction, and from the peer's own address before it has proved anything.
        pair.inject(hello, from: TransportPair.strangerAddress)
        pair.inject(hello, from: TransportPair.bridgeAddress)
        pair.introduce()
        pair.inject(hello, from: TransportPair.bridgeAddress)
        pair.run(for: .seconds(1)) { $0.inject(hello, from: TransportPair.strangerAddress) }
        let bothSecured = pair.bothSecured
        #expect(bothSecured)
        let failure = pair.boxFailure
        #expect(failure == nil)
    }

    /// The whole handshake, with a certificate of the stranger's own: no fault that nobody gets out of.
    @Test func aStrangersCertificateIsNeverLookedAt() throws {
        var stranger = try DTLSEndpoint(
            role: .client, certificate: .generate(), expected: [DTLSCertificate.generate().fingerprint])
        stranger.start()
        var pair = try TransportPair(boxRole: .server)
        var answers = 0
        for _ in 0..<20 {
            var datagram: [UInt8] = []
            while stranger.pollDatagram(into: &datagram) {
                pair.inject(datagram, from: TransportPair.strangerAddress)
            }
            while pair.box.pollDatagram(into: &datagram) != nil {
                answers += 1
                stranger.receive(datagram.span)
            }
        }
        #expect(answers == 0)
        pair.introduce()
        pair.run(for: .seconds(1))
        let (failure, bothSecured) = (pair.boxFailure, pair.bothSecured)
        #expect(failure == nil && bothSecured)
    }

    /// With the peer's own address too, which anybody can write into a datagram.
    @Test(arguments: [DTLSRole.client, .server]) func plainAlertsEndNothing(role: DTLSRole) throws {
        var pair = try TransportPair(boxRole: role)
        pair.introduce()
        pair.run(for: .seconds(2)) { pair in
            for alert in Self.plainAlerts {
                pair.inject(alert, from: TransportPair.bridgeAddress)
                pair.inject(alert, from: TransportPair.strangerAddress)
            }
        }
        let (failure, bothSecured) = (pair.boxFailure, pair.bothSecured)
        #expect(failure == nil && bothSecured)
        let isClosed = pair.boxEvents.contains(.closedByPeer)
        #expect(!isClosed)
    }

    @Test func randomDatagramsFromEverywhereEndNothing() throws {
        var random = RandomSource(seed: 99)
        var pair = try TransportPair(boxRole: .server)
        pair.introduce()
        pair.run(for: .seconds(1)) { pair in
            for source in [TransportPair.bridgeAddress, TransportPair.strangerAddress] {
                var datagram = random.bytes(Int.random(in: 1...1_400, using: &random))
                datagram[0] = Self.firstBytes.randomElement(using: &random) ?? 0
                pair.inject(datagram, from: source)
                datagram[0] = UInt8.random(in: 20...63, using: &random)
                pair.inject(datagram, from: TransportPair.strangerAddress)
            }
        }
        let (failure, bothSecured) = (pair.boxFailure, pair.bothSecured)
        #expect(failure == nil && bothSecured)
    }
}
