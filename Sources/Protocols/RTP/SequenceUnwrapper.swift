/// Extends 16-bit sequence numbers to 64 bits, taking each as the nearest to the highest seen.
package struct SequenceUnwrapper: Equatable, Sendable {
    /// The highest number so far, extended; nil before the first.
    package private(set) var highest: Int64?

    package init() {}

    /// Extends `sequenceNumber` and remembers it if it is the highest.
    ///
    /// The first one is placed a cycle above zero, so that packets that overtook it stay positive.
    package mutating func unwrap(_ sequenceNumber: UInt16) -> Int64 {
        guard let highest else {
            let first = Int64(sequenceNumber) + 0x1_0000
            self.highest = first
            return first
        }
        let extended = Self.extend(sequenceNumber, near: highest)
        self.highest = max(highest, extended)
        return extended
    }

    /// The number congruent to `sequenceNumber` that is nearest to `reference`.
    package static func extend(_ sequenceNumber: UInt16, near reference: Int64) -> Int64 {
        let distance = Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: reference))
        return reference &+ Int64(distance)
    }
}
