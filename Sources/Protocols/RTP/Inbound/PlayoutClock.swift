import Basis

/// When the pictures of one source are to be shown.
///
/// On a line that loses nothing that is at once. Where packets come only after they were asked for again, pictures are held
/// back for as long as that takes nearly always, so that they follow each other evenly instead of standing and hurrying.
/// Nobody waits longer than `most` for it, and the delay goes again, a little with each picture, when the losses do.
struct PlayoutClock: Sendable {
    /// What losses may cost.
    static let most = Duration.milliseconds(160)
    /// A picture that stands for so much longer than the next one should take is no freeze yet: rarer delays are covered
    /// but for this.
    private static let tolerable = Duration.milliseconds(70)
    /// A change of the delay by more with one picture would be seen.
    private static let slower = Duration.milliseconds(8)
    private static let faster = Duration.milliseconds(3)
    /// The fastest picture is looked for among those of the last one or two.
    private static let window = Duration.seconds(3)
    /// A timestamp further off belongs to another time line.
    private static let jump: Int64 = 2_000_000_000

    private static let bucket = Duration.milliseconds(5)
    private static let buckets = 80
    /// Some ten seconds at 30 pictures a second.
    private static let memory: Float = 1 - 1 / 300
    private static let often: Float = 0.95
    private static let nearlyAlways: Float = 0.995

    private var timestamp: UInt32?
    /// The timestamp in ns, without wraps.
    private var media: Int64 = 0
    private var fastest = Int64.max
    private var fastestBefore = Int64.max
    private var windowEnd = MonotonicInstant.zero
    /// How much later than the fastest pictures came that had to be mended; those that had not are in the first bucket.
    private var histogram: [Float] = []
    private(set) var delay = Duration.zero
    /// Held back for so long at least: until the sound comes that belongs to the pictures.
    var least = Duration.zero

    /// When to show the picture of `timestamp` (90 kHz), which can be decoded now.
    /// - Parameter isMended: it had to wait for a packet that was asked for again.
    mutating func due(timestamp: UInt32, isMended: Bool, at now: MonotonicInstant) -> MonotonicInstant {
        let step = self.timestamp.map { Int64(Int32(bitPattern: timestamp &- $0)) * 100_000 / 9 }
        self.timestamp = timestamp
        if let step, step.magnitude < Self.jump.magnitude { media &+= step } else { beginTimeLine() }
        var transit = now.nanoseconds &- media
        if transit &- base > Self.jump, base != .max {
            beginTimeLine()
            transit = now.nanoseconds &- media
        }
        if now >= windowEnd {
            fastestBefore = fastest
            fastest = transit
            windowEnd = now + Self.window
        }
        fastest = min(fastest, transit)
        learn(isMended ? .nanoseconds(transit &- base) : .zero)
        let wanted = max(target, least)
        delay = min(max(wanted, delay - Self.faster), delay + Self.slower)
        return max(now, MonotonicInstant(nanoseconds: media &+ base) + delay)
    }

    private var base: Int64 { min(fastest, fastestBefore) }

    private mutating func beginTimeLine() {
        media = 0
        fastest = .max
        fastestBefore = .max
    }

    private mutating func learn(_ lateness: Duration) {
        if histogram.isEmpty {
            // A line of which nothing is known is a good one.
            histogram = [Float](repeating: 0, count: Self.buckets)
            histogram[0] = 1
        }
        for index in histogram.indices { histogram[index] *= Self.memory }
        let index =
            lateness <= .zero ? 0 : 1 + Int(lateness.wholeNanoseconds / Self.bucket.wholeNanoseconds)
        histogram[min(index, Self.buckets - 1)] += 1 - Self.memory
    }

    /// What covers often what happened lately, and nearly always but for what is no freeze.
    private var target: Duration {
        var sum: Float = 0
        var usual: Int?
        for index in histogram.indices {
            sum += histogram[index]
            if usual == nil, sum >= Self.often { usual = index }
            guard sum >= Self.nearlyAlways else { continue }
            let rare = Self.bucket * index - Self.tolerable
            return min(max(Self.bucket * (usual ?? index), rare), Self.most)
        }
        return Self.most
    }
}
