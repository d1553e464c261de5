import Basis
import DTLSSRTP
import Testing

struct DTLSEndpointTests {
    @Test func bothSidesExportTheSameKeys() throws {
        let pair = try DTLSPair()
        pair.client.start()
        #expect(pair.clientTimeout != nil)
        pair.run()
        let clientKeys = try #require(pair.clientKeys)
        let serverKeys = try #require(pair.serverKeys)
        #expect(clientKeys == serverKeys)
        #expect(clientKeys.profile == .aeadAES128GCM)
        #expect(clientKeys.clientKey != clientKeys.serverKey)
        #expect(pair.clientTimeout == nil)
        #expect(pair.datagramLengths.allSatisfy { $0 <= 1_200 })
        #expect(!"\(clientKeys)".contains("\(clientKeys.clientKey.revealed)"))
    }

    @Test(arguments: [
        ([SRTPProfile.aes128CMHMACSHA1_80], [SRTPProfile.aeadAES128GCM, .aes128CMHMACSHA1_80]),
        ([.aeadAES128GCM, .aes128CMHMACSHA1_80], [.aes128CMHMACSHA1_80]),
    ])
    func theOnlyCommonProfileIsTaken(_ profiles: ([SRTPProfile], [SRTPProfile])) throws {
        let pair = try DTLSPair(clientProfiles: profiles.0, serverProfiles: profiles.1)
        pair.client.start()
        pair.run()
        #expect(pair.clientKeys?.profile == .aes128CMHMACSHA1_80)
        #expect(pair.clientKeys == pair.serverKeys)
    }

    @Test func withoutACommonProfileNoKeysLeave() throws {
        let pair = try DTLSPair(clientProfiles: [.aeadAES128GCM], serverProfiles: [.aes128CMHMACSHA1_80])
        pair.client.start()
        pair.run()
        #expect(pair.clientKeys == nil)
        #expect(pair.serverKeys == nil)
        #expect(pair.clientFailure == .noSRTPProfile)
    }

    @Test func anotherCertificateThanAnnouncedGivesNoKeys() throws {
        let other = try DTLSCertificate.generate().fingerprint
        let pair = try DTLSPair(clientExpects: other)
        pair.client.start()
        pair.run()
        #expect(pair.clientKeys == nil)
        guard case .fingerprintMismatch(let expected, let got) = pair.clientFailure else {
            Issue.record("no mismatch reported")
            return
        }
        #expect(expected == [other])
        #expect(got != nil && got != other)
        #expect(!pair.clientSends([1, 2, 3]))
    }

    @Test func theServerChecksTheClientToo() throws {
        let other = try DTLSCertificate.generate().fingerprint
        let pair = try DTLSPair(serverExpects: other)
        pair.client.start()
        pair.run()
        #expect(pair.serverKeys == nil)
        guard case .fingerprintMismatch = pair.serverFailure else {
            Issue.record("no mismatch reported")
            return
        }
    }

    @Test func theStrongestAnnouncedHashDecides() throws {
        let certificate = try DTLSCertificate.generate()
        let weak = try #require(DTLSFingerprint(hash: "sha-1", bytes: [UInt8](repeating: 7, count: 20)))
        let clientCertificate = try DTLSCertificate.generate()
        var client = try DTLSEndpoint(
            role: .client, certificate: clientCertificate, expected: [weak, certificate.fingerprint])
        var server = try DTLSEndpoint(
            role: .server, certificate: certificate, expected: [clientCertificate.fingerprint])
        server.start()
        client.start()
        var buffer: [UInt8] = []
        for _ in 0..<8 {
            while client.pollDatagram(into: &buffer) { server.receive(buffer.span) }
            while server.pollDatagram(into: &buffer) { client.receive(buffer.span) }
        }
        guard case .connected = client.pollEvent() else {
            Issue.record("not connected")
            return
        }
    }

