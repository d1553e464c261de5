internal import Devices

/// Turns a mix down before it overflows 16 bits, and lets it come back slowly.
struct Limiter {
    private static let ceiling: Float = 32_000
    private var gain: Float = 1

    /// Writes the limited `mix` to `block`; true when it had to be turned down.
    mutating func apply(_ mix: [Int32], into block: inout [Int16]) -> Bool {
        var peak: Int32 = 0
        for sample in mix { peak = max(peak, sample < 0 ? 0 &- sample : sample) }
        let wanted = Float(peak) > Self.ceiling ? Self.ceiling / Float(peak) : 1
        let start = gain
        // Down at once, up by a twentieth of the way each 10 ms.
        gain = wanted < gain ? wanted : min(1, gain + (wanted - gain) * 0.05 + 0.000_1)
        guard start < 1 || gain < 1 else {
            for index in 0..<AudioBlock.samples { block[index] = Int16(clamping: mix[index]) }
            return false
        }
        // Down before the first sample that is too loud, so that nothing is cut off; up over the whole block.
        let length = gain < start ? firstLoud(mix, gain: start) + 1 : AudioBlock.samples
        let slope = (gain - start) / Float(length)
        for index in 0..<AudioBlock.samples {
            let factor = index + 1 < length ? start + slope * Float(index + 1) : gain
            block[index] = Int16(clamping: Int32(Float(mix[index]) * factor))
        }
        return wanted < 1
    }

    private func firstLoud(_ mix: [Int32], gain: Float) -> Int {
        for index in 0..<AudioBlock.samples where abs(Float(mix[index])) * gain > Self.ceiling { return index }
        return AudioBlock.samples - 1
    }
}
