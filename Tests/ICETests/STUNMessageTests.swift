import Basis
import ICE
import Testing

/// The sample messages of RFC 5769.
private enum Sample {
    static let request = """
        000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff\
        80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249\
        c1b571a280280004e57a3bcf
        """
    static let responseV4 = """
        0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643\
        000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96
        """
    static let responseV6 = """
        010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9fa\
        a5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c
        """
    static let longTerm = """
        000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c\
        662f2f3439396b39353464364f4c33346f4c39465354767936347341\
        0014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666
        """
    static let key = Redacted(Array("VOkJxbRl1RmTxUk/WvJxBt".utf8))
    static let transaction = STUNMessage.TransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE)

    static func bytes(_ hexadecimal: String) throws -> [UInt8] {
        try #require(Hexadecimal.decode(hexadecimal))
    }

    static func message(_ hexadecimal: String) throws -> STUNMessage {
        try #require(parse(bytes(hexadecimal)))
    }
}

@Suite struct STUNMessageTests {
    @Test func readsTheSampleRequest() throws {
        let message = try Sample.message(Sample.request)
        #expect(message.messageClass == .request)
        #expect(message.method == .binding)
        #expect(message.transaction == Sample.transaction)
        #expect(message.username == "evtj:h6vY")
        #expect(message.priority == 0x6E00_01FF)
        #expect(message.iceControlled == 0x932F_F9B1_5126_3B36)
        #expect(message.iceControlling == nil)
        #expect(!message.useCandidate)
        #expect(message.hasFingerprint)
        #expect(message.isAuthentic(key: Sample.key))
        #expect(!message.isAuthentic(key: Redacted(Array("VOkJxbRl1RmTxUk/WvJxBT".utf8))))
    }

    @Test(arguments: [(Sample.responseV4, "192.0.2.1"), (Sample.responseV6, "2001:db8:1234:5678:11:2233:4455:6677")])
    func readsTheSampleResponses(hexadecimal: String, mapped: String) throws {
        let message = try Sample.message(hexadecimal)
        #expect(message.messageClass == .success)
        #expect(message.xorMappedAddress == address(mapped, 32853))
        #expect(message.hasFingerprint)
        #expect(message.isAuthentic(key: Sample.key))
    }

    @Test func buildsTheSampleLongTermRequest() throws {
        var message = STUNMessage(
            .request, .binding, transaction: .init(high: 0x78AD_3433, low: 0xC6AD_72C0_29DA_412E))
        message.username = "マトリックス"
        message.set(.nonce, Array("f//499k954d6OL34oL9FSTvy64sA".utf8))
        message.set(.realm, Array("example.org".utf8))
        // MD5("マトリックス:example.org:TheMatrIX")
        let key = Redacted(try Sample.bytes("e8ca7ad59d5eb0518e312911d2dab2a9"))
        #expect(message.encoded(key: key, fingerprint: false) == (try Sample.bytes(Sample.longTerm)))
        let parsed = try Sample.message(Sample.longTerm)
        #expect(!parsed.hasFingerprint)
        #expect(parsed.isAuthentic(key: key))
        #expect(parsed.value(of: .realm) == Array("example.org".utf8))
    }

    @Test func readsWhatItWrites() throws {
        var message = STUNMessage(.error, .init(rawValue: 0x00F5), transaction: .init(high: 1, low: 2))
        message.username = "a:b"
        message.priority = 3
        message.useCandidate = true
        message.iceControlled = 4
        message.iceControlling = 5
        message.xorMappedAddress = address("fe80::1", 6)
        message.errorCode = .roleConflict
        message.unknownAttributes = [7, 8, 9]
        let bytes = message.encoded(key: Sample.key)
        let parsed = try #require(parse(bytes))
        #expect(parsed.attributes == message.attributes)
        #expect(parsed.messageClass == .error)
        #expect(parsed.method.rawValue == 0x00F5)
        #expect(parsed.username == "a:b")
        #expect(parsed.useCandidate)
        #expect(parsed.iceControlling == 5)
        #expect(parsed.xorMappedAddress == address("fe80::1", 6))
        #expect(parsed.errorCode == .roleConflict)
        #expect(parsed.unknownAttributes == [7, 8, 9])
        #expect(parsed.isAuthentic(key: Sample.key))
    }

