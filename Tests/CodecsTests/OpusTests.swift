import Basis
import Codecs
import Glibc
import Testing

/// A sine that may glide from frame to frame.
private struct Tone {
    var phase = 0.0

    mutating func frame(hertz: Double, amplitude: Double) -> [Int16] {
        (0..<OpusFormat.frameSamples).map { _ in
            phase += 2 * .pi * hertz / 48_000
            return Int16(amplitude * (sin(phase) + 0.4 * sin(2 * phase) + 0.2 * sin(3 * phase)) / 1.6)
        }
    }
}

private func squaredError(_ left: [Int16], _ right: [Int16]) -> Double {
    zip(left, right).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
}

@Suite struct OpusTests {
    @Test func aToneKeepsItsFrequencyAndLoudness() throws {
        var encoder = try OpusEncoder(bitrate: 32_000, expectedLoss: 0)
        var decoder = try OpusDecoder()
        var (packet, pcm): ([UInt8], [Int16]) = ([], [])
        var (crossings, energy) = (0, 0.0)
        var last: Int16 = 0
        var phase = 0.0
        for index in 0..<60 {
            let frame = (0..<960).map { _ in
                phase += 2 * .pi * 440 / 48_000
                return Int16(8_000 * sin(phase))
            }
            try encoder.encode(frame.span, into: &packet)
            #expect(packet.count <= OpusFormat.largestFrame)
            try decoder.decode(packet.span, into: &pcm)
            #expect(pcm.count == 960)
            guard index >= 10 else { continue }
            for sample in pcm {
                if (last < 0) != (sample < 0) { crossings += 1 }
                last = sample
                energy += Double(sample) * Double(sample)
            }
        }
        // One second of 440 Hz crosses zero 880 times.
        #expect((870...890).contains(crossings))
        let amplitude = sqrt(2 * energy / 48_000)
        #expect((6_500...9_500).contains(amplitude))
    }

    @Test func redundancyRebuildsALostFrameBetterThanConcealment() throws {
        var encoder = try OpusEncoder(bitrate: 32_000, expectedLoss: 30)
        var reference = try OpusDecoder()
        var rebuilding = try OpusDecoder()
        var concealing = try OpusDecoder()
        var tone = Tone()
        var packets: [[UInt8]] = []
        for index in 0..<100 {
            var packet: [UInt8] = []
            // The pitch moves all the time, as in speech: guessing on from the past goes wrong.
            let hertz = 150 + 60 * Double(index % 7)
            try encoder.encode(tone.frame(hertz: hertz, amplitude: 9_000).span, into: &packet)
            packets.append(packet)
        }
        var (rebuilt, concealed) = (0.0, 0.0)
        var (original, pcm): ([Int16], [Int16]) = ([], [])
        for index in 0..<99 {
            let (packet, next) = (packets[index], packets[index + 1])
            try reference.decode(packet.span, into: &original)
            if index > 10, index % 5 == 0 {
                try rebuilding.decodeFEC(next.span, samples: 960, into: &pcm)
                #expect(pcm.count == 960)
                rebuilt += squaredError(original, pcm)
                try concealing.conceal(samples: 960, into: &pcm)
                #expect(pcm.count == 960)
                concealed += squaredError(original, pcm)
            } else {
                try rebuilding.decode(packet.span, into: &pcm)
                try concealing.decode(packet.span, into: &pcm)
            }
        }
        #expect(rebuilt < concealed * 0.7)
    }

    @Test func refusesAFrameOfAnotherLength() throws {
        var encoder = try OpusEncoder()
        var packet: [UInt8] = []
        let short = [Int16](repeating: 0, count: 480)
        #expect(throws: CodecError.self) { try encoder.encode(short.span, into: &packet) }
        #expect(packet.isEmpty)
    }

    @Test func anyBytesDecodeOrFailWithoutHarm() throws {
        var random = RandomSource(seed: 3)
        var decoder = try OpusDecoder()
        var pcm: [Int16] = []
        for _ in 0..<3_000 {
            let packet = random.bytes(Int.random(in: 0...200, using: &random))
            switch Int.random(in: 0...2, using: &random) {
            case 0: try? decoder.decode(packet.span, into: &pcm)
            case 1: try? decoder.decodeFEC(packet.span, samples: Int.random(in: -5...9_000, using: &random), into: &pcm)
            default: try? decoder.conceal(samples: Int.random(in: -5...9_000, using: &random), into: &pcm)
            }
            #expect(pcm.count <= OpusFormat.longestPacketSamples)
        }
    }
}
