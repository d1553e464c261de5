import Basis
import Conference
import Practice
@testable import RTP
import SimWorld
import Testing

@testable import MediaSession

@Suite struct SpeechRepetitionTests {
    private func outbound(_ kind: MediaKind, loss: Double?) -> RTPStatistics.Outbound {
        RTPStatistics.Outbound(
            kind: kind, ssrc: 1, packets: 0, bytes: 0, bitsPerSecond: 0, retransmissions: 0, isSending: true,
            remoteFractionLost: loss, remoteJitterMilliseconds: 0)
    }

    @Test func itTakesLossAndRoom() {
        var repetition = SpeechRepetition()
        for _ in 0..<10 { _ = repetition.note([outbound(.audio, loss: 0.01)], bandwidth: 2_000_000) }
        #expect(!repetition.isOn)
        for _ in 0..<10 { _ = repetition.note([outbound(.audio, loss: 0.1)], bandwidth: 300_000) }
        #expect(!repetition.isOn, "a narrow line is not filled further")
        #expect(repetition.note([outbound(.audio, loss: 0.1)], bandwidth: 2_000_000) == 0.1)
        #expect(repetition.isOn)
        // Now what is lost once is seen by the camera's packets alone, or by the root of what is lost twice.
        #expect(repetition.note([outbound(.audio, loss: 0.01)], bandwidth: 2_000_000) == 0.1)
        for _ in 0..<60 {
            _ = repetition.note([outbound(.audio, loss: 0), outbound(.video, loss: 0.08)], bandwidth: 2_000_000)
        }
        #expect(repetition.isOn)
        for _ in 0..<60 { _ = repetition.note([outbound(.audio, loss: 0)], bandwidth: 2_000_000) }
        #expect(!repetition.isOn)
        #expect(repetition.note([outbound(.audio, loss: nil)], bandwidth: nil) == nil)
    }

    @Test func eachPacketGoesOutAgainAfterTheNext() {
        func packet(_ timestamp: UInt32) -> [UInt8] {
            [0x80, 111, 0, 1] + (0..<4).map { UInt8(truncatingIfNeeded: timestamp >> (24 - 8 * $0)) } + [9]
        }
        var repeater = SpeechRepeater()
        func repetition() -> [UInt8]? {
            var buffer: [UInt8] = []
            return repeater.takeRepetition(into: &buffer) ? buffer : nil
        }
        repeater.note(packet(0))
        #expect(repetition() == nil, "it is off")
        repeater.isOn = true
        repeater.note(packet(960))
        #expect(repetition() == nil)
        repeater.note(packet(1_920))
        #expect(repetition() == packet(960))
        #expect(repetition() == nil)
        // After a silence the last word is old news.
        repeater.note(packet(96_000))
        #expect(repetition() == nil)
        repeater.note(packet(96_960))
        #expect(repetition() == packet(96_000))
        repeater.isOn = false
        repeater.isOn = true
        repeater.note(packet(97_920))
        #expect(repetition() == nil)
    }

    @Test func onALossyLineNearlyAllSpeechArrives() throws {
        let world = try World(WorldOptions(practice: PracticeOptions(channel: .webSocket, framesPerSecond: 15)))
        try #require(world.join())
        world.run(.seconds(10))
        world.network.loss = 0.1
        world.run(.seconds(10))
        let before = try #require(world.observation?.audioPackets)
        world.run(.seconds(20))
        let arrived = try #require(world.observation?.audioPackets) - before
        // 1,000 were spoken; one in ten gets lost, one in a hundred twice.
        #expect((970...1_000).contains(arrived))
    }
}
