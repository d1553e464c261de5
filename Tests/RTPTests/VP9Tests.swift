import Basis
import Testing

@testable import RTP

@Suite struct VP9Tests {
    private func read(_ bytes: [UInt8]) -> (descriptor: VP9PayloadDescriptor, length: Int)? {
        VP9PayloadDescriptor.parse(bytes.span)
    }

    @Test func layoutsOfTheRFC() throws {
        // RFC 9628 figure 3, non-flexible: I, L, B; PictureID of 7 bits; TID 2, U, SID 1, D; TL0PICIDX.
        let plain = try #require(read([0xA8, 0x11, 0x53, 0x2A, 0x82]))
        #expect(plain.length == 4)
        #expect(
            plain.descriptor
                == .init(
                    pictureID: .init(value: 17, isExtended: false), startsFrame: true,
                    layers: .init(temporal: 2, isSwitchingUpPoint: true, spatial: 1, isInterLayerPredicted: true),
                    temporalLayerZeroIndex: 42))
        // Figure 2, flexible: I, P, L, F, E, Z; 15 bits; no TL0PICIDX; P_DIFF 1 and, last, 3.
        let flexible = try #require(read([0xF5, 0x92, 0x67, 0x20, 0x03, 0x06, 0x00]))
        #expect(flexible.length == 6)
        #expect(
            flexible.descriptor
                == .init(
                    pictureID: .init(value: 4711, isExtended: true), isInterPicturePredicted: true, isFlexible: true,
                    endsFrame: true, isNotReferenceForUpperLayers: true, layers: .init(temporal: 1),
                    references: [1, 3]))
        // Nothing but B and E.
        let bare = try #require(read([0x0C, 0x82]))
        #expect(bare.length == 1 && bare.descriptor == .init(startsFrame: true, endsFrame: true))
        #expect(bare.descriptor.startsKeyPicture)
        #expect(!plain.descriptor.startsKeyPicture, "a larger layer is nothing to begin with")
        for short: [UInt8] in [
            [], [0x80], [0x80, 0x80], [0x20], [0x20, 0x00], [0xD0, 0x01], [0x02], [0x02, 0x10, 1],
        ] {
            #expect(read(short) == nil)
        }
        // References without a PictureID, to the picture itself, and four of them.
        for wrong: [UInt8] in [[0x50, 0x02], [0xD0, 0x01, 0x00], [0xD0, 0x01, 0x03, 0x05, 0x07, 0x08]] {
            #expect(read(wrong) == nil)
        }
    }

    @Test func theScalabilityStructure() throws {
        // Figure 4: two spatial layers with their sizes; a group of two pictures.
        let bytes: [UInt8] = [
            0x8A, 0x01, 0x38, 0x01, 0x40, 0x00, 0xB4, 0x02, 0x80, 0x01, 0x68, 0x02, 0x14, 0x02, 0x58, 0x01, 0x03,
        ]
        let (descriptor, length) = try #require(read(bytes + [0x82]))
        #expect(length == bytes.count)
        #expect(
            descriptor.structure
                == .init(
                    spatialLayers: 2, sizes: [.init(width: 320, height: 180), .init(width: 640, height: 360)],
                    group: [
                        .init(temporalLayer: 0, isSwitchingUpPoint: true, references: [2]),
                        .init(temporalLayer: 2, isSwitchingUpPoint: true, references: [1, 3]),
                    ]))
        for count in 3..<bytes.count { #expect(read(Array(bytes[..<count])) == nil) }
        var written: [UInt8] = []
        descriptor.write(into: &written)
        #expect(written == bytes)
    }

    @Test func writingAndReadingAreInverse() throws {
        var random = RandomSource(seed: 6)
        func chance() -> Bool { Bool.random(using: &random) }
        for _ in 0..<1000 {
            let (isFlexible, isPredicted, isLayered, isExtended) = (chance(), chance(), chance(), chance())
            var references = VP9References()
            if isFlexible, isPredicted {
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    references.append(UInt8.random(in: 1...127, using: &random))
                }
            }
            let descriptor = VP9PayloadDescriptor(
                pictureID: isFlexible || chance()
                    ? .init(
                        value: UInt16.random(in: 0...(isExtended ? 0x7FFF : 0x7F), using: &random),
                        isExtended: isExtended) : nil,
                isInterPicturePredicted: isPredicted, isFlexible: isFlexible, startsFrame: chance(),
                endsFrame: chance(), isNotReferenceForUpperLayers: chance(),
                layers: isLayered
                    ? .init(
                        temporal: UInt8.random(in: 0...7, using: &random), isSwitchingUpPoint: chance(),
                        spatial: UInt8.random(in: 0...7, using: &random), isInterLayerPredicted: chance()) : nil,
                temporalLayerZeroIndex: isLayered && !isFlexible ? UInt8.random(in: 0...255, using: &random) : nil,
                references: references, structure: chance() ? .init(spatialLayers: 3) : nil)
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
        #expect(
            VP9Picture.header(VP9Picture.key(1280, 720))
                == VP9FrameHeader(isKeyframe: true, width: 1280, height: 720))
        #expect(
            VP9Picture.header(VP9Picture.key(65_536, 1))
                == VP9FrameHeader(isKeyframe: true, width: 65_536, height: 1))
        #expect(VP9Picture.header(VP9Picture.delta) == VP9FrameHeader(isKeyframe: false, width: 0, height: 0))
        #expect(
            VP9Picture.header(VP9Picture.predicted(640, 360))
                == VP9FrameHeader(isKeyframe: false, width: 640, height: 360), "a predicted frame of another size")
        // Shows a frame that is there already.
        #expect(VP9Picture.header([0x88]) == VP9FrameHeader(isKeyframe: false, width: 0, height: 0))
        // Another profile; no marker; no start code; sRGB.
        for wrong: [UInt8] in [
            [0x92, 0x49, 0x83, 0x42, 0, 0, 0, 0, 0, 0], [0x42, 0x49, 0x83, 0x42, 0, 0, 0, 0, 0, 0],
            [0x82, 0x49, 0x83, 0x43, 0, 0, 0, 0, 0, 0], [0x82, 0x49, 0x83, 0x42, 0xE0, 0, 0, 0, 0, 0], [],
        ] {
            #expect(VP9Picture.header(wrong) == nil)
        }
        for count in 0..<8 { #expect(VP9Picture.header(Array(VP9Picture.key(1280, 720)[..<count])) == nil) }
    }

    @Test func superframes() {
        func lengths(_ unit: [UInt8]) -> [Int]? {
            VP9Superframe(unit.span).map { superframe in
                (0..<superframe.count).map { superframe.length(of: $0, in: unit.span) }
            }
        }
        #expect(lengths([1, 2, 3]) == [3])
        #expect(lengths([]) == nil)
        // Annex B: two frames of two and three bytes, lengths of one byte.
        #expect(lengths([1, 1, 2, 2, 2, 0xC1, 2, 3, 0xC1]) == [2, 3])
        // Lengths of two bytes, the low one first.
        #expect(lengths([UInt8](repeating: 7, count: 258) + [0xC8, 2, 1, 0xC8]) == [258])
        #expect(lengths([1, 1, 2, 2, 2, 0xC1, 2, 4, 0xC1]) == nil, "more than there is")
        #expect(lengths([1, 1, 2, 2, 2, 0xC1, 0, 4, 0xC1]) == nil, "an empty frame")
        #expect(lengths([1, 1, 0xC0, 2, 3, 0xC1]) == [6], "no index: its first byte is another")
        var unit = VP9Picture.key(320, 180) + VP9Picture.predicted(640, 360)
        let counts = [VP9Picture.key(320, 180).count, VP9Picture.predicted(640, 360).count]
        VP9Superframe.appendIndex(of: counts, to: &unit)
        #expect(lengths(unit) == counts)
        let size = VP9Superframe.size(of: unit.span)
        #expect(size?.width == 640 && size?.height == 360)
    }
}

/// Frames that are VP9 as far as their uncompressed headers.
enum VP9Picture {
    /// Predicted, of the size of its reference.
    static let delta: [UInt8] = [0x87, 0x00, 0x00, 0x08]

    static func key(_ width: Int, _ height: Int) -> [UInt8] {
        [0x82, 0x49, 0x83, 0x42] + size(width, height, after: 0x2, bits: 4)
    }

    /// Predicted, with a size of its own.
    static func predicted(_ width: Int, _ height: Int) -> [UInt8] {
        [0x87, 0x00, 0x00] + size(width, height, after: 0, bits: 7)
    }

    static func header(_ bytes: [UInt8]) -> VP9FrameHeader? { VP9FrameHeader.parse(bytes.span) }

    /// The bits of `value`, then both sizes less one, filled up with zeros.
    private static func size(_ width: Int, _ height: Int, after value: Int, bits: Int) -> [UInt8] {
        let all = (value << 32 | (width - 1) << 16 | (height - 1)) << (40 - 32 - bits)
        return (0..<5).map { UInt8(truncatingIfNeeded: all >> (32 - 8 * $0)) }
    }
}
