import Basis
import Devices
import Testing
import VoiceProcessing

@Suite struct EchoCancellerTests {
    private static let echoOnly = VoicePlan(cancelsEcho: true, suppressesNoise: false, controlsGain: false)

    /// Runs a canceller in a room as the audio loop does; energies of the last `measured` blocks.
    private func run(
        plan: VoicePlan, engine: VoiceEngine = .speex, delay: Int = 2_880, told: Int? = nil, blocks: Int, measured: Int
    ) throws -> (echo: Double, residual: Double) {
        var processor = try VoiceProcessor(plan, engine: engine)
        var room = Room(delay: delay - 480, gain: 0.5, seed: 11)
        var speech = Speech(seed: 7, amplitude: 24_000)
        var far = [Int16](repeating: 0, count: 480)
        var result = (echo: 0.0, residual: 0.0)
        for block in 0..<blocks {
            // What was played in the period before reaches the microphone's block now.
            let echo = room.hear(far)
            var recorded = echo
            processor.process(&recorded, delay: told ?? delay)
            if block >= blocks - measured {
                result.echo += energy(echo)
                result.residual += energy(recorded)
            }
            far = speech.next()
            processor.played(far.span)
        }
        return result
    }

    @Test(arguments: VoiceEngine.available, [480, 2_880, 9_600])
    func takesTwentyDecibelsOfEchoAway(engine: VoiceEngine, delay: Int) throws {
        let result = try run(plan: Self.echoOnly, engine: engine, delay: delay, blocks: 800, measured: 200)
        #expect(decibels(result.echo, result.residual) >= 20)
    }

    @Test(arguments: VoiceEngine.available)
    func aDelayToldWronglyByTenMillisecondsDoesNotMatter(engine: VoiceEngine) throws {
        let result = try run(plan: Self.echoOnly, engine: engine, told: 2_400, blocks: 800, measured: 200)
        #expect(decibels(result.echo, result.residual) >= 20)
    }

    @Test(arguments: VoiceEngine.available)
    func theWholeChainCancelsToo(engine: VoiceEngine) throws {
        let plan = VoicePlan(cancelsEcho: true, suppressesNoise: true, controlsGain: true)
        let result = try run(plan: plan, engine: engine, blocks: 800, measured: 200)
        #expect(decibels(result.echo, result.residual) >= 20)
    }

    @Test func aVoiceSurvivesDoubleTalk() throws {
        var talker = Speech(seed: 99, amplitude: 20_000)
        var canceller = try EchoCanceller()
        var room = Room(delay: 2_400, gain: 0.4, seed: 5)
        var speech = Speech(seed: 8, amplitude: 16_000)
        var far = [Int16](repeating: 0, count: 480)
        var (echoes, errors, voices, outputs) = (0.0, 0.0, 0.0, 0.0)
        for block in 0..<1_000 {
            let echo = room.hear(far)
            let voice = block >= 700 ? talker.next() : [Int16](repeating: 0, count: 480)
            var recorded = zip(echo, voice).map { Int16(clamping: Int($0) + Int($1)) }
            canceller.process(&recorded, delay: 2_880)
            if block >= 700 {
                echoes += energy(echo)
                voices += energy(voice)
                outputs += energy(recorded)
                errors += energy(zip(recorded, voice).map { $0 &- $1 })
            }
            far = speech.next()
            canceller.played(far.span)
        }
        // The voice keeps its loudness, and what comes with it is less than the echo was.
        #expect(abs(decibels(outputs, voices)) < 2)
        #expect(decibels(echoes, errors) > 3)
    }

    @Test(arguments: VoiceEngine.available)
    func silenceStaysSilent(engine: VoiceEngine) throws {
        let plan = VoicePlan(cancelsEcho: true, suppressesNoise: true, controlsGain: true)
        var processor = try VoiceProcessor(plan, engine: engine)
        let silence = [Int16](repeating: 0, count: 480)
        for _ in 0..<500 {
            var block = silence
            processor.process(&block, delay: 2_000)
            #expect(block.allSatisfy { abs(Int($0)) <= 1 })
            processor.played(silence.span)
        }
    }

    @Test func aMissedBlockDoesNotUndoWhatWasLearnt() throws {
        var canceller = try EchoCanceller()
        var room = Room(delay: 1_440, gain: 0.5, seed: 11)
        var speech = Speech(seed: 7, amplitude: 24_000)
        var far = [Int16](repeating: 0, count: 480)
        var waiting: [[Int16]] = []
        var (echoes, residuals) = (0.0, 0.0)
        for block in 0..<700 {
            waiting.append(room.hear(far))
            if block == 600 {
                // The microphone is a block late from here on.
                canceller.missed()
            } else {
                let echo = waiting.removeFirst()
                var recorded = echo
                canceller.process(&recorded, delay: block < 600 ? 1_920 : 2_400)
                if block > 600 {
                    echoes += energy(echo)
                    residuals += energy(recorded)
                }
            }
            far = speech.next()
            canceller.played(far.span)
        }
        #expect(decibels(echoes, residuals) >= 15)
    }

    @Test func followsADelayThatStaysDifferent() throws {
        var canceller = try EchoCanceller()
        Self.step(&canceller, 4_000, 5)
        var lag = canceller.lag
        #expect(lag == 3_280)
        // Wavering is not followed, a moment's difference neither.
        Self.step(&canceller, 4_500, 200)
        Self.step(&canceller, 9_000, 40)
        Self.step(&canceller, 4_000, 1)
        lag = canceller.lag
        #expect(lag == 3_280)
        Self.step(&canceller, 9_000, 60)
        lag = canceller.lag
        #expect(lag == 8_280)
        for wild in [Int.max, .min, 0, -1] {
            Self.step(&canceller, wild, 60)
            lag = canceller.lag
            #expect((480...65_536).contains(lag))
        }
    }

    private static func step(_ canceller: inout EchoCanceller, _ delay: Int, _ count: Int) {
        let silence = [Int16](repeating: 0, count: 480)
        for _ in 0..<count {
            var block = silence
            canceller.process(&block, delay: delay)
            canceller.played(silence.span)
        }
    }

    @Test(arguments: VoiceEngine.available)
    func blocksOfAnotherLengthPassUntouched(engine: VoiceEngine) throws {
        let plan = VoicePlan(cancelsEcho: true, suppressesNoise: true, controlsGain: true)
        var processor = try VoiceProcessor(plan, engine: engine)
        for count in [0, 1, 479, 481, 4_800] {
            var block = [Int16](repeating: 77, count: count)
            processor.process(&block, delay: 0)
            #expect(block.allSatisfy { $0 == 77 })
        }
    }
}
