import Testing

@testable import RTP

@Suite struct LossBasedRateTests {
    @Test func aStillPictureIsNotStarvedByTheReceiversEstimate() {
        var rate = LossBasedRate()
        for _ in 0..<60 { rate.update(fractionLost: 0, estimate: 90_000) }
        #expect(rate.bitsPerSecond == LossBasedRate.range.upperBound)
    }

    @Test func lossBringsTheRateDownAndItsEndUpAgain() {
        var rate = LossBasedRate(bitsPerSecond: 1_000_000)
        rate.update(fractionLost: 0.2, estimate: nil)
        #expect(rate.bitsPerSecond == 900_000)
        rate.update(fractionLost: 0.05, estimate: 400_000)
        #expect(rate.bitsPerSecond == 400_000)
        rate.update(fractionLost: 0.05, estimate: nil)
        #expect(rate.bitsPerSecond == 400_000)
        rate.update(fractionLost: 0, estimate: nil)
        #expect(rate.bitsPerSecond == 432_000)
        for _ in 0..<100 { rate.update(fractionLost: 1, estimate: 0) }
        #expect(rate.bitsPerSecond == LossBasedRate.range.lowerBound)
    }
}
