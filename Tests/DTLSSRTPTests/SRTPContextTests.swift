import Basis
import DTLSSRTP
import Testing

struct SRTPContextTests {
    private static func keys(_ profile: SRTPProfile, seed: UInt64 = 1) throws -> SRTPKeyingMaterial {
        var random = RandomSource(seed: seed)
        return try #require(
            SRTPKeyingMaterial(
                profile: profile, clientKey: random.bytes(16), serverKey: random.bytes(16),
                clientSalt: random.bytes(profile.saltLength), serverSalt: random.bytes(profile.saltLength)))
    }

    private static func packet(sequence: UInt16, ssrc: UInt32 = 0x1234_5678) -> [UInt8] {
        var bytes: [UInt8] = [0x80, 96]
        bytes.append(uint16: sequence)
        bytes.append(uint32: 3_000)
        bytes.append(uint32: ssrc)
        bytes.append(contentsOf: (0..<100).map { UInt8($0) })
        return bytes
    }

    private static let receiverReport: [UInt8] = [0x80, 201, 0, 1, 0, 0, 0, 7]

    @Test(arguments: SRTPProfile.allCases)
    func roundTripBothWays(_ profile: SRTPProfile) throws {
        let keys = try Self.keys(profile)
        for role in [DTLSRole.client, .server] {
            let sender = try SRTPLine(sending: keys, role: role)
            let receiver = try SRTPLine(receiving: keys, role: role == .client ? .server : .client)
            for ssrc in [1, 2, 3] as [UInt32] {
                for sequence in 65_530...65_535 as ClosedRange<UInt16> {
                    let plain = Self.packet(sequence: sequence, ssrc: ssrc)
                    let sealed = try sender.sealed(rtp: plain)
                    #expect(sealed.count == plain.count + profile.tagLength)
                    #expect(sealed[..<12] == plain[..<12])
                    #expect(sealed[12..<plain.count] != plain[12...])
                    #expect(receiver.opened(rtp: sealed) == plain)
                }
            }
            let report = try sender.sealed(rtcp: Self.receiverReport)
            #expect(report.count == Self.receiverReport.count + 4 + profile.tagLength)
            #expect(receiver.opened(rtcp: report) == Self.receiverReport)
            #expect(receiver.opened(rtcp: report) == nil)
        }
    }

    @Test(arguments: SRTPProfile.allCases)
    func replayTamperingAndForeignKeysAreRefused(_ profile: SRTPProfile) throws {
        let keys = try Self.keys(profile)
        let sender = try SRTPLine(sending: keys, role: .client)
        let receiver = try SRTPLine(receiving: keys, role: .server)
        let stranger = try SRTPLine(receiving: Self.keys(profile, seed: 2), role: .server)
        let reflected = try SRTPLine(receiving: keys, role: .client)
        let plain = Self.packet(sequence: 1)
        let sealed = try sender.sealed(rtp: plain)
        for index in stride(from: 0, to: sealed.count, by: 7) {
            var tampered = sealed
            tampered[index] ^= 0x40
            #expect(receiver.opened(rtp: tampered) == nil)
        }
        #expect(stranger.opened(rtp: sealed) == nil)
        #expect(reflected.opened(rtp: sealed) == nil)
        #expect(receiver.opened(rtp: sealed) == plain)
        #expect(receiver.opened(rtp: sealed) == nil)
    }

    @Test func lateArrivalsWithinTheWindowPass() throws {
        let keys = try Self.keys(.aeadAES128GCM)
        let sender = try SRTPLine(sending: keys, role: .client)
        let receiver = try SRTPLine(receiving: keys, role: .server)
        let packets = try (1...1_000 as ClosedRange<UInt16>).map { try sender.sealed(rtp: Self.packet(sequence: $0)) }
        for packet in packets.reversed() {
            #expect(receiver.opened(rtp: packet) != nil)
        }
    }

    @Test func repeatedTransmissionIsAllowed() throws {
        let sender = try SRTPLine(sending: Self.keys(.aes128CMHMACSHA1_80), role: .client)
        let packet = Self.packet(sequence: 5)
        let first = try sender.sealed(rtp: packet)
        let second = try sender.sealed(rtp: packet)
        #expect(first == second)
    }

    @Test func spareCapacityIsUsed() throws {
        let sender = try SRTPLine(sending: Self.keys(.aeadAES128GCM), role: .client)
        let keepsStorage = try sender.keepsStorage(rtp: Self.packet(sequence: 1))
        #expect(keepsStorage)
    }

    @Test(arguments: SRTPProfile.allCases)
    func noiseNeverTraps(_ profile: SRTPProfile) throws {
        var random = RandomSource(seed: 3)
        let keys = try Self.keys(profile)
        let receiver = try SRTPLine(receiving: keys, role: .server)
        let sender = try SRTPLine(sending: keys, role: .client)
        for _ in 0..<3_000 {
            var bytes = random.bytes(Int.random(in: 0...80, using: &random))
            if let first = bytes.first { bytes[0] = 0x80 | first & 0x3F }
            #expect(receiver.opened(rtp: bytes) == nil)
            #expect(receiver.opened(rtcp: bytes) == nil)
            _ = try? sender.sealed(rtp: bytes)
            _ = try? sender.sealed(rtcp: bytes)
        }
        #expect(throws: SRTPError.refused(0)) { try sender.sealed(rtp: [0x80]) }
        #expect(throws: SRTPError.refused(0)) { try sender.sealed(rtcp: []) }
    }

    @Test func keysOfAHandshakeCarryMediaBothWays() throws {
        let pair = try DTLSPair()
        pair.client.start()
        pair.run()
        let clientKeys = try #require(pair.clientKeys)
        let serverKeys = try #require(pair.serverKeys)
        let plain = Self.packet(sequence: 1)
        let upward = try SRTPLine(sending: clientKeys, role: .client).sealed(rtp: plain)
        #expect(try SRTPLine(receiving: serverKeys, role: .server).opened(rtp: upward) == plain)
        let downward = try SRTPLine(sending: serverKeys, role: .server).sealed(rtp: plain)
        #expect(try SRTPLine(receiving: clientKeys, role: .client).opened(rtp: downward) == plain)
        #expect(upward != downward)
    }

    @Test func contextsComeAndGo() throws {
        for profile in SRTPProfile.allCases {
            for seed in 0..<50 as Range<UInt64> {
                let sender = try SRTPLine(sending: Self.keys(profile, seed: seed), role: .client)
                #expect(try sender.sealed(rtp: Self.packet(sequence: 1)).count > 112)
            }
        }
    }
}
