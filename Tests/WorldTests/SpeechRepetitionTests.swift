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

    @Test func eachPacketGoesOutAgainBeforeTheNext() {
        var repeater = SpeechRepeater()
        func instant(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }
        func repetition(at milliseconds: Int) -> [UInt8]? {
            repeater.advance(to: instant(milliseconds))
            var buffer: [UInt8] = []
            return repeater.takeRepetition(into: &buffer) ? buffer : nil
        }
        repeater.note([1], at: instant(0))
        #expect(repetition(at: 10) == nil, "it is off")
        repeater.isOn = true
        repeater.note([2], at: instant(20))
        #expect(repeater.due == instant(30))
        #expect(repetition(at: 29) == nil)
        #expect(repetition(at: 30) == [2])
        #expect(repetition(at: 31) == nil)
        // The last word before a silence, too.
        #expect(repeater.due == nil)
        repeater.note([3], at: instant(40))
        repeater.isOn = false
        #expect(repetition(at: 60) == nil)
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
