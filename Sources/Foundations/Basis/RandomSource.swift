/// Where chance comes from: the operating system in the appliance, a seed in the simulated world.
///
/// A value, so that a run of any machine that holds one is a function of its seed and its input.
package struct RandomSource: RandomNumberGenerator, Sendable {
    private enum State: Sendable {
        case system
        case seeded(UInt64)
    }

    private var state: State

    private init(state: State) {
        self.state = state
    }

    /// The operating system's cryptographic generator.
    package static let system = RandomSource(state: .system)

    /// A reproducible sequence (SplitMix64, Steele, Lea, Flood 2014); for tests and the simulated world only.
    package init(seed: UInt64) {
        state = .seeded(seed)
    }

    package mutating func next() -> UInt64 {
        switch state {
        case .system:
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        case .seeded(let value):
            let advanced = value &+ 0x9E37_79B9_7F4A_7C15
            state = .seeded(advanced)
            var mixed = advanced
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// A generator for a child machine, independent of what this one gives later.
    package mutating func fork() -> RandomSource {
        switch state {
        case .system: return .system
        case .seeded: return RandomSource(seed: next())
        }
    }

    /// `count` unpredictable bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            var word = next()
            for _ in 0..<min(8, count - result.count) {
                result.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return result
    }

    /// `count` characters drawn from `alphabet` (ASCII), evenly.
    package mutating func string(_ count: Int, from alphabet: StaticString) -> String {
        let size = alphabet.utf8CodeUnitCount
        var result: [UInt8] = []
        for _ in 0..<count {
            let index = Int.random(in: 0..<size, using: &self)
            result.append(alphabet.utf8Start[index])
        }
        return String(decoding: result, as: UTF8.self)
    }
}
