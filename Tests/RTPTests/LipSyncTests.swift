import Basis
import LineModel
import Testing

@testable import RTP

@Suite struct LipSyncTests {
    /// How far pictures and sounds of one instant are apart where somebody sees and hears them: positive where the picture is late.
    private func differences(
        jitter: Duration, soundDelay: Duration, synchronizes: Bool, seed: UInt64
    ) -> [Double] {
        var call = Call(seed: seed)
        call.line.jitter = jitter
        var captured: [UInt32: MonotonicInstant] = [:]
        var soundTransit = Duration.seconds(9)
        var skews: [Double] = []
        for number in 0..<1_800 {
            let taken = call.now
            let timestamp = UInt32(truncatingIfNeeded: taken.nanoseconds / 1_000 * 9 / 100)
            captured[timestamp] = taken
            call.near.sendVideo(
                Call.frame(number, isKeyframe: number == 0, length: 3_000).span, timestamp: timestamp,
                isKeyframe: number == 0, at: call.now)
            for _ in 0..<2 {
                call.near.sendAudio(
                    [UInt8](repeating: 7, count: 80).span,
                    timestamp: UInt32(truncatingIfNeeded: call.now.nanoseconds / 1_000 * 48 / 1_000), level: 30,
                    marker: false, at: call.now)
                call.drain()
                call.run(.nanoseconds(16_666_667))
            }
            // The fastest sound takes what the line does.
            soundTransit = call.line.delay
            if synchronizes, number % 30 == 29 {
                call.far.synchronize(video: Call.videoSSRC, with: Call.audioSSRC, soundDelay: soundDelay)
            }
            for event in call.farEvents {
                guard case .videoFrame(_, _, _, _, let timestamp, _) = event, number > 300,
                    let taken = captured[timestamp]
                else { continue }
                let shown = call.now - taken + .milliseconds(25)
                skews.append(Double((shown - soundTransit - soundDelay).wholeNanoseconds) / 1e6)
            }
            call.farEvents = []
        }
        return skews
    }

    @Test(arguments: [(0, 20), (10, 60), (20, 80), (30, 90), (30, 140)])
    func picturesComeWithTheirSound(jitter: Int, soundDelay: Int) {
        for seed in 1...3 as ClosedRange<UInt64> {
            let skews = differences(
                jitter: .milliseconds(jitter), soundDelay: .milliseconds(soundDelay), synchronizes: true,
                seed: seed
            ).map(abs).sorted()
            #expect(skews.count > 1_400)
            // A sixtieth of a second is this test's own: it looks so often.
            #expect(skews[skews.count * 95 / 100] <= 45 + 17)
        }
    }

    @Test func withoutItTheyWouldNot() {
        let skews = differences(
            jitter: .milliseconds(10), soundDelay: .milliseconds(140), synchronizes: false, seed: 1)
        #expect(skews.map(abs).sorted()[skews.count / 2] > 45)
    }

    @Test func reportsTellWhatTheCameraTakesLonger() throws {
        // One clock of the sender, whatever ours says; its sound takes 20 ms to us, its pictures 80.
        func wall(_ milliseconds: Int) -> NTPTimestamp {
            NTPTimestamp(.zero + .milliseconds(100_000 + milliseconds), offset: .seconds(3_900_000_000))
        }
        var sound = TransitTime(clockRate: 48_000)
        // Reported 900 ms after, and 1,200 ms after, the first sample.
        sound.note(SenderReport(ssrc: 1, ntp: wall(900), rtpTimestamp: 7 + 43_200, packetCount: 0, octetCount: 0))
        var picture = TransitTime(clockRate: 90_000)
        picture.note(
            SenderReport(
                ssrc: 2, ntp: wall(1_200), rtpTimestamp: UInt32.max &- 44_999 &+ 108_000, packetCount: 0, octetCount: 0)
        )
        for number in 0..<50 {
            let now = MonotonicInstant.zero + .milliseconds(5_000 + number * 20)
            let late = Duration.milliseconds(number % 7)
            sound.arrive(timestamp: UInt32(7 + number * 960), at: now + .milliseconds(20) + late)
            picture.arrive(
                timestamp: UInt32.max &- 44_999 &+ UInt32(number * 1_800), at: now + .milliseconds(80) + late)
        }
        let difference = try #require(picture.value) - #require(sound.value)
        #expect(abs(difference - 60_000_000) < 1_000_000)
    }

    @Test func anImpossibleReportIsNotBelieved() {
        var transit = TransitTime(clockRate: 48_000)
        transit.arrive(timestamp: 0, at: .zero + .seconds(1))
        #expect(transit.value == nil)
        transit.note(
            SenderReport(ssrc: 1, ntp: NTPTimestamp(rawValue: .max), rtpTimestamp: .max, packetCount: 0, octetCount: 0))
        transit.arrive(timestamp: 0x7FFF_FFFF, at: .zero + .seconds(1))
        #expect(transit.value == nil, "twelve hours from the report")
        transit.arrive(timestamp: 480, at: .zero + .seconds(1))
        #expect(transit.value != nil)
    }
}
