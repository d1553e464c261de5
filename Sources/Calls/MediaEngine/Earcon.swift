package import Devices

/// How each `RoomSound` sounds: a few notes of sine waves, at 48 kHz, made once.
///
/// Told apart by their number of notes, their direction and their register, so that neither a fine ear nor high tones are
/// needed: one gliding note for the microphone, two slow ones for ourselves, two quick high ones for the others, three for
/// the line; up for what opens, down for what closes. Fundamentals lie between 200 and 1,500 Hz, where hearing fades last,
/// and each has overtones, since small loudspeakers leave low tones out.
package enum Earcon {
    /// The largest sample of each: half of what 16 bits hold.
    package static let peak = 16_384

    private struct Note {
        /// Milliseconds.
        var start: Int
        var length: Int
        /// In hertz, at the note's beginning and end.
        var from: Double
        var to: Double

        init(_ start: Int, _ length: Int, _ from: Double, _ to: Double? = nil) {
            self.start = start
            self.length = length
            self.from = from
            self.to = to ?? from
        }
    }

    private static func score(of sound: RoomSound) -> [Note] {
        switch sound {
        case .joined: [Note(0, 150, 440), Note(150, 280, 660)]
        case .left: [Note(0, 150, 440), Note(150, 280, 294)]
        case .somebodyJoined: [Note(0, 70, 1_047), Note(75, 100, 1_397)]
        case .somebodyLeft: [Note(0, 70, 1_175), Note(75, 100, 880)]
        case .muted: [Note(0, 170, 330, 220)]
        case .unmuted: [Note(0, 170, 330, 494)]
        case .connectionLost: [Note(0, 180, 523), Note(210, 180, 415), Note(420, 300, 311)]
        case .connectionBack: [Note(0, 120, 392), Note(140, 120, 523), Note(280, 260, 784)]
        }
    }

    /// Amplitudes of the overtones, the fundamental first. What tells of trouble is harsher: odd ones alone.
    private static func partials(of sound: RoomSound) -> [Double] {
        switch sound {
        case .connectionLost: [1, 0, 0.33, 0, 0.2]
        case .muted, .unmuted: [1, 0.5, 0.25]
        case .joined, .left, .somebodyJoined, .somebodyLeft, .connectionBack: [1, 0.25, 0.08]
        }
    }

    private static let samplesPerMillisecond = AudioBlock.sampleRate / 1_000
    /// Milliseconds in which a note swells and fades: no click.
    private static let attack = 6
    private static let release = 30
    /// How far a note has died away at its end, in powers of e.
    private static let decay = 1.4

    /// The samples of `sound`; the first and the last are silence.
    package static func samples(of sound: RoomSound) -> [Int16] {
        let notes = score(of: sound)
        let length = notes.map { ($0.start + $0.length) * samplesPerMillisecond }.max() ?? 0
        var wave = [Double](repeating: 0, count: length)
        for note in notes { add(note, partials: partials(of: sound), to: &wave) }
        let largest = wave.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return [] }
        return wave.map { Int16(clamping: Int(($0 * Double(peak) / largest).rounded())) }
    }

    private static func add(_ note: Note, partials: [Double], to wave: inout [Double]) {
        let start = note.start * samplesPerMillisecond
        let length = note.length * samplesPerMillisecond
        for (index, amplitude) in partials.enumerated() where amplitude > 0 {
            // A rotating vector: this tier has no mathematics library.
            var (real, imaginary) = (1.0, 0.0)
            var loudness = amplitude
            for position in 0..<length {
                wave[start + position] += imaginary * loudness * envelope(position, length)
                let progress = Double(position) / Double(length)
                let frequency = (note.from + (note.to - note.from) * progress) * Double(index + 1)
                let (cosine, sine) = rotation(by: frequency * 2 * .pi / Double(AudioBlock.sampleRate))
                (real, imaginary) = (real * cosine - imaginary * sine, imaginary * cosine + real * sine)
                loudness *= 1 - decay / Double(length)
            }
        }
    }

    /// Between 0 and 1 at either end of a note.
    private static func envelope(_ position: Int, _ length: Int) -> Double {
        let rise = Double(position) / Double(attack * samplesPerMillisecond)
        let fall = Double(length - 1 - position) / Double(release * samplesPerMillisecond)
        let part = min(1, min(rise, fall))
        return part * part * (3 - 2 * part)
    }

    /// Cosine and sine of an angle below a right one, by their series.
    private static func rotation(by angle: Double) -> (Double, Double) {
        let square = angle * angle
        let cosine = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56)))
        let sine = angle * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72))))
        return (cosine, sine)
    }
}
