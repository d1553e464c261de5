import Basis
import Codecs
import Devices
import RTP
import Testing

@Suite struct VP9Tests {
    private static let size = PictureSize(width: 320, height: 180)

    private struct Encoded {
        var bytes: [UInt8]
        var isKeyframe: Bool
        var place: VP8TemporalPlace
    }

    private static func film(
        _ count: Int, layers: Int, keyframesAt forced: Set<Int> = [], bitrate: Int = 600_000
    ) throws -> [Encoded] {
        var encoder = try VP9Encoder(
            size: size, bitrate: bitrate, options: EncodingOptions(temporalLayers: layers))
        var frames: [Encoded] = []
        var bytes: [UInt8] = []
        for number in 0..<count {
            let picture = movingPicture(size, number: number)
            let isKeyframe = try encoder.encode(picture, forceKeyframe: forced.contains(number), into: &bytes)
            if !bytes.isEmpty { frames.append(Encoded(bytes: bytes, isKeyframe: isKeyframe, place: encoder.place)) }
        }
        return frames
    }

    @Test(arguments: [1, 3]) func aMovingPictureComesBackAlike(layers: Int) throws {
        var encoder = try VP9Encoder(
            size: Self.size, bitrate: 500_000, options: EncodingOptions(temporalLayers: layers))
        var decoder = try VP9Decoder()
        let pool = FramePool(capacity: 2)
        var bytes: [UInt8] = []
        var keyframes = 0
        for number in 0..<24 {
            let original = movingPicture(Self.size, number: number)
            let isKeyframe = try encoder.encode(original, forceKeyframe: number == 13, into: &bytes)
            keyframes += isKeyframe ? 1 : 0
            guard !bytes.isEmpty else { continue }
            #expect(VP9FrameHeader.parse(bytes.span)?.isKeyframe == isKeyframe)
            if isKeyframe { #expect(VP9FrameHeader.parse(bytes.span)?.width == Self.size.width) }
            let result = try decoder.decode(bytes.span, pool: pool)
            guard let decoded = result else {
                Issue.record("frame \(number) gave no picture")
                continue
            }
            #expect(decoded.size == Self.size)
            #expect(signalToNoise(original, decoded) > 30)
        }
        #expect(keyframes == 2)
    }

    @Test func framesComeInTheBridgesOrder() throws {
        let frames = try Self.film(14, layers: 3, keyframesAt: [6])
        try #require(frames.count == 14)
        #expect(frames.map(\.place.layer) == [0, 2, 1, 2, 0, 2, 0, 2, 1, 2, 0, 2, 1, 2])
        #expect(frames.indices.filter { frames[$0].isKeyframe } == [0, 6])
    }

    /// What remains without the upper layers is decoded, and shows the same as with them.
    @Test(arguments: [0, 1]) func lowerLayersStandAlone(most: Int) throws {
        let frames = try Self.film(40, layers: 3, keyframesAt: [21])
        var all = try VP9Decoder()
        var some = try VP9Decoder()
        let pool = FramePool(capacity: 4)
        var compared = 0
        for frame in frames {
            let whole = try all.decode(frame.bytes.span, pool: pool)
            guard frame.place.layer <= most else { continue }
            let part = try some.decode(frame.bytes.span, pool: pool)
            guard let whole, let part else {
                Issue.record("no picture")
                continue
            }
            let isSame = whole.storage == part.storage
            #expect(isSame)
            compared += 1
        }
        #expect(compared >= (most == 0 ? 9 : 18))
    }

    @Test func theSizeAndTheRateMayChangeOnTheWay() throws {
        var encoder = try VP9Encoder(size: Self.size, bitrate: 500_000, options: EncodingOptions(temporalLayers: 3))
        var decoder = try VP9Decoder()
        let pool = FramePool(capacity: 1)
        var bytes: [UInt8] = []
        for size in [Self.size, PictureSize(width: 640, height: 360), PictureSize(width: 161, height: 91)] {
            try encoder.resize(to: size)
            for number in 0..<3 {
                let original = movingPicture(size, number: number)
                let isKeyframe = try encoder.encode(original, forceKeyframe: false, into: &bytes)
                #expect(isKeyframe == (number == 0))
                let result = try decoder.decode(bytes.span, pool: pool)
                guard let decoded = result else {
                    Issue.record("frame \(number) gave no picture")
                    continue
                }
                #expect(decoded.size == size)
                #expect(signalToNoise(original, decoded) > 28)
            }
            try encoder.setBitrate(200_000)
        }
        #expect(throws: CodecError.unsupportedSize(width: 320, height: 180)) {
            _ = try encoder.encode(VideoFrame(size: Self.size), forceKeyframe: false, into: &bytes)
        }
    }

