import Basis
import RTP
import Testing

@Suite struct OpusPacketTests {
    private func isPause(_ packet: [UInt8]) -> Bool { OpusPacket.isPause(packet.span) }

    @Test(arguments: [
        ([0x00], 480), ([0x08], 960), ([0x18], 2_880), ([0x60], 480), ([0x68], 960), ([0x80], 120), ([0x98], 960),
        ([0x99], 1_920), ([0x9B, 0x03], 2_880), ([0x9B, 0x3F], 5_760), ([0x9B, 0x00], 120), ([], 960),
    ])
    func readsThePacketsDuration(packet: [UInt8], samples: Int) {
        #expect(OpusPacket.duration(packet.span) == samples)
    }

    @Test(arguments: [
        // SILK, 20 ms, mono: voice activity, then redundancy.
        ([0x08, 0x40, 0], true), ([0x08, 0xBF, 0], false), ([0x08, 0x40], false), ([0x08], false), ([], false),
        // Stereo: the same twice.
        ([0x0C, 0x10, 0], true), ([0x0C, 0x40, 0], true), ([0x0C, 0xAF, 0], false),
        // 60 ms: three frames' activity first.
        ([0x18, 0x10, 0], true), ([0x18, 0xEF, 0], false),
        // Hybrid, 20 ms; CELT has none.
        ([0x78, 0x40, 0], true), ([0xF8, 0xFF, 0], false),
        // Two frames of one length, two of different ones, any number.
        ([0x09, 0x40, 0, 0], true), ([0x0A, 0x01, 0x40, 0], true), ([0x0A, 0xFC, 0x01, 0x40, 0], true),
        ([0x0B, 0x02, 0x40, 0], false),
    ])
    func seesRedundancy(packet: [UInt8], isThere: Bool) {
        #expect(OpusPacket.hasRedundancy(packet.span) == isThere)
    }

    @Test func aPauseIsNothingButItsHead() {
        #expect(isPause([0x08]))
        #expect(isPause([0x08, 0]))
        #expect(!isPause([0x08, 0, 0]))
    }
}

@Suite struct RedundantAudioTests {
    /// A header of RFC 2198 section 3.
    private static func header(_ offset: Int, _ length: Int, type: UInt8 = 111) -> [UInt8] {
        let bits = UInt32(offset) << 10 | UInt32(length)
        return [0x80 | type, UInt8(bits >> 16), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
    }

    private func parts(_ payload: [UInt8], payloadType: UInt8? = nil) -> RedundantAudio? {
        RedundantAudio(payload.span, payloadType: payloadType)
    }

    /// Offset, distance and range of a copy.
    private func copy(_ parts: RedundantAudio, _ index: Int) -> [Int] {
        let copy = parts.copy(index)
        return [Int(copy.timestampOffset), Int(copy.distance), copy.range.lowerBound, copy.range.upperBound]
    }

    @Test func findsTheBlocksInTheirOrder() throws {
        let payload = Self.header(1_920, 3) + Self.header(960, 2) + [111] + [1, 1, 1, 2, 2, 3, 3, 3, 3]
        let found = try #require(parts(payload, payloadType: 111))
        #expect(found.copyCount == 2)
        #expect(copy(found, 0) == [1_920, 2, 9, 12])
        #expect(copy(found, 1) == [960, 1, 12, 14])
        #expect(found.primary == 14..<18)
    }

    @Test func thePrimaryMayBeAlone() throws {
        let found = try #require(parts([111, 7]))
        #expect(found.copyCount == 0)
        #expect(found.primary == 1..<2)
    }

    @Test func emptyCopiesAndThoseOfThisMomentAreLeftOut() throws {
        let payload = Self.header(1_920, 0) + Self.header(0, 1) + Self.header(960, 1) + [111] + [1, 2, 3]
        let found = try #require(parts(payload))
        #expect(found.copyCount == 1)
        #expect(found.copy(0).distance == 1)
    }

    @Test func ofManyCopiesTheNearestAreKept() throws {
        var payload: [UInt8] = []
        for distance in (1...9).reversed() { payload += Self.header(distance * 960, 1) }
        payload += [111] + [UInt8](repeating: 0, count: 9) + [5]
        let found = try #require(parts(payload))
        #expect((0..<found.copyCount).map { found.copy($0).distance } == [4, 3, 2, 1])
    }

    private static let invalid: [[UInt8]] = [
        [], [0x80 | 111], header(960, 1), header(960, 1) + [111], header(960, 5) + [111, 1, 2],
        header(960, 1, type: 110) + [111, 1, 2], header(960, 1) + [110, 1, 2], [111],
    ]

    @Test(arguments: invalid)
    func refusesWhatIsNotSuchAPayload(payload: [UInt8]) {
        #expect(parts(payload) == nil)
        #expect(parts(payload, payloadType: 111) == nil)
    }

    @Test func anotherFormatIsRefused() {
        #expect(parts([9, 1], payloadType: 111) == nil)
        #expect(parts([9, 1]) != nil)
    }

    @Test func survivesAnyInput() {
        var random = RandomSource(seed: 5)
        for _ in 0..<20_000 {
            var payload = random.bytes(Int.random(in: 0...60, using: &random))
            // Mostly one format.
            for index in payload.indices where index % 4 == 0 && Bool.random(using: &random) {
                payload[index] = Bool.random(using: &random) ? 111 : 0xEF
            }
            guard let found = parts(payload) else { continue }
            #expect(!found.primary.isEmpty && found.primary.upperBound == payload.count)
            for index in 0..<found.copyCount {
                #expect(
                    !found.copy(index).range.isEmpty && found.copy(index).range.upperBound <= found.primary.lowerBound)
            }
        }
    }
}
