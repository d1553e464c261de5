import Basis
import LineModel
import Testing

@testable import RTP

/// Congestion control in virtual time, through a bottleneck with a queue (after RFC 8867).
@Suite struct BandwidthEstimatorTests {
    private func mean(_ samples: [(at: Duration, estimate: Int)], from: Duration) -> Int {
        let late = samples.filter { $0.at >= from }.map(\.estimate)
        return late.isEmpty ? 0 : late.reduce(0, +) / late.count
    }

    /// The queueing delay that 95 of 100 packets stay under, from `begin` on.
    private func delay(_ call: Call, from begin: MonotonicInstant) -> Duration {
        let delays = call.line.queueDelays.filter { $0.at >= begin }.map(\.delay).sorted()
        return delays.isEmpty ? .zero : delays[min(delays.count - 1, delays.count * 95 / 100)]
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func anOpenLineIsFoundWithinASecond(seed: UInt64) throws {
        var call = Call(seed: seed)
        let samples = call.filmAdaptively(.seconds(4))
        let found = try #require(samples.first { $0.estimate >= 2_500_000 })
        #expect(found.at <= .milliseconds(1_500))
        #expect(samples.last?.estimate ?? 0 >= 2_500_000)
    }

    /// RFC 8867 section 5.1 in small: the capacity is used without standing in the queue.
    @Test(arguments: [(UInt64(1), 500_000), (2, 1_000_000), (3, 2_000_000)])
    func aNarrowLineIsUsedAndItsQueueKeptShort(seed: UInt64, capacity: Int) {
        var call = Call(seed: seed)
        call.line.bottleneck = capacity
        let begin = call.now
        let samples = call.filmAdaptively(.seconds(40))
        let estimate = mean(samples, from: .seconds(10))
        #expect(estimate > capacity * 65 / 100)
        #expect(estimate < capacity * 105 / 100)
        #expect(delay(call, from: begin + .seconds(10)) < .milliseconds(capacity < 1_000_000 ? 90 : 60))
    }

    /// RFC 8867 section 5.2 in small: the capacity falls for ten seconds and returns.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func aDropIsFollowedDownAndUpAgain(seed: UInt64) throws {
        var call = Call(seed: seed)
        call.line.bottleneck = 2_500_000
        _ = call.filmAdaptively(.seconds(15))
        call.line.bottleneck = 250_000
        let low = call.filmAdaptively(.seconds(10))
        let fallen = try #require(low.first { $0.estimate <= 260_000 })
        #expect(fallen.at <= .seconds(2))
        call.line.bottleneck = 2_500_000
        let high = call.filmAdaptively(.seconds(10))
        let risen = try #require(high.first { $0.estimate >= 2_000_000 })
        #expect(risen.at <= .seconds(4))
    }

    @Test func heavyLossLowersTheRateAndLightLossDoesNot() {
        var light = Call(seed: 5)
        light.line.loss = 0.01
        let lightSamples = light.filmAdaptively(.seconds(10))
        #expect(mean(lightSamples, from: .seconds(6)) > 2_000_000)
        var heavy = Call(seed: 5)
        heavy.line.loss = 0.25
        let heavySamples = heavy.filmAdaptively(.seconds(15))
        #expect(mean(heavySamples, from: .seconds(10)) < 1_000_000)
    }

    @Test func aStillPictureKeepsItsEstimate() {
        var call = Call(seed: 6)
        _ = call.filmAdaptively(.seconds(5))
        let before = call.near.estimatedBandwidth ?? 0
        _ = call.filmAdaptively(.seconds(20), most: 60_000)
        #expect(call.near.estimatedBandwidth ?? 0 >= before * 9 / 10)
    }

    @Test func aRunDependsOnItsSeedAlone() {
        func run() -> [Int] {
            var call = Call(seed: 9)
            call.line.bottleneck = 800_000
            call.line.jitter = .milliseconds(10)
            return call.filmAdaptively(.seconds(5)).map(\.estimate)
        }
        #expect(run() == run())
    }

    @Test func anyFeedbackIsOnlyData() {
        var chance = RandomSource(seed: 44)
        var call = Call(seed: 7)
        _ = call.filmAdaptively(.seconds(1))
        for _ in 0..<3_000 {
            let arrivals = (0..<Int(chance.next() % 20)).map {
                TransportFeedback.Arrival(offset: UInt16($0 * 2), delta: Int16(truncatingIfNeeded: chance.next()))
            }
            let feedback = TransportFeedback(
                senderSSRC: 1, mediaSSRC: Call.videoSSRC, baseSequence: UInt16(truncatingIfNeeded: chance.next()),
                statusCount: UInt16(truncatingIfNeeded: chance.next() % 60 + 40),
                referenceTime: Int32(truncatingIfNeeded: chance.next() % (1 << 24)) - (1 << 23), feedbackCount: 0,
                arrivals: arrivals)
            call.near.receive(feedback)
            let estimate = call.near.estimatedBandwidth ?? 0
            #expect(BandwidthEstimator.range.contains(estimate))
        }
    }
}
