import Basis
import Testing

@testable import ICE

/// A TURN server of a few lines: long-term credentials, one allocation, channels that send everything back.
private struct Server {
    var password = "secret"
    var nonce = Array("nonce-1".utf8)
    var realm = "example.org"
    var lifetime: UInt32 = 600
    var refusal: Int?
    var bindRefusal: Int?
    var channels: [UInt16: TransportAddress] = [:]
    var seen: [STUNMessage.Method] = []
    var lastLifetime: UInt32?
    let relayed = TransportAddress(.v4(0xC000_0201), port: 50_000)

    private var key: Redacted<[UInt8]> { Redacted(MD5.hash(Array("user:\(realm):\(password)".utf8))) }

    /// What the server answers to one message; ChannelData comes back as it is.
    mutating func answer(_ bytes: [UInt8]) -> [UInt8]? {
        if let first = bytes.first, (64...79).contains(first) {
            return channels[UInt16(first) << 8 | UInt16(bytes[1])] == nil ? nil : bytes
        }
        guard let request = STUNMessage.parse(bytes.span) else { return nil }
        seen.append(request.method)
        if !request.hasIntegrity { return error(401, request, withNonce: true, key: nil) }
        guard request.isAuthentic(key: key) else { return error(401, request, withNonce: true, key: nil) }
        guard request.value(of: .nonce) == nonce else { return error(438, request, withNonce: true, key: nil) }
        if let refusal { return error(refusal, request, withNonce: false, key: key) }
        var response = STUNMessage(.success, request.method, transaction: request.transaction)
        switch request.method {
        case .allocate:
            response.setXORAddress(.xorRelayedAddress, relayed)
            response.xorMappedAddress = TransportAddress(.v4(0xC633_6401), port: 1_234)
            response.set(.lifetime, Self.word(lifetime))
        case .refresh:
            lastLifetime = request.value(of: .lifetime).flatMap { $0.span.uint32(at: 0) }
            response.set(.lifetime, Self.word(lifetime))
        case .channelBind:
            if let bindRefusal { return error(bindRefusal, request, withNonce: false, key: key) }
            guard let number = request.value(of: .channelNumber).flatMap({ $0.span.uint16(at: 0) }),
                let peer = request.xorAddress(.xorPeerAddress)
            else { return error(400, request, withNonce: false, key: key) }
            channels[number] = peer
        default: return nil
        }
        return response.encoded(key: key)
    }

    private func error(_ code: Int, _ request: STUNMessage, withNonce: Bool, key: Redacted<[UInt8]>?) -> [UInt8] {
        var response = STUNMessage(.error, request.method, transaction: request.transaction)
        response.errorCode = .init(number: code, reason: "")
        if withNonce {
            response.set(.realm, Array(realm.utf8))
            response.set(.nonce, nonce)
        }
        return response.encoded(key: key)
    }

    static func word(_ value: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(uint32: value)
        return bytes
    }
}

@Suite struct TURNClientTests {
    private let peer = TransportAddress(.v4(0xCB00_7105), port: 10_000)
    private let start = MonotonicInstant.zero + .seconds(10)

    private func client(password: String = "secret", isStream: Bool = false) -> TURNClient {
        TURNClient(username: "user", password: Redacted(password), isStream: isStream, random: RandomSource(seed: 7))
    }

    /// Lets both talk until neither has anything to say; what was relayed, with its sender.
    @discardableResult
    private func settle(
        _ client: inout TURNClient, _ server: inout Server, at now: MonotonicInstant
    ) -> [(TransportAddress, [UInt8])] {
        var relayed: [(TransportAddress, [UInt8])] = []
        var payload: [UInt8] = []
        while let bytes = client.pollTransmit() {
            guard let answer = server.answer(bytes) else { continue }
            if let sender = client.receive(answer.span, payload: &payload, at: now) {
                relayed.append((sender, payload))
            }
        }
        return relayed
    }

    private func events(_ client: inout TURNClient) -> [TURNEvent] {
        var events: [TURNEvent] = []
        while let event = client.pollEvent() { events.append(event) }
        return events
    }

    @Test func anAllocationIsMadeWithTheCredentialsThatTheServerAsksFor() {
        var (client, server) = (client(), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        let told = events(&client)
        #expect(
            told == [
                .allocated(relayed: server.relayed, mapped: TransportAddress(.v4(0xC633_6401), port: 1_234))
            ])
        #expect(server.seen == [.allocate, .allocate])
        #expect(client.relayed == server.relayed)
    }

