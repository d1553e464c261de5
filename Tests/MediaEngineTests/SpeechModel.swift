import Basis
import Glibc

/// Something like speech: a voice whose pitch moves, in syllables, with noise between them; the same again and again.
struct SpeechModel {
    private static let syllables = make(seconds: 20, isSteady: false)
    private static let steady = make(seconds: 32, isSteady: true)

    private let samples: [Int16]
    private var position = 0

    /// - Parameter isSteady: whether the voice sounds without a break.
    init(isSteady: Bool = false) { samples = isSteady ? Self.steady : Self.syllables }

    mutating func frame(_ count: Int = 960) -> [Int16] {
        if position + count > samples.count { position = 0 }
        position += count
        return Array(samples[position - count..<position])
    }

    private static func make(seconds: Int, isSteady: Bool) -> [Int16] {
        var random = RandomSource(seed: 4)
        var phase = 0.0
        return (0..<seconds * 48_000).map { position in
            let time = Double(position) / 48_000
            let pitch = 130 + 35 * sin(2 * .pi * 0.7 * time) + 10 * sin(2 * .pi * 2.3 * time)
            phase += 2 * .pi * pitch / 48_000
            var voice = sin(phase) + 0.7 * sin(2 * phase) + 0.5 * sin(3 * phase) + 0.6 * sin(4 * phase)
            voice += 0.3 * sin(5 * phase) + 0.2 * sin(8 * phase) + 0.1 * sin(11 * phase)
            let syllable = isSteady ? 1 : max(0.02, sin(2 * .pi * 3.5 * time) + 0.3)
            let noise = Double(Int64(bitPattern: random.next()) >> 40) / 8_388_608
            return Int16(2_500 * voice * syllable / 1.3 + 60 * noise)
        }
    }
}
