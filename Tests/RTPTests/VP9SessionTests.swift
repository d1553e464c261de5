import Basis
import LineModel
import Testing

@testable import RTP

@Suite struct VP9SessionTests {
    private static func frame(_ number: Int, isKeyframe: Bool, length: Int = 4_000) -> [UInt8] {
        var bytes = isKeyframe ? VP9Picture.key(640, 360) : VP9Picture.delta
        bytes.append(uint32: UInt32(number))
        while bytes.count < length { bytes.append(UInt8(truncatingIfNeeded: bytes.count &+ number) & 0x7F) }
        return bytes
    }

    /// As the encoder counts them: 0 2 1 2, begun anew by key frames.
    private static func place(_ number: Int) -> TemporalPlace {
        TemporalPlace(layer: [0, 2, 1, 2][number % 4], of: 3)
    }

    private func send(_ call: inout Call, _ number: Int, isKeyframe: Bool) {
        call.near.sendVideo(
            Self.frame(number, isKeyframe: isKeyframe).span, codec: .vp9, timestamp: UInt32(number * 3_000),
            isKeyframe: isKeyframe, temporal: Self.place(number), at: call.now)
        call.drain()
    }

    @Test(arguments: [true, false]) func framesComeThroughALossyLine(hasRTX: Bool) {
        var call = Call(seed: 41, hasRTX: hasRTX)
        call.line.loss = 0.05
        for number in 0..<120 {
            send(&call, number, isKeyframe: number == 0)
            call.run(.milliseconds(33))
        }
        call.run(.seconds(1))
        let received = call.farEvents.compactMap { event -> [UInt8]? in
            if case .videoFrame("n-v0", Call.videoSSRC, .vp9, let bytes, _, _) = event { bytes } else { nil }
        }
        #expect(received == (0..<120).map { Self.frame($0, isKeyframe: $0 == 0) })
        let video = call.far.statistics().inbound.first { $0.kind == .video }?.video
        #expect(video?.codec == .vp9 && video?.width == 640 && video?.height == 360)
        #expect((video?.packetsRecovered ?? 0) > 0 || !hasRTX)
        #expect(call.near.statistics().outbound.first { $0.kind == .video }?.codec == .vp9)
        #expect(call.far.statistics().malformedPackets == 0)
    }

    @Test func theCodecChangesInMidStream() {
        var call = Call(seed: 42)
        for number in 0..<10 {
            send(&call, number, isKeyframe: number == 0)
            call.run(.milliseconds(33))
        }
        for number in 10..<20 { call.sendFrame(number, isKeyframe: number == 10) }
        call.run(.seconds(1))
        let codecs = call.farEvents.compactMap { event -> VideoCodec? in
            if case .videoFrame(_, _, let codec, _, _, _) = event { codec } else { nil }
        }
        #expect(codecs == [VideoCodec](repeating: .vp9, count: 10) + [VideoCodec](repeating: .vp8, count: 10))
        #expect(call.framesReceived == Array(10..<20))
        #expect(call.keyframeRequests == 0)
    }

    @Test func theBridgeIsToldOfTheLayers() throws {
        var random = RandomSource(seed: 1)
        var packetizer = VP9Packetizer(PictureCounters(random: &random))
        var descriptors: [VP9PayloadDescriptor] = []
        for number in 0..<5 {
            let frame = Self.frame(number, isKeyframe: number == 0)
            packetizer.beginFrame(frame.span, Self.place(number), isKeyframe: number == 0)
            descriptors.append(packetizer.descriptor(isFirst: true, isLast: false))
            descriptors.append(packetizer.descriptor(isFirst: false, isLast: true))
        }
        let key = descriptors[0]
        #expect(key.startsKeyPicture && !key.isFlexible && !key.endsFrame)
        #expect(key.structure?.sizes == [.init(width: 640, height: 360)])
        #expect(key.structure?.group?.map(\.temporalLayer) == [0, 2, 1, 2])
        #expect(key.structure?.group?.map(\.references) == [[4], [1], [2], [1, 3]])
        #expect(descriptors.dropFirst().allSatisfy { $0.structure == nil })
        #expect(descriptors.map(\.startsFrame) == descriptors.indices.map { $0 % 2 == 0 })
        #expect(descriptors.map(\.endsFrame) == descriptors.indices.map { $0 % 2 == 1 })
        #expect(descriptors.map(\.isInterPicturePredicted) == descriptors.indices.map { $0 > 1 })
        let first = try #require(key.pictureID?.value)
        #expect(
            descriptors.map { $0.pictureID?.value } == descriptors.indices.map { (first &+ UInt16($0 / 2)) & 0x7FFF })
        let zero = try #require(key.temporalLayerZeroIndex)
        #expect(
            descriptors.map(\.temporalLayerZeroIndex) == descriptors.indices.map { zero &+ ($0 < 8 ? 0 : 1) })
        for (index, descriptor) in descriptors.enumerated() {
            var bytes: [UInt8] = []
            descriptor.write(into: &bytes)
            #expect(bytes.count <= VP9Packetizer.descriptorLength(isKeyframe: index < 2))
        }
    }

    @Test func oneLayerSaysSo() {
        var random = RandomSource(seed: 2)
        var packetizer = VP9Packetizer(PictureCounters(random: &random))
        packetizer.beginFrame(Self.frame(0, isKeyframe: true).span, .base, isKeyframe: true)
        let structure = packetizer.descriptor(isFirst: true, isLast: true).structure
        #expect(structure?.group == [.init(temporalLayer: 0, isSwitchingUpPoint: true, references: [1])])
    }

    @Test func aCodecThatWasNotNegotiatedIsNotSent() {
        let extensions = RTPExtensionMap()
        let configuration = RTPSessionConfiguration(
            cname: "room", audioExtensions: extensions, videoExtensions: extensions, opusPayloadType: 111,
            vp8PayloadType: 100, rtxPayloadType: 96)
        var session = RTPSession(configuration: configuration, random: RandomSource(seed: 1), at: .zero)
        session.setOutboundVideo(ssrc: 1, rtxSSRC: 2)
        session.sendVideo(
            Self.frame(0, isKeyframe: true).span, codec: .vp9, timestamp: 0, isKeyframe: true, at: .zero)
        var buffer: [UInt8] = []
        #expect(session.pollPacket(into: &buffer) == nil)
    }
}
