import Basis

/// The loss-based half of congestion control: draft-ietf-rmcat-gcc-02 section 6, with one thing added. What gets lost whatever
/// is sent (a bad cable, a crowded radio channel) is no reason to send less: only what exceeds it is. A line whose losses
/// rose when more was sent is not trusted so for a while.
struct LossControl: Sendable {
    private static let window = Duration.milliseconds(400)
    /// With fewer packets a share says nothing.
    private static let minimumPackets = 20
    private static let high = 0.1
    private static let low = 0.02
    /// Beyond what is lost anyway.
    private static let excess = 0.05
    /// No more is thought to be lost anyway.
    private static let maximumFloor = 0.12
    private static let bucket = Duration.seconds(4)
    private static let distrust = Duration.seconds(20)
    private static let smoothing = 0.3

    /// In bit/s.
    private(set) var rate: Double
    private let ceiling: Double
    private var expected = 0
    private var lost = 0
    private var since: MonotonicInstant?
    private var smoothed = 0.0
    /// The least smoothed loss of the present bucket of time and of the one before.
    private var least = 0.0
    private var leastBefore = 0.0
    private var bucketEnd: MonotonicInstant?
    /// Whether the rate has grown in spite of losses since the last fall.
    private var isGrownOnTrust = false
    private var distrustedUntil: MonotonicInstant?

    init(ceiling: Double) {
        rate = ceiling
        self.ceiling = ceiling
    }

    /// What a feedback tells.
    /// - Parameters:
    ///   - came: packets that came, those that were said to be lost before left out.
    ///   - late: packets that were said to be lost before and came after all.
    ///   - delayRate: what delays allow, in bit/s.
    ///   - isQueueEmpty: whether no queue stands on the way.
    mutating func update(
        came: Int, lost: Int, late: Int, delayRate: Double, isQueueEmpty: Bool, at now: MonotonicInstant
    ) {
        expected += came + lost
        self.lost += lost - late
        let begin = since ?? now
        since = begin
        guard now - begin >= Self.window, expected >= Self.minimumPackets else { return }
        let fraction = Double(max(0, self.lost)) / Double(expected)
        let deviation = (fraction * (1 - fraction) / Double(expected)).squareRoot()
        expected = 0
        self.lost = 0
        since = now
        smoothed += (fraction - smoothed) * Self.smoothing
        follow(at: now)
        let isDistrusted = distrustedUntil.map { now < $0 } ?? false
        let floor = isDistrusted ? 0 : min(least, leastBefore, Self.maximumFloor)
        if fraction - deviation > max(Self.high, floor + Self.excess) {
            if isGrownOnTrust { distrustedUntil = now + Self.distrust }
            isGrownOnTrust = false
            rate = min(rate, delayRate) * (1 - 0.5 * fraction)
        } else if fraction < Self.low {
            rate = min(rate * 1.08, ceiling)
        } else if isQueueEmpty, floor > 0, smoothed <= floor + Self.low {
            isGrownOnTrust = true
            rate = min(rate * 1.05, ceiling)
        }
    }

    private mutating func follow(at now: MonotonicInstant) {
        guard let end = bucketEnd else {
            bucketEnd = now + Self.bucket
            return
        }
        if now >= end {
            bucketEnd = now + Self.bucket
            leastBefore = least
            least = smoothed
        } else {
            least = min(least, smoothed)
        }
    }

    /// A probe passed at `rate`: so much may be sent in spite of what was lost before.
    mutating func raise(to rate: Double) {
        self.rate = min(max(self.rate, rate), ceiling)
    }

    /// Keeps the rate within what is ever sent.
    mutating func clamp(from lowest: Double) {
        rate = max(rate, lowest)
    }
}
