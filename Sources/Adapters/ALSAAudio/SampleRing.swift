/// Samples that wait for their block. Never grows: what does not fit pushes the oldest out.
package struct SampleRing: Sendable {
    private var samples: [Int16]
    private var start = 0
    package private(set) var count = 0

    package init(capacity: Int) {
        samples = [Int16](repeating: 0, count: max(1, capacity))
    }

    package var capacity: Int { samples.count }

    /// Appends the first `length` samples of `block`; how many old ones were pushed out.
    @discardableResult
    package mutating func append(_ block: [Int16], count length: Int) -> Int {
        let length = min(max(0, length), block.count, samples.count)
        let lost = max(0, count + length - samples.count)
        drop(lost)
        var position = (start + count) % samples.count
        for index in 0..<length {
            samples[position] = block[index]
            position = position + 1 == samples.count ? 0 : position + 1
        }
        count += length
        return lost
    }

    /// Copies the oldest samples over all of `block` without taking them; false when there are too few.
    package func copy(into block: inout [Int16]) -> Bool {
        guard block.count <= count else { return false }
        var position = start
        for index in block.indices {
            block[index] = samples[position]
            position = position + 1 == samples.count ? 0 : position + 1
        }
        return true
    }

    /// Forgets the oldest `number` samples.
    package mutating func drop(_ number: Int) {
        let number = min(max(0, number), count)
        start = (start + number) % samples.count
        count -= number
    }

    package mutating func removeAll() {
        start = 0
        count = 0
    }
}
