import Basis
import Codecs
import Devices
import Testing

@Suite struct VP8Tests {
    private static let size = PictureSize(width: 320, height: 180)

    @Test func aMovingPictureComesBackAlike() throws {
        var encoder = try VP8Encoder(size: Self.size, bitrate: 500_000)
        var decoder = try VP8Decoder()
        let pool = FramePool(capacity: 2)
        var bytes: [UInt8] = []
        var keyframes = 0
        for number in 0..<30 {
            let original = movingPicture(Self.size, number: number)
            let isKeyframe = try encoder.encode(original, forceKeyframe: number == 15, into: &bytes)
            keyframes += isKeyframe ? 1 : 0
            guard !bytes.isEmpty else { continue }
            #expect(VP8Decoder.isKeyframe(bytes.span) == isKeyframe)
            if number == 0 || number == 15 { #expect(isKeyframe) }
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

    @Test func theSizeMayChangeOnTheWay() throws {
        var encoder = try VP8Encoder(size: Self.size, bitrate: 500_000)
        var decoder = try VP8Decoder()
        let pool = FramePool(capacity: 1)
        var bytes: [UInt8] = []
        for size in [Self.size, PictureSize(width: 640, height: 360), PictureSize(width: 161, height: 91)] {
            try encoder.resize(to: size)
            for number in 0..<3 {
                let original = movingPicture(size, number: number)
                let isKeyframe = try encoder.encode(original, forceKeyframe: false, into: &bytes)
                #expect(isKeyframe == (number == 0))
                if isKeyframe { #expect(VP8Decoder.keyframeSize(bytes.span) == size) }
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
    }

    @Test func refusesPicturesOfAnotherSizeThanItsOwn() throws {
        var encoder = try VP8Encoder(size: Self.size, bitrate: 500_000)
        var bytes: [UInt8] = []
        #expect(throws: CodecError.unsupportedSize(width: 160, height: 90)) {
            _ = try encoder.encode(
                VideoFrame(size: PictureSize(width: 160, height: 90)), forceKeyframe: false, into: &bytes)
        }
        #expect(throws: CodecError.self) {
            _ = try VP8Encoder(size: PictureSize(width: 0, height: 0), bitrate: 500_000)
        }
    }

    @Test func wantsAKeyframeFirstAndAfterDamage() throws {
        var encoder = try VP8Encoder(size: Self.size, bitrate: 500_000)
        var (first, second): ([UInt8], [UInt8]) = ([], [])
        _ = try encoder.encode(movingPicture(Self.size, number: 0), forceKeyframe: true, into: &first)
        _ = try encoder.encode(movingPicture(Self.size, number: 1), forceKeyframe: false, into: &second)
        var decoder = try VP8Decoder()
        let pool = FramePool(capacity: 1)
        #expect(throws: CodecError.needsKeyframe) { _ = try decoder.decode(second.span, pool: pool) }
        _ = try decoder.decode(first.span, pool: pool)
        let cut = Array(first[..<9])
        #expect(throws: CodecError.malformed) { _ = try decoder.decode(cut.span, pool: pool) }
        #expect(throws: CodecError.needsKeyframe) { _ = try decoder.decode(second.span, pool: pool) }
    }

    @Test func neverMakesRoomForAHostileSize() throws {
        var decoder = try VP8Decoder()
        let pool = FramePool(capacity: 1)
        let header: [UInt8] = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F, 0, 0, 0, 0]
        #expect(throws: CodecError.unsupportedSize(width: 16_383, height: 16_383)) {
            _ = try decoder.decode(header.span, pool: pool)
        }
        #expect(throws: CodecError.malformed) { _ = try decoder.decode([UInt8]().span, pool: pool) }
    }

    @Test func anEmptyPoolCostsAPictureButNotTheStream() throws {
        var encoder = try VP8Encoder(size: Self.size, bitrate: 500_000)
        var decoder = try VP8Decoder()
        var bytes: [UInt8] = []
        _ = try encoder.encode(movingPicture(Self.size, number: 0), forceKeyframe: true, into: &bytes)
        let none = try decoder.decode(bytes.span, pool: FramePool(capacity: 0)) == nil
        #expect(none)
        _ = try encoder.encode(movingPicture(Self.size, number: 1), forceKeyframe: false, into: &bytes)
        let one = try decoder.decode(bytes.span, pool: FramePool(capacity: 1)) != nil
        #expect(one)
    }

    @Test func damagedBytesNeverTrap() throws {
        let size = PictureSize(width: 64, height: 48)
        var encoder = try VP8Encoder(size: size, bitrate: 200_000)
        var frames: [[UInt8]] = []
        for number in 0..<8 {
            var bytes: [UInt8] = []
            _ = try encoder.encode(movingPicture(size, number: number), forceKeyframe: number % 4 == 0, into: &bytes)
            if !bytes.isEmpty { frames.append(bytes) }
        }
        var random = RandomSource(seed: 5)
        var decoder = try VP8Decoder()
        let pool = FramePool(capacity: 1)
        var refused = 0
        for round in 0..<3_000 {
            var bytes = frames[round % frames.count]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                // The size stays: the bounds have their own test, and huge pictures would take long.
                let position = Int.random(in: 0..<bytes.count, using: &random)
                if !(6...9).contains(position) { bytes[position] = UInt8.random(in: 0...255, using: &random) }
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            do { _ = try decoder.decode(bytes.span, pool: pool) } catch { refused += 1 }
        }
        #expect(refused > 0 && refused < 3_000)
    }
}
