import Basis
import Devices
import Testing
import VoiceProcessing

@Suite struct EchoPolicyTests {
    private func plan(_ echo: EchoSetting, device: Bool, speaker: Bool = true) -> VoicePlan {
        EchoPolicy.plan(
            VoiceSettings(echo: echo), path: EchoPath(isCancelledByDevice: device, delaySamples: 0), hasSpeaker: speaker
        )
    }

    @Test func neverTwoInSeries() {
        let everything = VoicePlan(cancelsEcho: true, suppressesNoise: true, controlsGain: true)
        let voiceOnly = VoicePlan(cancelsEcho: false, suppressesNoise: true, controlsGain: true)
        #expect(plan(.auto, device: true) == .nothing)
        #expect(plan(.auto, device: false) == everything)
        #expect(plan(.device, device: false) == .nothing)
        #expect(plan(.device, device: true) == .nothing)
        #expect(plan(.software, device: true) == everything)
        #expect(plan(.software, device: false) == everything)
        #expect(plan(.off, device: true) == voiceOnly)
        #expect(plan(.off, device: false) == voiceOnly)
        #expect(plan(.auto, device: false, speaker: false) == voiceOnly)
        #expect(
            EchoPolicy.plan(
                .untouched, path: EchoPath(isCancelledByDevice: false, delaySamples: 0), hasSpeaker: true) == .nothing)
    }
}

@Suite struct VoicePreprocessorTests {
    private func run(_ engine: VoiceEngine, _ plan: VoicePlan, seconds: Int, _ source: (Int) -> [Int16]) throws -> (
        before: Double, after: Double
    ) {
        var processor = try VoiceProcessor(plan, engine: engine)
        var result = (before: 0.0, after: 0.0)
        for block in 0..<seconds * 100 {
            let input = source(block)
            var output = input
            processor.process(&output, delay: 0)
            if block >= (seconds - 1) * 100 {
                result.before += energy(input)
                result.after += energy(output)
            }
        }
        return result
    }

    @Test(arguments: VoiceEngine.available)
    func steadyNoiseGoesDown(engine: VoiceEngine) throws {
        var random = RandomSource(seed: 4)
        let plan = VoicePlan(cancelsEcho: false, suppressesNoise: true, controlsGain: false)
        let result = try run(engine, plan, seconds: 4) { _ in
            (0..<480).map { _ in Int16.random(in: -300...300, using: &random) }
        }
        #expect(decibels(result.before, result.after) > 10)
    }

    @Test(arguments: VoiceEngine.available)
    func aQuietVoiceComesUpAndALoudOneDoesNotClip(engine: VoiceEngine) throws {
        let plan = VoicePlan(cancelsEcho: false, suppressesNoise: false, controlsGain: true)
        var quiet = Speech(seed: 1, amplitude: 1_500)
        let raised = try run(engine, plan, seconds: 8) { _ in quiet.next() }
        #expect(decibels(raised.after, raised.before) > 3)
        #expect(decibels(raised.after, raised.before) < 19)
        var loud = Speech(seed: 1, amplitude: 60_000)
        let lowered = try run(engine, plan, seconds: 8) { _ in loud.next() }
        #expect(decibels(lowered.after, lowered.before) < 1)
    }

    @Test func nothingPlannedChangesNothing() throws {
        var processor = try VoiceProcessor(.nothing)
        var speech = Speech(seed: 2, amplitude: 9_000)
        for _ in 0..<50 {
            let input = speech.next()
            var output = input
            processor.process(&output, delay: 100)
            processor.played(input.span)
            processor.missed()
            #expect(output == input)
        }
    }
}

@Suite struct ResamplerTests {
    /// A tone by a rotating pointer; cosine and sine of the angle between two samples.
    private func tone(_ count: Int, cosine: Double, sine: Double) -> [Int16] {
        var (x, y) = (10_000.0, 0.0)
        return (0..<count).map { _ in
            (x, y) = (x * cosine - y * sine, y * cosine + x * sine)
            return Int16(y)
        }
    }

    private func crossings(_ samples: ArraySlice<Int16>) -> Int {
        zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
    }

    @Test(arguments: [(48_000, 44_100), (44_100, 48_000), (48_000, 16_000), (16_000, 48_000), (32_000, 48_000)])
    func keepsPitchAndLength(from: Int, to: Int) throws {
        var resampler = try Resampler(from: from, to: to)
        // 1/16 of a turn each sample.
        let input = tone(from, cosine: 0.923_879_532_511_286_7, sine: 0.382_683_432_365_089_8)
        var output: [Int16] = []
        var piece = [Int16](repeating: 0, count: 2_000)
        for start in stride(from: 0, to: from, by: from / 100) {
            let count = resampler.process(Array(input[start..<start + from / 100]), count: from / 100, into: &piece)
            output += piece[0..<count]
        }
        // The filter holds 40 samples of the input back.
        #expect(abs(output.count - to) <= 45 + 41 * to / from)
        let expected = Double(from) / 16 * Double(output.count) / Double(to)
        #expect(abs(Double(crossings(output[...])) - expected) <= 3 || from / 16 >= to / 2)
    }

    @Test(arguments: [-1_000, -200, 1, 200, 1_000])
    func driftMovesTheRatio(drift: Int) throws {
        var resampler = try Resampler(from: 48_000, to: 48_000)
        resampler.setDrift(drift)
        let input = tone(480, cosine: 0.923_879_532_511_286_7, sine: 0.382_683_432_365_089_8)
        var piece = [Int16](repeating: 0, count: 600)
        var produced = 0
        for _ in 0..<10_000 { produced += resampler.process(input, count: 480, into: &piece) }
        let expected = 4_800_000 / (1 + Double(drift) / 1e6)
        // Half a sample a second is what the rounding leaves: a hundred of 100 seconds.
        #expect(abs(Double(produced) - expected) <= 110)
    }

    @Test func aMovingRatioDoesNotClick() throws {
        var resampler = try Resampler(from: 48_000, to: 48_000)
        var output: [Int16] = []
        var piece = [Int16](repeating: 0, count: 600)
        let input = tone(48_000, cosine: 0.998_026_728_428_271_6, sine: 0.062_790_519_529_313_37)
        for block in 0..<100 {
            resampler.setDrift(block % 2 == 0 ? 150 : -150)
            let count = resampler.process(Array(input[block * 480..<block * 480 + 480]), count: 480, into: &piece)
            output += piece[0..<count]
        }
        // 480 Hz at 10,000 changes by at most 628 a sample.
        let steepest = zip(output, output.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(steepest < 700)
    }

    @Test func oddCountsAreHarmless() throws {
        var resampler = try Resampler(from: 1, to: .max)
        var output = [Int16](repeating: 0, count: 10)
        #expect(resampler.process([1, 2, 3], count: 99, into: &output) <= 10)
        #expect(resampler.process([1, 2, 3], count: -1, into: &output) == 0)
        var nothing: [Int16] = []
        #expect(resampler.process([1, 2, 3], count: 3, into: &nothing) == 0)
        resampler.setDrift(.max)
        resampler.setDrift(.min)
    }
}
