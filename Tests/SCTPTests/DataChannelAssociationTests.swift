import Basis
import SCTP
import Testing

/// One after the other: usrsctp's timers are the process's, so these worlds would hurry each other.
@Suite(.serialized)
struct DataChannelAssociationTests {
    private static func contains(_ needle: [UInt8], in haystack: [UInt8]) -> Bool {
        guard haystack.count >= needle.count else { return false }
        return (0...haystack.count - needle.count).contains { Array(haystack[$0..<$0 + needle.count]) == needle }
    }

    @Test func clientOpensTheBridgeChannel() throws {
        let pair = try SCTPPair()
        pair.client.connect()
        pair.client.openChannel()
        pair.run()
        #expect(pair.clientEvents == [.connected, .channelOpen(stream: 0, label: "JVB data channel")])
        #expect(pair.serverEvents == [.connected, .channelOpen(stream: 0, label: "JVB data channel")])
        #expect(pair.packets.allSatisfy { CRC32C.isRight($0.bytes) })
        // INIT: ports 5000, verification tag 0, chunk type 1.
        let initiation = try #require(pair.packets.first)
        #expect(initiation.fromClient)
        #expect(initiation.bytes[..<8] == [0x13, 0x88, 0x13, 0x88, 0, 0, 0, 0])
        #expect(initiation.bytes[12] == 1)
        // PPID 50, OPEN: reliable and ordered, priority 256, reliability 0, lengths 16 and 34, names.
        let open: [UInt8] =
            [0, 0, 0, 50, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x22] + Array("JVB data channel".utf8)
            + Array("http://jitsi.org/protocols/colibri".utf8)
        #expect(pair.packets.contains { $0.fromClient && Self.contains(open, in: $0.bytes) })
        // DATA on stream 0, first of its stream, PPID 50, one octet 02.
        let acknowledgement: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 50, 2]
        #expect(pair.packets.contains { !$0.fromClient && Self.contains(acknowledgement, in: $0.bytes) })
    }

    @Test func textTravelsBothWaysInOrder() throws {
        let pair = try SCTPPair()
        #expect(!pair.clientSends("early"))
        pair.open()
        let texts = ["{\"colibriClass\":\"ClientHello\"}", "", "é\u{1F600}"]
        for text in texts {
            #expect(pair.clientSends(text))
            #expect(pair.serverSends(text))
        }
        pair.run()
        #expect(pair.clientEvents == texts.map { .message(stream: 0, text: $0) })
        #expect(pair.serverEvents == texts.map { .message(stream: 0, text: $0) })
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func aLongMessageSurvivesLosses(_ seed: UInt64) throws {
        let pair = try SCTPPair()
        pair.open()
        // Each of the first sixty full packets may be lost once; fast retransmission brings them back. (usrsctp's T3
        // looks at the machine's clock, which stands still beside this world's.)
        var random = RandomSource(seed: seed)
        var seen: Set<[UInt8]> = []
        var losses = 0
        pair.wire = { fromClient, packet in
            guard fromClient, packet.count > 1_000, seen.count < 60, seen.insert(Array(packet[16..<20])).inserted,
                Double.random(in: 0..<1, using: &random) < 0.1
            else { return packet }
            losses += 1
            return nil
        }
        let long = String((0..<100_000).map { Character(UnicodeScalar(UInt8(ascii: "a") + UInt8($0 % 26))) })
        #expect(pair.clientSends(long))
        #expect(pair.clientSends("after"))
        pair.run(for: .seconds(20))
        #expect(losses > 0)
        #expect(pair.serverEvents.suffix(2) == [.message(stream: 0, text: long), .message(stream: 0, text: "after")])
        let longest = pair.packets.map(\.bytes.count).max() ?? 0
        #expect(longest <= 1_150 && longest > 1_000)
    }

    @Test func theLargestMessagePassesAndALargerOneIsRefused() throws {
        let pair = try SCTPPair()
        pair.open()
        let largest = String(repeating: "x", count: DataChannelAssociation.maximumMessage)
        #expect(!pair.clientSends(largest + "x"))
        #expect(pair.clientSends(largest))
        pair.run(for: .seconds(20))
        #expect(pair.serverEvents == [.message(stream: 0, text: largest)])
    }

    @Test func theSendBufferIsBounded() throws {
        let pair = try SCTPPair()
        pair.open()
        let text = String(repeating: "x", count: 100_000)
        var accepted = 0
        while accepted < 100, pair.clientSends(text) { accepted += 1 }
        #expect(accepted > 1 && accepted < 10)
        pair.run(for: .seconds(20))
        #expect(pair.serverEvents.count == accepted)
        #expect(pair.clientSends("again"))
    }

    @Test func aLostInitIsRepeatedByTheTimer() throws {
        let pair = try SCTPPair()
        var isLost = false
        pair.wire = { _, packet in
            guard !isLost else { return packet }
            isLost = true
            return nil
        }
        pair.client.connect()
        pair.run(for: .milliseconds(200))
        #expect(pair.clientEvents.isEmpty)
        // The peer was not ready for the first: a join waits for nothing else.
        pair.run(for: .milliseconds(200))
        #expect(pair.clientEvents == [.connected])
    }

    @Test func withoutAnswerItGoesOnAsking() throws {
        let pair = try SCTPPair()
        pair.wire = { _, _ in nil }
        pair.client.connect()
        pair.run(for: .seconds(120))
        #expect(pair.clientEvents.isEmpty)
        #expect(pair.packets.count >= 30)
        pair.wire = { $1 }
        pair.run(for: .seconds(4))
        #expect(pair.clientEvents == [.connected])
    }

    @Test func anOrderlyEndIsSeenByBoth() throws {
        let pair = try SCTPPair()
        pair.open()
        #expect(pair.clientSends("last words"))
        pair.client.close()
        #expect(!pair.clientSends("too late"))
        pair.run(for: .seconds(1))
        #expect(pair.clientEvents == [.closed])
        #expect(pair.serverEvents == [.message(stream: 0, text: "last words"), .closed])
    }

    @Test func aCloseWithoutAnswerEndsAfterTwoSeconds() throws {
        let pair = try SCTPPair()
        pair.open()
        pair.wire = { _, _ in nil }
        pair.client.close()
        pair.run(for: .seconds(1))
        #expect(pair.clientEvents.isEmpty)
        pair.run(for: .seconds(2))
        #expect(pair.clientEvents == [.closed])
    }

    @Test func anAbortIsALoss() throws {
        let pair = try SCTPPair()
        pair.open()
        let fromServer = try #require(pair.packets.last { !$0.fromClient && $0.bytes[12] != 2 })
        let abort = CRC32C.sealed(Array(fromServer.bytes[..<12]) + [6, 0, 0, 4])
        pair.client.receive(abort.span)
        pair.run()
        #expect(pair.clientEvents == [.failed(.lost)])
    }

    @Test func deadlinesAreCoarseWhenNothingHappens() throws {
        let pair = try SCTPPair()
        #expect(pair.clientDeadline == nil)
        pair.open()
        #expect(pair.clientDeadline == pair.now + .milliseconds(10))
        pair.run(for: .seconds(2))
        #expect(pair.clientDeadline == pair.now + .milliseconds(100))
    }

    @Test func garbageAndMutationsChangeNothingAndNeverTrap() throws {
        let pair = try SCTPPair()
        var random = RandomSource(seed: 5)
        pair.open()
        for _ in 0..<2_000 {
            let noise = random.bytes(Int.random(in: 0...200, using: &random))
            pair.client.receive(noise.span)
            pair.server.receive(noise.span)
        }
        #expect(pair.clientSends("still here"))
        pair.run()
        #expect(pair.serverEvents == [.message(stream: 0, text: "still here")])
        // With a right checksum and tag usrsctp looks inside; what becomes of the association is its own affair.
        let samples = pair.packets.filter { $0.bytes.count > 12 }
        for _ in 0..<3_000 {
            guard let sample = samples.randomElement(using: &random) else { break }
            var mutated = sample.bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                mutated[Int.random(in: 12..<mutated.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            mutated = CRC32C.sealed(mutated)
            if sample.fromClient { pair.server.receive(mutated.span) } else { pair.client.receive(mutated.span) }
        }
        pair.run()
    }

    @Test func associationsComeAndGo() throws {
        for round in 0..<50 {
            let pair = try SCTPPair()
            if round.isMultiple(of: 2) { pair.client.connect() }
            if round.isMultiple(of: 4) { pair.open() }
            if round.isMultiple(of: 8) { pair.client.close() }
        }
    }
}
