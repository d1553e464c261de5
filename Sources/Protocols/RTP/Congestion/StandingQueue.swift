import Basis

/// How long packets stand in a queue on the way, by their one-way times against the fastest of the last half minute.
///
/// The trend of delays tells that a queue grows. One that stands full, or grows slowly among many senders, it does not
/// tell: that is what is measured here. Clocks need not agree; they may drift by what half a minute hides.
struct StandingQueue: Sendable {
    private static let bucket: Int64 = 5_000_000
    private static let buckets = 6
    /// The least of so long stands for all: whoever waits for nothing then finds the queue empty.
    private static let window: Int64 = 150_000
    /// The peer's clock jumped by more: what was measured before says nothing.
    private static let jump: Int64 = 3_000_000
    /// No queue is longer, in seconds.
    private static let longest = 3.0

    /// The least of each of the last buckets, oldest first; in µs, of unknown origin.
    private var bases: [Int64] = []
    private var bucketEnd: Int64 = 0
    private var recent: Int64?
    private var recentBefore: Int64?
    private var windowEnd: Int64 = 0
    private var last: Int64?
    /// Whether older buckets are to be forgotten at present.
    var isForgetting = true

    mutating func add(sent: MonotonicInstant, arrival: Int64) {
        let delay = arrival &- sent.nanoseconds / 1_000
        if let last, (delay &- last).magnitude > Self.jump.magnitude { restart() }
        last = delay
        if arrival >= bucketEnd || bases.isEmpty {
            bucketEnd = arrival + Self.bucket
            if bases.count == Self.buckets {
                if isForgetting { bases.removeFirst() } else { bases[1] = min(bases[0], bases[1]); bases.removeFirst() }
            }
            bases.append(delay)
        } else {
            bases[bases.count - 1] = min(bases[bases.count - 1], delay)
        }
        if arrival >= windowEnd || recent == nil {
            windowEnd = arrival + Self.window
            recentBefore = recent
            recent = delay
        } else {
            recent = min(recent ?? delay, delay)
        }
    }

    /// In seconds; zero while nothing is known.
    var delay: Double {
        guard let recent, let base = bases.min() else { return 0 }
        return min(Double(max(0, min(recent, recentBefore ?? recent) &- base)) / 1e6, Self.longest)
    }

    /// The way may be another one: the fastest packet is looked for anew.
    mutating func restart() {
        bases.removeAll(keepingCapacity: true)
        (recent, recentBefore, last) = (nil, nil, nil)
    }
}
