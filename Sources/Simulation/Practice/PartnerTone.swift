/// A soft tone that swells and fades as syllables do, without the mathematics library: the wave is a rotating vector.
struct PartnerTone {
    /// Of a frame in which the tone sounds, in -dBov: a peak of an eighth, swelling.
    static let level: UInt8 = 27
    private static let peak = 4_096.0
    private static let sampleRate = 48_000.0
    /// Samples from one syllable to the next.
    private static let syllable = 12_000
    /// How far the loudness may move each sample: from silence to full in 20 ms, so that nothing clicks.
    private static let ramp = 1.0 / 960

    private let cosine: Double
    private let sine: Double
    private var real = 1.0
    private var imaginary = 0.0
    private var gain = 0.0
    private var position = 0

    /// - Parameter frequency: in hertz, up to 4000.
    init(frequency: Double) {
        let angle = min(max(20, frequency), 4_000) * 2 * Double.pi / Self.sampleRate
        (cosine, sine) = Self.rotation(by: angle)
    }

    /// Whether anything is heard.
    var isSounding: Bool { gain > 0 }

    /// Replaces every sample of `pcm`.
    mutating func fill(_ pcm: inout [Int16], isSpeaking: Bool) {
        for index in pcm.indices {
            let target = isSpeaking ? envelope : 0
            gain += min(max(target - gain, -Self.ramp), Self.ramp)
            pcm[index] = Int16(Self.peak * gain * imaginary)
            (real, imaginary) = (real * cosine - imaginary * sine, imaginary * cosine + real * sine)
            position = (position + 1) % Self.syllable
        }
        // Rounding makes the vector longer or shorter in the long run.
        let length = (real * real + imaginary * imaginary).squareRoot()
        real /= length
        imaginary /= length
    }

    /// A triangle between a third and one.
    private var envelope: Double {
        let part = Double(position) / Double(Self.syllable)
        return 1 - (part < 0.5 ? part : 1 - part) * 4 / 3
    }

    /// Cosine and sine of a small angle by their series.
    private static func rotation(by angle: Double) -> (Double, Double) {
        var (cosine, sine) = (0.0, 0.0)
        var term = 1.0
        for index in 0..<16 {
            switch index & 3 {
            case 0: cosine += term
            case 1: sine += term
            case 2: cosine -= term
            default: sine -= term
            }
            term *= angle / Double(index + 1)
        }
        return (cosine, sine)
    }
}
