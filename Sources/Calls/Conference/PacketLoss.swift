package import RTP

/// How much of what is sent to us does not come, from the counts of all sources.
package struct PacketLoss: Sendable {
    /// A few packets say nothing of the line.
    private static let fewest = 20

    private var counts: (came: Int, lost: Int)?

    package init() {}

    /// The share lost since the last call, 0…1; nil when too little came to tell.
    package mutating func note(_ inbound: [RTPStatistics.Inbound]) -> Double? {
        let came = inbound.reduce(0) { $0 + $1.packets }
        let lost = inbound.reduce(0) { $0 + max(0, $1.lost) }
        let last = counts
        counts = (came, lost)
        // A source that went takes its counts with it.
        guard let last, came >= last.came else { return nil }
        let (arrived, missed) = (came - last.came, max(0, lost - last.lost))
        guard arrived + missed >= Self.fewest else { return nil }
        return Double(missed) / Double(arrived + missed)
    }
}
