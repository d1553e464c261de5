import Basis

/// A room whose walls throw the speaker's sound back: a decaying impulse response after a delay.
struct Room {
    private let response: [(delay: Int, gain: Float)]
    private var past = [Float](repeating: 0, count: 16_384)
    private var position = 0

    /// - Parameters:
    ///   - delay: samples until the first sound comes back.
    ///   - gain: of the sound that comes straight.
    init(delay: Int, gain: Float, seed: UInt64) {
        var random = RandomSource(seed: seed)
        var taps: [(Int, Float)] = [(delay, gain)]
        // Sparse reflections over 80 ms, 30 dB down at the end.
        for index in 1...160 {
            let sign: Float = Bool.random(using: &random) ? 1 : -1
            let decay: Float = 1 - Float(index) / 165
            taps.append(
                (delay + index * 24 + Int.random(in: 0..<24, using: &random), sign * gain * 0.25 * decay * decay))
        }
        response = taps
    }

    /// What the microphone hears while `block` is played.
    mutating func hear(_ block: [Int16]) -> [Int16] {
        block.map { sample in
            past[position & 16_383] = Float(sample)
            var sum: Float = 0
            for tap in response { sum += past[(position &- tap.delay) & 16_383] * tap.gain }
            position += 1
            return Int16(clamping: Int(sum.rounded()))
        }
    }
}

/// Noise with the spectrum's slope and the rhythm of speech.
struct Speech {
    private var random: RandomSource
    private var smooth: Float = 0
    private var time = 0
    private let amplitude: Float

    init(seed: UInt64, amplitude: Float) {
        random = RandomSource(seed: seed)
        self.amplitude = amplitude
    }

    mutating func next() -> [Int16] {
        (0..<480).map { _ in
            let white = Float(Int64(bitPattern: random.next()) >> 40) / 8_388_608
            smooth += (white - smooth) * 0.25
            // Syllables: four a second.
            let phase = Float(time % 12_000) / 12_000
            let envelope = 0.15 + 0.85 * max(0, 1 - abs(phase * 2 - 1) * 1.3)
            time += 1
            return Int16(clamping: Int(smooth * amplitude * envelope))
        }
    }
}

/// Energies, as decibels of their ratio.
func decibels(_ numerator: Double, _ denominator: Double) -> Double {
    // log10 of a ratio by halving: exact enough for tests, and without another library.
    var ratio = max(numerator, 1e-9) / max(denominator, 1e-9)
    var result = 0.0
    while ratio >= 10 { (ratio, result) = (ratio / 10, result + 10) }
    while ratio < 1 { (ratio, result) = (ratio * 10, result - 10) }
    let step = 1.023_292_992_280_754_1  // a tenth of a decibel
    while ratio >= step { (ratio, result) = (ratio / step, result + 0.1) }
    return result
}

func energy(_ block: [Int16]) -> Double {
    block.reduce(0) { $0 + Double($1) * Double($1) }
}
