package import Codecs

/// What the encoder of the own voice spends, by what receivers lose and what the line carries.
///
/// Losses are believed at once and forgotten slowly. Redundancy is left out on a line that loses nothing; it costs a fifth
/// of the bits. On a bad line the voice gets some more, so that the redundancy does not eat it up; on a narrow one less, so
/// that it still passes.
package struct SpeechRate: Equatable, Sendable {
    /// How Opus is set up at present.
    package private(set) var encoding: SpeechEncoding
    /// 0…1. Until something is known, a little.
    private var loss = 0.03
    private var isRedundant = true

    /// For a line without losses; whether pauses are left out (DTX, RFC 7587 section 3.1.3).
    package init(isDiscontinuous: Bool = false) {
        encoding = SpeechEncoding(isDiscontinuous: isDiscontinuous)
    }

    /// Whether pauses are left out from now on.
    package mutating func setDiscontinuous(_ isOn: Bool) { encoding.isDiscontinuous = isOn }

    /// Another call: nothing is known of its line.
    package mutating func forget() { self = SpeechRate(isDiscontinuous: encoding.isDiscontinuous) }

    /// - Parameters:
    ///   - fractionLost: of the last second's packets, 0…1.
    ///   - bandwidth: bits per second that the line carries in all; nil where nobody knows.
    package mutating func report(fractionLost: Double, bandwidth: Int?) {
        let lost = min(max(0, fractionLost), 1)
        loss += (lost - loss) * (lost > loss ? 0.5 : 0.1)
        isRedundant = isRedundant ? loss >= 0.01 : loss >= 0.02
        // From 30 percent on the encoder would spend nearly half on redundancy: it is no better then.
        encoding.expectedLoss = isRedundant ? min(max(5, Int((loss * 100).rounded(.up))), 30) : 0
        encoding.bitrate =
            switch bandwidth ?? .max {
            case ..<80_000: 16_000
            case ..<150_000: 24_000
            default: loss >= 0.1 ? 40_000 : 32_000
            }
    }
}