    @Test func withoutAnyFingerprintThereIsNoEndpoint() throws {
        let certificate = try DTLSCertificate.generate()
        #expect(throws: DTLSError.self) {
            _ = try DTLSEndpoint(role: .client, certificate: certificate, expected: [])
        }
    }

    @Test func aLostFirstFlightIsSentAgain() throws {
        let pair = try DTLSPair(retransmission: .milliseconds(16))
        pair.client.start()
        pair.run { fromClient, datagram in fromClient ? nil : datagram }
        #expect(pair.clientKeys == nil)
        pair.exhaustClientTimer()
        pair.client.advance()
        pair.complete()
        #expect(pair.clientKeys != nil)
        #expect(pair.clientKeys == pair.serverKeys)
    }

    @Test func anUnansweredHandshakeEnds() throws {
        let pair = try DTLSPair(retransmission: .zero)
        // Waits of nothing: all repetitions are spent at once.
        pair.client.start()
        pair.run { _, _ in nil }
        guard case .handshake = pair.clientFailure else {
            Issue.record("still hoping")
            return
        }
        #expect(pair.clientTimeout == nil)
    }

    @Test func messagesTravelOnePerDatagram() throws {
        let pair = try DTLSPair()
        pair.client.start()
        #expect(!pair.clientSends([1]))
        pair.run()
        pair.datagramLengths = []
        let messages: [[UInt8]] = [[1], [2, 3], [UInt8](repeating: 9, count: 1_150)]
        for message in messages { #expect(pair.clientSends(message)) }
        #expect(pair.serverSends([42]))
        #expect(!pair.clientSends([UInt8](repeating: 9, count: 1_200)))
        #expect(!pair.clientSends([UInt8]()))
        pair.run()
        #expect(pair.serverReceived == messages)
        #expect(pair.clientReceived == [[42]])
        #expect(pair.datagramLengths.count == 4)
        #expect(pair.datagramLengths.allSatisfy { $0 <= 1_200 })
    }

    @Test func closingReachesThePeer() throws {
        let pair = try DTLSPair()
        pair.client.start()
        pair.run()
        pair.client.close()
        pair.run()
        #expect(pair.serverClosed)
        #expect(!pair.clientSends([1]))
        #expect(!pair.serverSends([1]))
    }

    @Test func garbageDoesNotDisturbTheHandshake() throws {
        var random = RandomSource(seed: 7)
        let pair = try DTLSPair()
        pair.client.start()
        let crafted: [[UInt8]] = [
            [],
            // Plain alerts: fatal handshake_failure, close_notify, fatal internal_error behind a sound record.
            [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40],
            [21, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 1, 0],
            [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 80],
            // An alert of three octets, which OpenSSL alone would take as fatal.
            [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 2, 40, 0],
            // A handshake message that pretends to have 16 MB.
            [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 2, 0, 13, 2, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0],
            // Application data before there is a key.
            [23, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0],
            // A record whose epoch nobody has reached.
            [22, 0xFE, 0xFD, 0, 9, 0, 0, 0, 0, 0, 4, 0, 1, 0],
        ]
        for datagram in crafted {
            pair.client.receive(datagram.span)
            pair.server.receive(datagram.span)
        }
        for _ in 0..<2_000 {
            var datagram = random.bytes(Int.random(in: 1...200, using: &random))
            datagram[0] = UInt8.random(in: 20...63, using: &random)
            pair.client.receive(datagram.span)
            pair.server.receive(datagram.span)
        }
        pair.run()
        #expect(pair.clientKeys != nil)
        #expect(pair.clientKeys == pair.serverKeys)
        for _ in 0..<500 {
            let datagram = [23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 1, 1, 0, 40] + random.bytes(40)
            pair.client.receive(datagram.span)
        }
        #expect(pair.serverSends([5]))
        pair.run()
        #expect(pair.clientReceived == [[5]])
    }

    private static let plainAlerts: [[UInt8]] = [
        [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40],
        [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0],
        [21, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 51],
    ]

    /// Anybody can send a plain alert, at any time.
    @Test(arguments: 0..<12) func plainAlertsEndNothing(step: Int) throws {
        let pair = try DTLSPair()
        pair.client.start()
        var carried = 0
        pair.run { _, datagram in
            if carried == step {
                for alert in Self.plainAlerts {
                    pair.client.receive(alert.span)
                    pair.server.receive(alert.span)
                }
            }
            carried += 1
            return datagram
        }
        #expect(pair.clientKeys != nil && pair.clientKeys == pair.serverKeys)
        for alert in Self.plainAlerts {
            pair.client.receive(alert.span)
            pair.server.receive(alert.span)
        }
        #expect(pair.clientSends([1]) && pair.serverSends([2]))
        pair.run()
        #expect(pair.serverReceived == [[1]] && pair.clientReceived == [[2]])
    }

    @Test func mutatedFlightsNeverTrapAndNeverYieldForeignKeys() throws {
        var random = RandomSource(seed: 11)
        for _ in 0..<150 {
            let pair = try DTLSPair()
            pair.client.start()
            pair.run { _, datagram in
                var mutated = datagram
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    let index = Int.random(in: 0..<mutated.count, using: &random)
                    mutated[index] = UInt8.random(in: 0...255, using: &random)
                }
                return mutated
            }
            if let client = pair.clientKeys, let server = pair.serverKeys { #expect(client == server) }
        }
    }

    @Test func endpointsComeAndGo() throws {
        for round in 0..<50 {
            let pair = try DTLSPair()
            if round.isMultiple(of: 2) { pair.client.start() }
            if round.isMultiple(of: 5) { pair.run() }
        }
    }
}

struct DTLSFingerprintTests {
    @Test func comparesOctetsNotText() throws {
        let upper = try #require(DTLSFingerprint(hash: "SHA-1", value: "AA:BB" + String(repeating: ":0f", count: 18)))
        let lower = try #require(DTLSFingerprint(hash: "sha-1", value: "aabb" + String(repeating: "0F", count: 18)))
        #expect(upper == lower)
        #expect(upper.value.hasPrefix("AA:BB:0F"))
    }

    @Test(arguments: [("md5", "AA"), ("sha-256", "AA:BB"), ("sha-256", "zz"), ("sha-1", "")])
    func refusesWhatIsNoDigest(_ pair: (String, String)) {
        #expect(DTLSFingerprint(hash: pair.0, value: pair.1) == nil)
    }

    @Test func certificatesDiffer() throws {
        let first = try DTLSCertificate.generate()
        let second = try DTLSCertificate.generate()
        #expect(first.fingerprint != second.fingerprint)
        #expect(first.fingerprint.hash == "sha-256")
        #expect(first.fingerprint.value.utf8.count == 95)
    }
}
