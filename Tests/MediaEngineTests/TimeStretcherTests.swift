import Basis
import Glibc
import Testing

@testable import MediaEngine

@Suite struct TimeStretcherTests {
    private func steepest(_ samples: [Int16]) -> Int {
        zip(samples, samples.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0
    }

    /// Plays `speech` in blocks of 10 ms; between them `stretch` may change what waits.
    private func play(_ speech: [Int16], _ stretch: (inout SampleQueue) -> Void) -> [Int16] {
        var queue = SampleQueue()
        var played: [Int16] = []
        var fed = 0
        while fed < speech.count || queue.count >= 480 {
            while queue.count < 1_440, fed < speech.count {
                queue.append(Array(speech[fed..<min(fed + 960, speech.count)]))
                fed += 960
            }
            stretch(&queue)
            var mix = [Int32](repeating: 0, count: 480)
            _ = queue.take(480, addingTo: &mix)
            played += mix.map { Int16(clamping: $0) }
        }
        return played
    }

    @Test func aToneIsCutAndRepeatedByWholePeriods() {
        // 200 Hz: 240 samples.
        let tone = (0..<48_000).map { Int16(8_000 * sin(2 * .pi * 200 * Double($0) / 48_000)) }
        var stretcher = TimeStretcher()
        var cuts: [Int] = []
        var count = 0
        let shorter = play(tone) { queue in
            count += 1
            if count % 4 == 0, count < 80 { cuts.append(stretcher.shorten(&queue, likeness: 0.8)) }
        }
        #expect(cuts.count == 19 && cuts.allSatisfy { $0 > 0 && abs($0 % 240 - 120) > 116 })
        #expect(shorter.count <= tone.count - cuts.reduce(0, +) + 480)
        #expect(steepest(Array(shorter.prefix(40_000))) <= steepest(tone) * 11 / 10)
        cuts = []
        count = 0
        let longer = play(tone) { queue in
            count += 1
            if count % 4 == 0, count < 80 { cuts.append(stretcher.lengthen(&queue, likeness: 0.8)) }
        }
        #expect(cuts.count == 19 && cuts.allSatisfy { $0 > 0 && abs($0 % 240 - 120) > 116 })
        #expect(longer.count >= tone.count + cuts.reduce(0, +) - 480)
        #expect(steepest(Array(longer.prefix(40_000))) <= steepest(tone) * 11 / 10)
    }

    @Test func speechChangesItsLengthWithoutClicks() {
        var model = SpeechModel()
        let speech = (0..<200).flatMap { _ in model.frame() }
        var stretcher = TimeStretcher()
        for isShorter in [true, false] {
            var (count, changed) = (0, 0)
            let played = play(speech) { queue in
                count += 1
                guard count % 4 == 0 else { return }
                changed +=
                    isShorter ? stretcher.shorten(&queue, likeness: 0.7) : stretcher.lengthen(&queue, likeness: 0.7)
            }
            // At least a tenth.
            #expect(changed > speech.count / 10)
            #expect(abs(played.count - speech.count + (isShorter ? changed : -changed)) <= 480)
            #expect(steepest(played.dropLast(960)) <= steepest(speech) * 5 / 4)
        }
    }

    @Test func noiseIsLeftAloneUnlessItIsTooQuietToMatter() {
        func cut(amplitude: Int) -> (shorter: Int, longer: Int) {
            var random = RandomSource(seed: 2)
            var queue = SampleQueue()
            for _ in 0..<4 {
                queue.append((0..<960).map { _ in Int16(Int.random(in: -amplitude...amplitude, using: &random)) })
            }
            var mix = [Int32](repeating: 0, count: 960)
            _ = queue.take(960, addingTo: &mix)
            var stretcher = TimeStretcher()
            return (stretcher.shorten(&queue, likeness: 0.8), stretcher.lengthen(&queue, likeness: 0.8))
        }
        #expect(cut(amplitude: 5_000) == (0, 0))
        let quiet = cut(amplitude: 20)
        #expect((120...720).contains(quiet.shorter) && (120...720).contains(quiet.longer))
        let silence = cut(amplitude: 0)
        #expect(silence.shorter >= 120 && silence.longer >= 120)
    }

    @Test func tooLittleIsLeftAlone() {
        var stretcher = TimeStretcher()
        for count in [0, 1, 100, 400, 599] {
            var queue = SampleQueue()
            queue.append([Int16](repeating: 0, count: count))
            #expect(stretcher.shorten(&queue, likeness: -1) == 0)
            #expect(queue.count == count)
        }
        var queue = SampleQueue()
        queue.append([Int16](repeating: 0, count: 479))
        #expect(stretcher.lengthen(&queue, likeness: -1) == 0)
    }

    @Test func theQueueKeepsTheOrderForEver() {
        var queue = SampleQueue()
        var random = RandomSource(seed: 8)
        var (given, taken): (Int16, Int16) = (0, 0)
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...3_000, using: &random)
            if queue.count + count <= SampleQueue.capacity {
                queue.append(
                    (0..<count).map { _ in
                        given &+= 1
                        return given
                    })
            }
            var mix = [Int32](repeating: 0, count: 2_000)
            let wanted = Int.random(in: 0...2_000, using: &random)
            let there = min(queue.count, wanted)
            _ = queue.take(wanted, addingTo: &mix)
            for index in 0..<there {
                taken &+= 1
                #expect(mix[index] == Int32(taken))
            }
        }
        #expect(taken != 0)
    }
}
