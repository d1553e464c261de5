import Basis
import Testing

@testable import RTP

@Suite struct VP9AssemblyTests {
    private func put(
        _ assembler: inout VideoAssembler, _ sequence: Int64, _ descriptor: VP9PayloadDescriptor, _ body: [UInt8],
        time: UInt32, marker: Bool = false
    ) -> VideoAssembler.Insertion {
        var payload: [UInt8] = []
        descriptor.write(into: &payload)
        payload += body
        return assembler.insert(
            sequence: sequence, timestamp: time, marker: marker, codec: .vp9, payload: payload.span)
    }

    /// The descriptor of a frame in one packet, of the picture `number`.
    private func whole(_ number: UInt16, spatial: UInt8 = 0, isKey: Bool = false) -> VP9PayloadDescriptor {
        VP9PayloadDescriptor(
            pictureID: .init(value: number, isExtended: true), isInterPicturePredicted: !isKey, startsFrame: true,
            endsFrame: true, layers: .init(spatial: spatial, isInterLayerPredicted: isKey && spatial > 0),
            temporalLayerZeroIndex: 1)
    }

    private func lengths(_ frame: AssembledFrame?) -> [Int] {
        guard let frame, let superframe = VP9Superframe(frame.bytes.span) else { return [] }
        return (0..<superframe.count).map { superframe.length(of: $0, in: frame.bytes.span) }
    }

    @Test func theLayersOfAPictureAreOneFrame() {
        var assembler = VideoAssembler()
        let (small, middle, large) = (
            VP9Picture.key(320, 180), VP9Picture.predicted(640, 360), VP9Picture.predicted(1280, 720)
        )
        #expect(
            put(&assembler, 1, whole(1, isKey: true), small, time: 1) == .stored(startsFrame: true))
        #expect(assembler.nextFrame() == nil, "more of the picture may come")
        _ = put(&assembler, 2, whole(1, spatial: 1, isKey: true), middle, time: 1)
        // The largest in two packets, of which the second comes first.
        var last = whole(1, spatial: 2, isKey: true)
        last.startsFrame = false
        _ = put(&assembler, 4, last, [9, 9], time: 1, marker: true)
        #expect(assembler.nextFrame() == nil)
        last.startsFrame = true
        last.endsFrame = false
        _ = put(&assembler, 3, last, large, time: 1)
        let key = assembler.nextFrame()
        #expect(key?.isKeyframe == true && key?.codec == .vp9)
        #expect(lengths(key) == [small.count, middle.count, large.count + 2])
        // As with L3T3_KEY only the largest layer goes on.
        _ = put(&assembler, 5, whole(2, spatial: 2), VP9Picture.delta, time: 2, marker: true)
        let next = assembler.nextFrame()
        #expect(next?.isKeyframe == false && next?.bytes == VP9Picture.delta)
        #expect(assembler.storedBytes == 0 && assembler.framesDropped == 0)
    }

    @Test func aPictureWithoutMarkerEndsWhenTheNextBegins() {
        var assembler = VideoAssembler()
        _ = put(&assembler, 1, whole(1, isKey: true), VP9Picture.key(320, 180), time: 1)
        _ = put(&assembler, 2, whole(1, spatial: 1, isKey: true), VP9Picture.predicted(640, 360), time: 1)
        #expect(assembler.nextFrame() == nil)
        _ = put(&assembler, 3, whole(2), VP9Picture.delta, time: 2)
        #expect(lengths(assembler.nextFrame()).count == 2)
        #expect(assembler.nextFrame() == nil)
    }

    @Test func onlyTheSmallestLayerOfAKeyPictureIsABeginning() {
        var assembler = VideoAssembler()
        _ = put(&assembler, 1, whole(1, spatial: 1, isKey: true), VP9Picture.predicted(640, 360), time: 1, marker: true)
        #expect(assembler.lacksKeyframe)
        _ = put(&assembler, 2, whole(2), VP9Picture.delta, time: 2, marker: true)
        #expect(assembler.nextFrame() == nil)
        _ = put(&assembler, 3, whole(3, isKey: true), VP9Picture.key(320, 180), time: 3, marker: true)
        #expect(assembler.nextFrame()?.timestamp == 3)
        #expect(assembler.framesDropped == 2)
    }

    @Test func aHoleIsWaitedForAndGivenUpAtTheNextKeyPicture() {
        var assembler = VideoAssembler()
        _ = put(&assembler, 1, whole(1, isKey: true), VP9Picture.key(320, 180), time: 1, marker: true)
        #expect(assembler.nextFrame() != nil)
        _ = put(&assembler, 3, whole(3), VP9Picture.delta, time: 3, marker: true)
        _ = put(&assembler, 4, whole(4, isKey: true), VP9Picture.key(640, 360), time: 4, marker: true)
        #expect(assembler.nextFrame() == nil)
        assembler.updateBlockage(at: .zero)
        #expect(assembler.blockedAt == 2)
        assembler.giveUp()
        #expect(assembler.nextFrame()?.timestamp == 4)
    }

    @Test func theCodecMayChangeInMidStream() {
        var assembler = VideoAssembler()
        _ = put(&assembler, 1, whole(1, isKey: true), VP9Picture.key(320, 180), time: 1, marker: true)
        #expect(assembler.nextFrame()?.codec == .vp9)
        let vp8: [UInt8] = [0x10, 0x10, 0, 0, 0x9D, 0x01, 0x2A, 1, 0, 1, 0]
        _ = assembler.insert(sequence: 2, timestamp: 2, marker: true, codec: .vp8, payload: vp8.span)
        #expect(assembler.nextFrame()?.codec == .vp8)
    }

    @Test func tooManyLayersAreNoSuperframe() {
        var assembler = VideoAssembler()
        for sequence in 1...9 {
            _ = put(
                &assembler, Int64(sequence), whole(1, isKey: true), VP9Picture.key(320, 180), time: 1,
                marker: sequence == 9)
        }
        #expect(lengths(assembler.nextFrame()).count == 1)
    }

    @Test func nonsenseIsRefused() {
        var assembler = VideoAssembler()
        #expect(put(&assembler, 1, whole(1, isKey: true), [], time: 1) == .malformed)
        #expect(put(&assembler, 1, whole(1, isKey: true), [0x92, 0x49], time: 1) == .malformed)
    }
}