    @Test func everySingleBitMatters() throws {
        let original = try Sample.bytes(Sample.request)
        for bit in 0..<original.count * 8 {
            var bytes = original
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let parsed = parse(bytes)
            // Without its type a FINGERPRINT is an attribute like another; then the integrity still has to hold.
            #expect(parsed == nil || parsed?.hasFingerprint == false, "bit \(bit)")
        }
    }

    @Test func ignoresWhatFollowsTheIntegrity() throws {
        var message = STUNMessage(.request, .binding, transaction: .init(high: 1, low: 2))
        message.username = "a:b"
        var bytes = message.encoded(key: Sample.key, fingerprint: false)
        bytes += [0x00, 0x25, 0x00, 0x00]
        bytes.set(uint16: UInt16(bytes.count - 20), at: 2)
        let parsed = try #require(parse(bytes))
        #expect(!parsed.useCandidate)
        #expect(parsed.isAuthentic(key: Sample.key))
    }

    @Test func tellsSTUNFromWhatSharesTheSocket() throws {
        let request = try Sample.bytes(Sample.request)
        #expect(isSTUN(request))
        let dtls: [UInt8] = [22, 254, 253] + [UInt8](repeating: 0, count: 30)
        let rtp: [UInt8] = [0x80, 111] + [UInt8](repeating: 0, count: 30)
        let channelData: [UInt8] = [0x40, 0, 0, 20] + [UInt8](repeating: 0, count: 30)
        let older = [UInt8](repeating: 0, count: 20)
        for other in [dtls, rtp, channelData, older, []] { #expect(!isSTUN(other)) }
    }

    @Test func refusesWhatIsNotOneWholeMessage() throws {
        let whole = try Sample.bytes(Sample.request)
        for count in whole.indices { #expect(parse(Array(whole[..<count])) == nil) }
        #expect(parse((whole + [0, 0, 0, 0])) == nil)
        var message = STUNMessage(.request, .binding, transaction: .init(high: 1, low: 2))
        message.username = String(repeating: "x", count: 1480)
        #expect(parse(message.encoded()) == nil)
    }

    @Test func namesUnknownRequiredAttributes() {
        var message = STUNMessage(.request, .binding, transaction: .init(high: 1, low: 2))
        message.username = "a:b"
        message.set(.init(rawValue: 0x7FFF), [1])
        message.set(.init(rawValue: 0xC057), [0, 0, 0, 50])
        #expect(message.unknownRequired(besides: [.username]) == [0x7FFF])
    }

    @Test func survivesMutation() throws {
        var random = RandomSource(seed: 5769)
        let samples = try [Sample.request, Sample.responseV4, Sample.responseV6, Sample.longTerm].map(Sample.bytes)
        var read = 0
        for round in 0..<6000 {
            var bytes = round % 4 == 0 ? random.bytes(Int.random(in: 0..<120, using: &random)) : samples[round % 4]
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            if round % 3 == 0, bytes.count >= 20 {
                bytes.replaceSubrange(4..<8, with: [0x21, 0x12, 0xA4, 0x42])
                // The fingerprint becomes an attribute like another, so that the rest is looked at.
                if bytes.count > 28 { bytes.replaceSubrange(bytes.count - 8..<bytes.count - 6, with: [0x80, 0x2F]) }
            }
            guard let message = parse(bytes) else { continue }
            read += 1
            _ = (message.username, message.priority, message.iceControlled, message.iceControlling)
            _ = (message.xorMappedAddress, message.errorCode, message.unknownAttributes, message.useCandidate)
            #expect(parse(message.encoded())?.attributes == message.attributes)
        }
        #expect(read > 100)
    }
}
