import Basis
import Testing

@testable import RTP

@Suite struct RTPHeaderTests {
    @Test func readsFixedHeaderAndStripsPadding() throws {
        let packet: [UInt8] = [0xA1, 0xE4, 0x12, 0x34, 0, 0, 0, 9, 0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3, 4, 7, 8, 0, 2]
        let header = try #require(RTPHeader.parse(packet))
        #expect(header.marker)
        #expect(header.payloadType == 100)
        #expect(header.sequenceNumber == 0x1234)
        #expect(header.timestamp == 9)
        #expect(header.ssrc == 0xDEAD_BEEF)
        #expect(header.payload == 16..<18)
    }

    @Test func acceptsPaddingOnly() throws {
        let packet: [UInt8] = [0xA0, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 3]
        #expect(try #require(RTPHeader.parse(packet)).payload.isEmpty)
    }

    @Test func refusesContradictions() {
        #expect(RTPHeader.parse([0x40, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1]) == nil)
        #expect(RTPHeader.parse([0x80, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0]) == nil)
        #expect(RTPHeader.parse([0x81, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1]) == nil)
        #expect(RTPHeader.parse([0xA0, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 2]) == nil)
        #expect(RTPHeader.parse([0xA0, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0]) == nil)
        #expect(RTPHeader.parse([0x90, 100, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0xBE, 0xDE, 0, 1, 0, 0]) == nil)
    }

    @Test func findsOneByteElements() throws {
        let packet: [UInt8] = [
            0x90, 111, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0xBE, 0xDE, 0, 3, 0x10, 0x85, 0, 0x51, 0xAB, 0xCD, 0xF0, 0x30, 1,
            2, 3, 4, 99,
        ]
        let header = try #require(RTPHeader.parse(packet))
        #expect(header.extensionElement(id: 1, in: packet) == 17..<18)
        #expect(header.extensionElement(id: 5, in: packet) == 20..<22)
        #expect(header.extensionElement(id: 3, in: packet) == nil, "id 15 ends the list")
        #expect(header.payload == 28..<29)
    }

    @Test func findsTwoByteElements() throws {
        let packet: [UInt8] = [
            0x90, 111, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0x10, 0x00, 0, 3, 20, 0, 0, 1, 1, 0x42, 5, 2, 0xAB, 0xCD, 6, 9,
        ]
        let header = try #require(RTPHeader.parse(packet))
        #expect(header.extensionElement(id: 20, in: packet) == 18..<18)
        #expect(header.extensionElement(id: 1, in: packet) == 21..<22)
        #expect(header.extensionElement(id: 5, in: packet) == 24..<26)
        #expect(header.extensionElement(id: 6, in: packet) == nil, "longer than the block")
    }

    @Test(arguments: [UInt8(5), 14, 15, 200])
    func writesWhatItReads(id: UInt8) throws {
        var writer = RTPHeaderWriter()
        var packet: [UInt8] = [9, 9]
        let header = RTPHeader(
            marker: true, payloadType: 111, sequenceNumber: 7, timestamp: 8, ssrc: 9, payload: 0..<0,
            extensionProfile: nil, extensionElements: 0..<0)
        writer.write(
            header, extensions: RTPExtensionMap(audioLevel: 1, transportWideCC: id, absSendTime: 3), audioLevel: 33,
            into: &packet)
        let length = packet.count
        packet.append(0x77)
        let read = try #require(RTPHeader.parse(packet))
        #expect(read.marker && read.payloadType == 111 && read.sequenceNumber == 7 && read.timestamp == 8)
        #expect(read.payload == length..<length + 1)
        let level = try #require(read.extensionElement(id: 1, in: packet))
        #expect(packet[level.lowerBound] == 33)
        #expect(read.extensionElement(id: id, in: packet)?.lowerBound == writer.transportSequenceOffset)
        #expect(read.extensionElement(id: 3, in: packet)?.lowerBound == writer.absSendTimeOffset)
    }

    @Test func unwrapsAcrossTheEnd() {
        var unwrapper = SequenceUnwrapper()
        #expect(unwrapper.unwrap(65_534) == 131_070)
        #expect(unwrapper.unwrap(1) == 131_073)
        #expect(unwrapper.unwrap(65_535) == 131_071)
        #expect(unwrapper.highest == 131_073)
    }

    @Test func derivesNTPTime() {
        let time = NTPTimestamp(MonotonicInstant(nanoseconds: 1_500_000_000), offset: .seconds(10))
        #expect(time.rawValue == 11 << 32 | 1 << 31)
        #expect(time.middle == 11 << 16 | 1 << 15)
        #expect(time.absSendTime == 11 << 18 | 1 << 17)
    }
}
