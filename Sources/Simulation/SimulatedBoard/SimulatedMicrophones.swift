package import Basis
package import Devices

/// Lets 10 ms of sound out for each 10 ms of time.
struct BlockPace {
    private var due: MonotonicInstant?

    /// Whether a block is ready; a long stall is not made up for.
    mutating func isDue(at now: MonotonicInstant) -> Bool {
        let expected = due ?? now
        // Half a block early is in time: the caller's timer and this one do not tick together.
        guard now + .milliseconds(5) >= expected else { return false }
        let next = expected + AudioBlock.duration
        due = next + .milliseconds(200) < now ? now + AudioBlock.duration : next
        return true
    }
}

/// A microphone in a silent room.
package struct SilenceMicrophone: Microphone, ~Copyable {
    private var pace: BlockPace?

    package init() {}

    package mutating func open() throws(DeviceError) { pace = BlockPace() }

    package mutating func close() { pace = nil }

    package mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        guard pace?.isDue(at: now) == true else { return false }
        for index in block.indices { block[index] = 0 }
        return true
    }
}

/// A microphone that hears a steady sine tone at −20 dBov.
package struct ToneMicrophone: Microphone, ~Copyable {
    private static let amplitude = 4_634.0  // √2 · 32768 / 10

    private var pace: BlockPace?
    // The tone is a rotating pointer: two multiplications and additions a sample, no table.
    private let cosineStep: Double
    private let sineStep: Double
    private var cosine = 1.0
    private var sine = 0.0

    /// - Parameter hertz: 1 to 20,000.
    package init(hertz: Int = 440) {
        let angle = 2 * Double.pi * Double(min(max(1, hertz), 20_000)) / Double(AudioBlock.sampleRate)
        (sineStep, cosineStep) = Self.sineAndCosine(angle)
    }

    package mutating func open() throws(DeviceError) { pace = BlockPace() }

    package mutating func close() { pace = nil }

    package mutating func read(into block: inout [Int16], at now: MonotonicInstant) throws(DeviceError) -> Bool {
        guard pace?.isDue(at: now) == true else { return false }
        for index in block.indices {
            block[index] = Int16(clamping: Int((sine * Self.amplitude).rounded()))
            (cosine, sine) = (cosine * cosineStep - sine * sineStep, sine * cosineStep + cosine * sineStep)
        }
        // Rounding errors must not let the tone grow or fade over hours.
        let length = (cosine * cosine + sine * sine).squareRoot()
        cosine /= length
        sine /= length
        return true
    }

    /// Taylor series of a small angle, then doubled: exact to double precision below π.
    private static func sineAndCosine(_ angle: Double) -> (Double, Double) {
        let small = angle / 64
        var (sine, cosine) = (0.0, 0.0)
        var term = 1.0
        for power in 0..<16 {
            switch power % 4 {
            case 0: cosine += term
            case 1: sine += term
            case 2: cosine -= term
            default: sine -= term
            }
            term *= small / Double(power + 1)
        }
        for _ in 0..<6 { (sine, cosine) = (2 * sine * cosine, cosine * cosine - sine * sine) }
        return (sine, cosine)
    }
}