    @Test func theFirstPacketWaitsForItsChannelAndComesBack() {
        var (client, server) = (client(), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        client.send([1, 2, 3].span, to: peer, at: start)
        client.send([4, 5, 6, 7, 8].span, to: peer, at: start)
        let relayed = settle(&client, &server, at: start)
        #expect(relayed.map(\.0) == [peer])
        #expect(relayed.map(\.1) == [[4, 5, 6, 7, 8]])
        client.send([9].span, to: peer, at: start)
        let again = settle(&client, &server, at: start)
        #expect(again.map(\.1) == [[9]])
        #expect(server.channels == [0x4000: peer])
    }

    @Test func aStreamPadsChannelDataAndIsCutAgain() {
        var (client, server) = (client(isStream: true), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        client.permit(peer, at: start)
        settle(&client, &server, at: start)
        client.send([1, 2, 3, 4, 5].span, to: peer, at: start)
        let bytes = client.pollTransmit() ?? []
        #expect(bytes == [0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0])
        var stream = TURNStream()
        var frames: [[UInt8]] = []
        var frame: [UInt8] = []
        let request = STUNMessage(.request, .refresh, transaction: .init(high: 1, low: 2)).encoded()
        for byte in bytes + request + bytes {
            stream.append([byte].span)
            while stream.next(into: &frame) { frames.append(frame) }
        }
        #expect(frames == [Array(bytes.prefix(9)), request, Array(bytes.prefix(9))])
        stream.append([0xFF, 0, 0, 0, 0].span)
        let hasMore = stream.next(into: &frame)
        #expect(!hasMore)
        #expect(stream.isBroken)
    }

    @Test func wrongCredentialsAndErrorsEndIt() {
        var (client, server) = (client(password: "wrong"), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        let told = events(&client)
        #expect(told == [.failed(.credentialsRefused)])
        #expect(client.soonest.instant == nil)
        var full = Server()
        full.refusal = 486
        var other = self.client()
        other.start(at: start)
        settle(&other, &full, at: start)
        let refusal = events(&other)
        #expect(refusal == [.failed(.refused(486))])
    }

    @Test func aStaleNonceIsReplaced() {
        var (client, server) = (client(), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        server.nonce = Array("nonce-2".utf8)
        client.permit(peer, at: start)
        settle(&client, &server, at: start)
        #expect(server.channels == [0x4000: peer])
    }

    @Test func allocationAndChannelsAreKeptAliveForHours() {
        var (client, server) = (client(), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        client.permit(peer, at: start)
        settle(&client, &server, at: start)
        _ = events(&client)
        var steps = 0
        while let due = client.soonest.instant, due < start + .seconds(7_200) {
            client.advance(to: due)
            settle(&client, &server, at: due)
            steps += 1
        }
        // A refresh each 300 s and a binding each 240 s.
        #expect(server.seen.count { $0 == .refresh } == 23)
        #expect(server.seen.count { $0 == .channelBind } == 30)
        #expect(steps < 200)
        let later = events(&client)
        #expect(later.isEmpty)
    }

    @Test func aServerThatDoesNotAnswerIsGivenUp() {
        var client = client()
        client.start(at: start)
        var sent = 0
        var end = start
        while true {
            while client.pollTransmit() != nil { sent += 1 }
            guard let due = client.soonest.instant else { break }
            end = due
            client.advance(to: due)
        }
        #expect(sent == 7)
        let told = events(&client)
        #expect(told == [.failed(.noAnswer)])
        #expect(end > start + .seconds(30))
    }

    @Test func aPeerThatIsRefusedClosesNoOther() {
        var (client, server) = (client(), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        server.bindRefusal = 403
        client.send([1].span, to: peer, at: start)
        let refused = settle(&client, &server, at: start)
        #expect(refused.isEmpty)
        server.bindRefusal = nil
        let other = TransportAddress(.v4(0xCB00_7106), port: 10_000)
        client.send([2].span, to: other, at: start)
        let relayed = settle(&client, &server, at: start)
        #expect(relayed.map(\.0) == [other])
    }

    @Test func closingGivesTheAllocationBack() {
        var (client, server) = (client(), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        client.close(at: start)
        settle(&client, &server, at: start)
        #expect(server.lastLifetime == 0)
        #expect(client.soonest.instant == nil)
    }

    @Test func anythingFromTheServerIsOnlyData() {
        var chance = RandomSource(seed: 99)
        var (client, server) = (client(), Server())
        client.start(at: start)
        settle(&client, &server, at: start)
        client.permit(peer, at: start)
        settle(&client, &server, at: start)
        var payload: [UInt8] = []
        var stream = TURNStream()
        var relayed = 0
        for _ in 0..<5_000 {
            var bytes = chance.bytes(Int(chance.next() % 64))
            if chance.next() % 2 == 0, bytes.count > 4 { bytes.replaceSubrange(0..<2, with: [0x40, 0x00]) }
            if client.receive(bytes.span, payload: &payload, at: start) != nil { relayed += 1 }
            stream.append(bytes.span)
            while stream.next(into: &payload) {}
            if stream.isBroken { stream = TURNStream() }
        }
        #expect(client.relayed == server.relayed)
        #expect(relayed < 5_000)
    }
}
