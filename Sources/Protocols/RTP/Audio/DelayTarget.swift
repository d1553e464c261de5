/// How long to hold sound back so that nearly every packet is there when it is due.
///
/// The delay of each packet against the fastest of the last ones goes into a histogram that forgets: the target covers 99
/// of 100. It goes up with the first few late packets and comes down as they are forgotten, after some seconds. All times
/// are samples at 48 kHz.
struct DelayTarget: Sendable {
    /// 20 ms: below that the threads of a busy box are what comes late.
    static let least: Int64 = 960
    static let most: Int64 = 24_000
    /// What one period of 10 ms may be too late to see a packet.
    private static let margin: Int64 = 480
    private static let bucket: Int64 = 240
    private static let buckets = 100
    private static let quantile: Float = 0.99
    /// Each packet weighs so much less than the next: a third of a spike is left after 2.7 s.
    private static let memory: Float = 0.992_5
    /// Packets among which the fastest is looked for: 2 s.
    private static let window = 100
    /// A one-way time that differs so much belongs to another time line.
    private static let jump: Int64 = 48_000

    private var histogram = [Float](repeating: 0, count: buckets)
    private var noted = 0
    private var transits: [Int64] = []
    private var position = 0
    private var previous: Int64?
    /// Arrival less timestamp of the fastest packet.
    private(set) var base: Int64 = 0
    /// How long after its arrival, had it been as fast as that one, a packet is to be played.
    private(set) var samples = least

    init() {
        transits.reserveCapacity(Self.window)
    }

    /// A packet came. `transit` is its arrival less its timestamp.
    mutating func note(transit: Int64) {
        if let previous, (transit &- previous).magnitude > Self.jump.magnitude { restart() }
        previous = transit
        if transits.count < Self.window {
            transits.append(transit)
        } else {
            transits[position] = transit
            position = (position + 1) % Self.window
        }
        var fastest = transit
        for other in transits { fastest = min(fastest, other) }
        base = fastest
        learn(transit &- fastest)
    }

    /// A packet was lost, and what restores it came with a later one: that is when it came.
    mutating func noteRestored(transit: Int64) {
        guard !transits.isEmpty else { return }
        learn(transit &- base)
    }

    /// Another time line begins: which packet is fast is to be found out anew. How uneven the line is, is not.
    mutating func restart() {
        transits.removeAll(keepingCapacity: true)
        position = 0
        previous = nil
    }

    private mutating func learn(_ delay: Int64) {
        noted += 1
        // At first the mean of all; from then on the newest count more.
        let kept = min(Self.memory, 1 - 1 / Float(noted))
        for index in histogram.indices { histogram[index] *= kept }
        histogram[Int(min(max(0, delay / Self.bucket), Int64(Self.buckets - 1)))] += 1 - kept
        var sum: Float = 0
        var reached = 0
        while reached < Self.buckets - 1 {
            sum += histogram[reached]
            if sum >= Self.quantile { break }
            reached += 1
        }
        samples = min(max(Self.least, Int64(reached + 1) * Self.bucket + Self.margin), Self.most)
    }
}
