import Basis
import Testing

@testable import SCTP

struct DataChannelEstablishmentTests {
    @Test func openIsAsTheBridgeExpects() throws {
        let message = DataChannelEstablishment.open(
            label: "JVB data channel", protocol: "http://jitsi.org/protocols/colibri")
        let bytes = try #require(message.bytes)
        #expect(Hexadecimal.encode(Array(bytes.prefix(12))) == "030001000000000000100022")
        #expect(bytes.count == 12 + 16 + 34)
        #expect(DataChannelEstablishment(bytes) == message)
    }

    @Test func acknowledgementIsOneOctet() {
        #expect(DataChannelEstablishment.acknowledgement.bytes == [2])
        #expect(DataChannelEstablishment([2]) == .acknowledgement)
    }

    @Test func refusesWhatIsCutOrNoText() {
        #expect(DataChannelEstablishment([]) == nil)
        #expect(DataChannelEstablishment([1]) == nil)
        #expect(DataChannelEstablishment([3, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0]) == nil)
        #expect(DataChannelEstablishment([3, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xFF]) == nil)
        #expect(DataChannelEstablishment([3, 0, 1, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x41]) == nil)
        #expect(DataChannelEstablishment.open(label: String(repeating: "x", count: 70_000), protocol: "").bytes == nil)
    }

    @Test func noiseNeverTraps() {
        var random = RandomSource(seed: 9)
        for _ in 0..<5_000 {
            var bytes = random.bytes(Int.random(in: 0...40, using: &random))
            if !bytes.isEmpty { bytes[0] = 3 }
            _ = DataChannelEstablishment(bytes)
        }
        #expect(DataChannelEstablishment(random.bytes(11)) == nil)
    }
}
