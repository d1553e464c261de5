import Basis
import Codecs
import Devices
import MediaEngine
import Testing

@Suite struct VideoCodecTests {
    @Test func theCameraChangesItsCodecWithAKeyframe() {
        var world = CameraWorld(size: PictureSize(width: 640, height: 360))
        world.exchange.isOn = true
        world.exchange.wantedHeight = -1
        world.exchange.sendsSimulcast = true
        let simulcast = world.step(4)
        #expect(simulcast.allSatisfy { $0.header.codec == .vp8 } && simulcast.contains { $0.header.layer == 1 })
        world.exchange.codec = .vp9
        let vp9 = world.step(8)
        #expect(vp9.count == 8)
        #expect(vp9.allSatisfy { $0.header.codec == .vp9 && $0.header.layer == 0 && $0.header.temporalLayers == 3 })
        #expect(vp9.map(\.header.isKeyframe) == [true] + [Bool](repeating: false, count: 7))
        #expect(vp9.map(\.header.temporalLayer) == [0, 2, 1, 2, 0, 2, 1, 2])
        #expect(vp9.first?.header.size == PictureSize(width: 640, height: 360))
        world.exchange.codec = .vp8
        let again = world.step(1)
        #expect(again.count == 2 && again.allSatisfy { $0.header.codec == .vp8 && $0.header.isKeyframe })
    }

    @Test func aKeyframeOfVP9IsMadeWhenAsked() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        world.exchange.codec = .vp9
        _ = world.step(20)
        world.exchange.requestKeyframe(layer: 0)
        #expect(world.step(4).map(\.header.isKeyframe) == [true, false, false, false])
    }

    @Test func aSourceIsDecodedWhateverItsCodecBecomes() {
        var world = CameraWorld(size: PictureSize(width: 320, height: 180))
        world.exchange.isOn = true
        world.exchange.wantedHeight = 180
        let exchange = DecodeExchange(decodeWaker: CountingWaker(), keyframeWaker: CountingWaker())
        var loop = DecodeLoop(exchange: exchange, pool: FramePool(capacity: 4))
        let slot = exchange.add(source: 1)
        for codec in [VideoCodec.vp8, .vp9, .vp8, .vp9] {
            world.exchange.codec = codec
            for (header, bytes) in world.step(5) {
                exchange.decode(
                    source: 1, frame: bytes.span, codec: header.codec, isKeyframe: header.isKeyframe, instant: .zero)
                while loop.step() {}
            }
        }
        #expect(exchange.statistics[1]?.decodedFrames == 20)
        #expect(exchange.statistics[1]?.damagedFrames == 0)
        let size = slot.take()?.size
        #expect(size == PictureSize(width: 320, height: 180))
    }

    @Test func aNarrowLineCarriesMoreOfVP9() {
        var (vp8, vp9) = (CameraHeight(), CameraHeight())
        #expect(vp8.update(bitsPerSecond: 400_000, at: .zero) == 360)
        #expect(vp9.update(bitsPerSecond: 400_000, codec: .vp9, at: .zero) == 720)
        #expect(vp9.update(bitsPerSecond: 120_000, codec: .vp9, at: .zero) == 180)
    }

    @Test(arguments: [(180, 100_000), (360, 300_000), (720, 1_200_000)])
    func vp9TakesFewerBits(height: Int, bitrate: Int) {
        #expect(SendingLayer.bitrate(forHeight: height, codec: .vp9) == bitrate)
        #expect(SendingLayer.bitrate(forHeight: height) > bitrate)
    }
}
