import Basis
import LineModel
import Testing

@testable import RTP

/// One camera in three sizes, each on an SSRC of its own.
@Suite struct SimulcastTests {
    private static let layers = [
        OutboundVideo(ssrc: 0xC0, rtxSSRC: 0xD0), OutboundVideo(ssrc: 0xC1, rtxSSRC: 0xD1),
        OutboundVideo(ssrc: 0xC2, rtxSSRC: 0xD2),
    ]

    private func call(seed: UInt64) -> Call {
        var call = Call(seed: seed)
        call.near.setOutboundVideo(Self.layers)
        for layer in Self.layers {
            call.far.addInbound(
                InboundSource(name: "n-v0", kind: .video, ssrc: layer.ssrc, rtxSSRC: layer.rtxSSRC), at: call.now)
        }
        return call
    }

    private func send(
        _ call: inout Call, layer: Int, _ number: Int, isKeyframe: Bool, temporal: TemporalPlace = .base,
        length: Int = 3_000
    ) {
        call.near.sendVideo(
            Call.frame(number, isKeyframe: isKeyframe, length: length).span, layer: layer,
            timestamp: UInt32(number * 3_000), isKeyframe: isKeyframe, temporal: temporal, at: call.now)
        call.drain()
    }

    private func frames(_ call: Call, _ ssrc: UInt32) -> Int {
        call.farEvents.count { if case .videoFrame(_, ssrc, _, _, _, _) = $0 { true } else { false } }
    }

    @Test func eachLayerArrivesOnItsOwnAndIsMendedOnItsOwn() {
        var call = call(seed: 31)
        // Every seventh packet of the middle layer is lost once.
        call.passes = { $0.ssrc != 0xC1 || $0.sequenceNumber % 7 != 0 }
        for number in 0..<60 {
            for layer in 0..<3 { send(&call, layer: layer, number, isKeyframe: number == 0) }
            call.run(.milliseconds(33))
        }
        call.run(.seconds(1))
        for layer in Self.layers { #expect(frames(call, layer.ssrc) == 60) }
        let sent = call.near.statistics().outbound.filter { $0.kind == .video }
        #expect(sent.map(\.ssrc) == [0xC0, 0xC1, 0xC2])
        #expect(sent[1].retransmissions > 10)
        #expect(sent[0].retransmissions + sent[2].retransmissions < sent[1].retransmissions)
    }

    @Test func aKeyframeIsAskedOfTheLayerThatIsMeant() {
        var call = call(seed: 32)
        for layer in 0..<3 { send(&call, layer: layer, 0, isKeyframe: true) }
        call.run(.milliseconds(50))
        call.nearEvents = []
        for ssrc: UInt32 in [0xC2, 0xC0, 0xC2] {
            var indication: [UInt8] = []
            PictureLossIndication(senderSSRC: 1, mediaSSRC: ssrc).write(into: &indication)
            call.near.receiveRTCP(indication.span, at: call.now)
        }
        call.drain()
        #expect(call.nearEvents == [.keyframeRequested(layer: 2), .keyframeRequested(layer: 0)])
        // The second request of layer 2 is told when nothing answers it; a key frame of another layer does not.
        send(&call, layer: 0, 1, isKeyframe: true)
        call.run(.milliseconds(400))
        #expect(call.nearEvents.filter { $0 == .keyframeRequested(layer: 2) }.count == 2)
        #expect(call.nearEvents.filter { $0 == .keyframeRequested(layer: 0) }.count == 1)
    }

    @Test func aLayerThatIsOffIsNotReportedAndComesBackInItsOwnSequence() {
        var call = call(seed: 33)
        for number in 0..<90 {
            send(&call, layer: 0, number, isKeyframe: number == 0)
            if number < 10 || number >= 80 { send(&call, layer: 2, number, isKeyframe: number % 80 == 0) }
            call.run(.milliseconds(100))
        }
        var reports: [UInt32: Int] = [:]
        for case .senderReport(let report) in call.sentRTCP.joined() { reports[report.ssrc, default: 0] += 1 }
        #expect((reports[0xC0] ?? 0) >= 8)
        #expect((1...6).contains(reports[0xC2] ?? 0))
        #expect(reports[0xC1] == nil)
        #expect(frames(call, 0xC2) == 20)
        #expect(call.near.statistics().outbound.map(\.isSending) == [false, true, false, true])
    }

    @Test func theDescriptorTellsTheTemporalLayers() {
        var call = call(seed: 34)
        let pattern = [
            TemporalPlace.base, TemporalPlace(layer: 2, isLayerSync: true, isNonReference: true),
            TemporalPlace(layer: 1, isLayerSync: true), TemporalPlace(layer: 2, isNonReference: true),
        ]
        // One packet each: as many as the pacer lets go at once.
        for number in 0..<8 {
            send(&call, layer: 1, number, isKeyframe: number == 0, temporal: pattern[number % 4], length: 200)
        }
        var descriptors: [VP8PayloadDescriptor] = []
        for flight in call.line.flights where flight.kind == .rtp {
            guard let header = RTPHeader.parse(flight.bytes), header.ssrc == 0xC1,
                let (descriptor, _) = VP8PayloadDescriptor.parse(flight.bytes.span.extracting(header.payload)),
                descriptor.startsFrame
            else { continue }
            descriptors.append(descriptor)
        }
        #expect(descriptors.map { $0.temporalLayer ?? 9 } == [0, 2, 1, 2, 0, 2, 1, 2])
        #expect(descriptors.map(\.isLayerSync) == [false, true, true, false, false, true, true, false])
        #expect(descriptors.map(\.isNonReference) == [false, true, false, true, false, true, false, true])
        let first = descriptors.first?.pictureID?.value ?? 0
        #expect(descriptors.map { ($0.pictureID?.value ?? 0) &- first & 0x7FFF } == Array(0..<8))
        // TL0PICIDX counts the frames of layer 0 alone.
        let base = descriptors.first?.temporalLayerZeroIndex ?? 0
        #expect(descriptors.map { ($0.temporalLayerZeroIndex ?? 0) &- base } == [0, 0, 0, 0, 1, 1, 1, 1])
    }

    @Test func anSSRCThatStaysKeepsItsCounts() {
        var call = call(seed: 35)
        send(&call, layer: 0, 0, isKeyframe: true)
        let packets = call.near.statistics().outbound[1].packets
        #expect(packets > 0)
        call.near.setOutboundVideo([Self.layers[0]])
        #expect(call.near.statistics().outbound.map(\.packets) == [0, packets])
        send(&call, layer: 2, 1, isKeyframe: true)
        #expect(call.near.statistics().outbound.map(\.packets) == [0, packets], "there is no such layer any more")
    }
}
