import Basis
import Testing

@testable import RTP

@Suite struct VP8Tests {
    private func read(_ bytes: [UInt8]) -> (descriptor: VP8PayloadDescriptor, length: Int)? {
        VP8PayloadDescriptor.parse(bytes.span)
    }

    @Test func examplesOfTheRFC() throws {
        // RFC 7741 section 4.6: key frame in one packet, with a 7-bit PictureID.
        let first = try #require(read([0x90, 0x80, 0x11, 0x00]))
        #expect(first.length == 3)
        #expect(first.descriptor == .init(startsPartition: true, pictureID: .init(value: 17, isExtended: false)))
        #expect(first.descriptor.startsFrame)
        // Second packet of a frame, 15-bit PictureID 4711.
        let second = try #require(read([0x80, 0x80, 0x92, 0x67, 0x00]))
        #expect(second.length == 4)
        #expect(second.descriptor == .init(pictureID: .init(value: 4711, isExtended: true)))
        #expect(!second.descriptor.startsFrame)
        // Without extension.
        let plain = try #require(read([0x10, 0x00]))
        #expect(plain.length == 1 && plain.descriptor == .init(startsPartition: true))
        // Everything present; TID 2, Y, KEYIDX 3.
        let full = try #require(read([0xB1, 0xF0, 0x80, 0x05, 0x2A, 0xA3]))
        #expect(full.length == 6)
        #expect(
            full.descriptor
                == .init(
                    isNonReference: true, startsPartition: true, partitionIndex: 1,
                    pictureID: .init(value: 5, isExtended: true), temporalLayerZeroIndex: 42, temporalLayer: 2,
                    isLayerSync: true, keyIndex: 3))
        #expect(read([]) == nil)
        #expect(read([0x80]) == nil)
        #expect(read([0x80, 0x80]) == nil)
        #expect(read([0x80, 0x80, 0x80]) == nil)
        #expect(read([0x80, 0xF0, 0x05, 0x01]) == nil)
    }

    @Test func writingAndReadingAreInverse() throws {
        var random = RandomSource(seed: 5)
        for _ in 0..<1000 {
            let hasLayer = Bool.random(using: &random)
            let isExtended = Bool.random(using: &random)
            let descriptor = VP8PayloadDescriptor(
                isNonReference: Bool.random(using: &random), startsPartition: Bool.random(using: &random),
                partitionIndex: UInt8.random(in: 0...7, using: &random),
                pictureID: Bool.random(using: &random)
                    ? .init(
                        value: UInt16.random(in: 0...(isExtended ? 0x7FFF : 0x7F), using: &random),
                        isExtended: isExtended) : nil,
                temporalLayerZeroIndex: Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : nil,
                temporalLayer: hasLayer ? UInt8.random(in: 0...3, using: &random) : nil,
                isLayerSync: hasLayer && Bool.random(using: &random),
                keyIndex: Bool.random(using: &random) ? UInt8.random(in: 0...31, using: &random) : nil)
            var buffer: [UInt8] = []
            descriptor.write(into: &buffer)
            let length = buffer.count
            buffer.append(1)
            let back = try #require(read(buffer))
            #expect(back.descriptor == descriptor)
            #expect(back.length == length)
        }
    }

    @Test func frameHeaders() {
        let key: [UInt8] = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x00, 0x45, 0xD0, 0x02]
        #expect(VP8FrameHeader.parse(key) == VP8FrameHeader(isKeyframe: true, width: 1280, height: 720))
        #expect(VP8FrameHeader.parse([0x11]) == VP8FrameHeader(isKeyframe: false, width: 0, height: 0))
        #expect(VP8FrameHeader.parse(Array(key.dropLast())) == nil)
        #expect(VP8FrameHeader.parse([]) == nil)
    }
}
