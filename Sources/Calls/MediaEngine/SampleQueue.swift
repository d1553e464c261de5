/// Decoded samples that wait to be played, and the last ones that were.
///
/// A fixed piece of memory; what does not fit is dropped.
struct SampleQueue {
    /// Played samples that are kept: two of the longest pitch periods.
    static let history = 1_440
    /// Waiting samples at most: the longest packet, what was there before it, and what stretching adds.
    static let capacity = 12_000

    var samples = [Int16](repeating: 0, count: history + capacity)
    /// The next sample to be played; at least `history`, save for what stretching has just put before it.
    private(set) var start = history
    private(set) var end = history

    var count: Int { end - start }

    /// Appends `added`, from its sample number `first` on.
    mutating func append(_ added: [Int16], from first: Int = 0) {
        let length = max(0, added.count - max(0, first))
        if end + length > samples.count { compact() }
        for index in 0..<min(length, samples.count - end) { samples[end + index] = added[max(0, first) + index] }
        end += min(length, samples.count - end)
    }

    /// Adds the next `count` samples to `mix` and lets them go; their energy.
    mutating func take(_ count: Int, addingTo mix: inout [Int32]) -> Int64 {
        var energy: Int64 = 0
        let count = min(count, self.count, mix.count)
        for index in 0..<count {
            let sample = Int32(samples[start + index])
            mix[index] &+= sample
            energy &+= Int64(sample &* sample)
        }
        start += count
        return energy
    }

    /// The sample played last; 0 at the beginning.
    var last: Int16 { samples[start - 1] }

    /// Forgets the next `count` samples.
    mutating func drop(_ count: Int) { start = min(end, start + max(0, count)) }

    /// Makes the last `count` played samples wait again.
    mutating func restore(_ count: Int) { start = max(Self.history / 2, start - max(0, count)) }

    mutating func removeAll() { end = start }

    private mutating func compact() {
        let shift = start - Self.history
        guard shift > 0 else { return }
        for index in (start - Self.history)..<end { samples[index - shift] = samples[index] }
        start -= shift
        end -= shift
    }
}
