import Basis
import Testing

@testable import RTP

/// Pictures in a format that nobody negotiated, as a browser sends AV1 in spite of our list.
@Suite struct UnsupportedFormatTests {
    private static let ssrc: UInt32 = 77

    private func packet(_ sequence: UInt16, type: UInt8, payload: [UInt8] = [1, 2, 3]) -> [UInt8] {
        [0x80, type, UInt8(sequence >> 8), UInt8(sequence & 0xFF), 0, 0, 0, 1, 0, 0, 0, UInt8(Self.ssrc)] + payload
    }

    @Test func isReportedOncePerPayloadType() {
        var session = RTPSession(
            configuration: RTPSessionConfiguration(
                cname: "x", audioExtensions: RTPExtensionMap(), videoExtensions: RTPExtensionMap(),
                opusPayloadType: 111, vp8PayloadType: 100, rtxPayloadType: 96),
            random: RandomSource(seed: 1), at: .zero)
        session.addInbound(InboundSource(name: "p-v0", kind: .video, ssrc: Self.ssrc), at: .zero)
        var reports: [UInt8] = []
        func receive(_ packet: [UInt8]) {
            _ = session.receiveRTP(packet.span, at: .zero)
            while let event = session.pollEvent() {
                if case .unsupportedFormat(Self.ssrc, let type) = event { reports.append(type) }
            }
        }
        for sequence in 1...20 as ClosedRange<UInt16> { receive(packet(sequence, type: 41)) }
        #expect(reports == [41])
        #expect(session.statistics().unsupportedPackets > 10)
        // Probes have any type and no payload.
        receive(packet(21, type: 96, payload: []))
        receive(packet(22, type: 100))
        receive(packet(23, type: 41))
        #expect(reports == [41, 41], "it changed back")
    }
}
