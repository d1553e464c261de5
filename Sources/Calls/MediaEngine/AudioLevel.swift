/// Loudness in −dBov: 0 is the loudest that 16 bits hold, 127 silence (RFC 6464 section 3).
package enum AudioLevel {
    /// The lowest level of RFC 6464, −127 dBov.
    package static let silence: UInt8 = 127

    /// The level of `samples`: −10·log10 of their mean power, rounded, clamped to 0…127.
    package static func level(of samples: Span<Int16>) -> UInt8 {
        level(ofEnergy: energy(of: samples), samples: samples.count)
    }

    static func energy(of samples: Span<Int16>) -> Int64 {
        var energy: Int64 = 0
        for index in samples.indices {
            let sample = Int64(samples[index])
            energy &+= sample &* sample
        }
        return energy
    }

    static func level(ofEnergy energy: Int64, samples: Int) -> UInt8 {
        guard samples > 0, energy > 0 else { return silence }
        let power = Double(energy) / Double(samples) / (32_768.0 * 32_768.0)
        // Each level spans one decibel around its nominal value: the first border lies at −0.5 dB.
        var border = 0.891_250_938_133_745_6
        var level: UInt8 = 0
        while level < silence, power < border {
            border *= 0.794_328_234_724_281_5
            level += 1
        }
        return level
    }
}
