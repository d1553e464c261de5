/// How fast to send by what is lost: the loss-based controller of draft-ietf-rmcat-gcc-02 section 6, once a second.
///
/// A receiver's estimate (REMB) follows what it receives: a sender whose picture is still would starve itself by obeying
/// it. So it counts only while packets are lost.
package struct LossBasedRate: Equatable, Sendable {
    /// Two people at rest, sent with room to spare.
    package static let range = 100_000...2_500_000

    /// The rate to stay under, in bit/s.
    package private(set) var bitsPerSecond: Int

    package init(bitsPerSecond: Int = 1_500_000) {
        self.bitsPerSecond = bitsPerSecond
    }

    /// A second has passed in which the peer lost `fractionLost` (0…1) of our packets; `estimate` is its last REMB.
    package mutating func update(fractionLost: Double, estimate: Int?) {
        let current = Double(bitsPerSecond)
        var next = current
        if fractionLost > 0.1 {
            next = current * (1 - 0.5 * min(1, fractionLost))
        } else if fractionLost < 0.02 {
            next = current * 1.08
        }
        if let estimate, fractionLost >= 0.02 { next = min(next, Double(estimate)) }
        bitsPerSecond = min(max(Int(next), Self.range.lowerBound), Self.range.upperBound)
    }
}