    @Test func severalFramesAreOneSuperframe() throws {
        let frames = try Self.film(3, layers: 1)
        try #require(frames.count == 3)
        var unit = frames.flatMap(\.bytes)
        VP9Superframe.appendIndex(of: frames.map(\.bytes.count), to: &unit)
        var together = try VP9Decoder()
        var apart = try VP9Decoder()
        let pool = FramePool(capacity: 4)
        let last = try together.decode(unit.span, pool: pool)?.storage
        var expected: [UInt8]?
        for frame in frames { expected = try apart.decode(frame.bytes.span, pool: pool)?.storage }
        #expect(last != nil && last == expected)
    }

    @Test func wantsAKeyframeFirstAndAfterDamage() throws {
        let frames = try Self.film(2, layers: 1).map(\.bytes)
        let (key, next) = (frames[0], frames[1])
        var decoder = try VP9Decoder()
        let pool = FramePool(capacity: 1)
        #expect(throws: CodecError.needsKeyframe) { _ = try decoder.decode(next.span, pool: pool) }
        _ = try decoder.decode(key.span, pool: pool)
        let cut = Array(key[..<12])
        #expect(throws: CodecError.malformed) { _ = try decoder.decode(cut.span, pool: pool) }
        #expect(throws: CodecError.needsKeyframe) { _ = try decoder.decode(next.span, pool: pool) }
        _ = try decoder.decode(key.span, pool: pool)
        _ = try decoder.decode(next.span, pool: pool)
    }

    @Test func neverMakesRoomForAHostileSize() throws {
        let frames = try Self.film(2, layers: 1).map(\.bytes)
        let key = frames[0]
        var decoder = try VP9Decoder()
        let pool = FramePool(capacity: 1)
        let huge: [UInt8] = [0x82, 0x49, 0x83, 0x42, 0x2F, 0xFF, 0xFF, 0xFF, 0xF0, 0, 0]
        #expect(throws: CodecError.unsupportedSize(width: 65_536, height: 65_536)) {
            _ = try decoder.decode(huge.span, pool: pool)
        }
        // A predicted frame may have a size of its own, and so may one behind others.
        let predicted: [UInt8] = [0x87, 0x00, 0x00, 0x01, 0xFF, 0xFF, 0xFF, 0xFE, 0, 0, 0]
        _ = try decoder.decode(key.span, pool: pool)
        #expect(throws: CodecError.unsupportedSize(width: 65_536, height: 65_536)) {
            _ = try decoder.decode(predicted.span, pool: pool)
        }
        var unit = key + predicted
        VP9Superframe.appendIndex(of: [key.count, predicted.count], to: &unit)
        #expect(throws: CodecError.unsupportedSize(width: 65_536, height: 65_536)) {
            _ = try decoder.decode(unit.span, pool: pool)
        }
        #expect(throws: CodecError.malformed) { _ = try decoder.decode([UInt8]().span, pool: pool) }
    }

    @Test func whatStandsBehindAFrameIsNotDecoded() throws {
        let frames = try Self.film(2, layers: 1).map(\.bytes)
        let (key, next) = (frames[0], frames[1])
        var plain = try VP9Decoder()
        var longer = try VP9Decoder()
        let pool = FramePool(capacity: 4)
        let first = try plain.decode(key.span, pool: pool)?.storage
        let hidden = key + next
        let second = try longer.decode(hidden.span, pool: pool)?.storage
        #expect(first != nil && first == second)
    }

    @Test func damagedBytesNeverTrap() throws {
        let frames = try Self.film(8, layers: 3, keyframesAt: [4])
        var random = RandomSource(seed: 7)
        var decoder = try VP9Decoder()
        let pool = FramePool(capacity: 1)
        var refused = 0
        for round in 0..<1_500 {
            var bytes = frames[round % frames.count].bytes
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                // The size stays: the bounds have their own test, and huge pictures would take long.
                let position = Int.random(in: 0..<bytes.count, using: &random)
                if position > 9 { bytes[position] = UInt8.random(in: 0...255, using: &random) }
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            do { _ = try decoder.decode(bytes.span, pool: pool) } catch { refused += 1 }
        }
        #expect(refused > 0 && refused < 1_500)
    }
}
