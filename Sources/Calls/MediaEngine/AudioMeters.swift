/// Levels of the last 100 ms for people to look at, −dBov: 0 loud … 127 silent.
package struct AudioMeters: Equatable, Sendable {
    /// What the microphone gives, before anything is done to it, muted or not.
    package var microphone = AudioLevel.silence
    /// −dBov (RFC 6464).
    package var microphonePeak = AudioLevel.silence
    /// What the speaker is given.
    package var speaker = AudioLevel.silence
    /// −dBov (RFC 6464).
    package var speakerPeak = AudioLevel.silence

    package init() {}
}

/// Energy and peak since they were last read.
struct LevelMeter {
    private var energy: Int64 = 0
    private var count = 0
    private var peak: Int32 = 0

    /// Takes note of `block`; its level.
    @discardableResult
    mutating func add(_ block: [Int16]) -> UInt8 {
        let energy = AudioLevel.energy(of: block.span)
        self.energy &+= energy
        count += block.count
        for sample in block { peak = max(peak, abs(Int32(sample))) }
        return AudioLevel.level(ofEnergy: energy, samples: block.count)
    }

    mutating func take() -> (level: UInt8, peak: UInt8) {
        defer { self = LevelMeter() }
        return (
            AudioLevel.level(ofEnergy: energy, samples: count),
            AudioLevel.level(ofEnergy: Int64(peak) * Int64(peak), samples: 1)
        )
    }
}
