import Basis
import Codecs
import Devices
import Testing

@Suite struct VP8TemporalLayersTests {
    private static let size = PictureSize(width: 320, height: 180)

    private struct Encoded {
        var bytes: [UInt8]
        var isKeyframe: Bool
        var place: VP8TemporalPlace
    }

    private func film(_ count: Int, keyframesAt forced: Set<Int> = [], bitrate: Int = 600_000) throws -> [Encoded] {
        var encoder = try VP8Encoder(
            size: Self.size, bitrate: bitrate, options: VP8Encoder.Options(temporalLayers: 3))
        var frames: [Encoded] = []
        var bytes: [UInt8] = []
        for number in 0..<count {
            var picture = VideoFrame(size: Self.size)
            picture.instant = .zero + .milliseconds(33 * number)
            for y in 0..<Self.size.height {
                for x in 0..<Self.size.width {
                    picture.storage[y * Self.size.width + x] =
                        (number * 3..<number * 3 + 60).contains(x) ? 210 : UInt8(30 + (x + y) % 90)
                }
            }
            let isKeyframe = try encoder.encode(picture, forceKeyframe: forced.contains(number), into: &bytes)
            if !bytes.isEmpty { frames.append(Encoded(bytes: bytes, isKeyframe: isKeyframe, place: encoder.place)) }
        }
        return frames
    }

    @Test func framesComeInTheBridgesOrder() throws {
        let frames = try film(12)
        try #require(frames.count == 12)
        #expect(frames.map(\.place.layer) == [0, 2, 1, 2, 0, 2, 1, 2, 0, 2, 1, 2])
        #expect(frames.map(\.place.isLayerSync).prefix(4) == [false, true, true, false])
        #expect(frames.map(\.place.isNonReference).prefix(4) == [false, true, false, true])
        #expect(frames.map(\.isKeyframe).filter { $0 }.count == 1)
    }

    @Test func aKeyframeBeginsTheOrderAnew() throws {
        let frames = try film(10, keyframesAt: [6])
        try #require(frames.count == 10)
        #expect(frames.map(\.place.layer) == [0, 2, 1, 2, 0, 2, 0, 2, 1, 2])
        #expect(frames[6].isKeyframe)
    }

    /// What remains without the upper layers is decoded, and shows the same as with them.
    @Test(arguments: [0, 1]) func lowerLayersStandAlone(most: Int) throws {
        let frames = try film(40, keyframesAt: [21])
        var all = try VP8Decoder()
        var some = try VP8Decoder()
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

    @Test func theRateMayChangeAndThePicturesGoOn() throws {
        var encoder = try VP8Encoder(
            size: Self.size, bitrate: 600_000, options: VP8Encoder.Options(content: .screen, temporalLayers: 3))
        var bytes: [UInt8] = []
        for bitrate in [50_000, 30_000, 2_000_000] {
            try encoder.setBitrate(bitrate)
            _ = try encoder.encode(VideoFrame(size: Self.size), forceKeyframe: true, into: &bytes)
            #expect(!bytes.isEmpty)
        }
    }
}
