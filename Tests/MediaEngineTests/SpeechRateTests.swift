import Codecs
import MediaEngine
import Testing

@Suite struct SpeechRateTests {
    @Test func redundancyGoesOnALineThatLosesNothingAndComesBackAtOnce() {
        var rate = SpeechRate()
        #expect(rate.encoding.expectedLoss == 5)
        for _ in 0..<60 { rate.report(fractionLost: 0, bandwidth: nil) }
        #expect(rate.encoding == SpeechEncoding(bitrate: 32_000, expectedLoss: 0))
        rate.report(fractionLost: 0.01, bandwidth: nil)
        #expect(rate.encoding.expectedLoss == 0)
        rate.report(fractionLost: 0.08, bandwidth: nil)
        #expect((5...8).contains(rate.encoding.expectedLoss))
        for _ in 0..<5 { rate.report(fractionLost: 0, bandwidth: nil) }
        #expect(rate.encoding.expectedLoss > 0)
        rate.forget()
        #expect(rate == SpeechRate())
    }

    @Test func aBadLineGetsMoreAndANarrowOneLess() {
        var rate = SpeechRate()
        for _ in 0..<10 { rate.report(fractionLost: 0.2, bandwidth: 1_000_000) }
        #expect(rate.encoding.bitrate == 40_000)
        #expect((18...21).contains(rate.encoding.expectedLoss))
        rate.report(fractionLost: 0.2, bandwidth: 120_000)
        #expect(rate.encoding.bitrate == 24_000)
        rate.report(fractionLost: 0.9, bandwidth: 60_000)
        #expect(rate.encoding.bitrate == 16_000)
        for _ in 0..<10 { rate.report(fractionLost: 7, bandwidth: nil) }
        #expect(rate.encoding.expectedLoss == 30)
    }

    @Test func pausesOutliveACall() {
        var rate = SpeechRate()
        rate.setDiscontinuous(true)
        rate.report(fractionLost: 0.1, bandwidth: nil)
        rate.forget()
        #expect(rate.encoding == SpeechEncoding(isDiscontinuous: true))
    }
}
