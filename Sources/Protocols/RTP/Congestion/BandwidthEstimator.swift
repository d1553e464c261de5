import Basis

/// A packet of ours and what became of it.
struct PacketResult: Sendable {
    var packet: SentPacketLog.Entry
    /// µs of the peer's clock.
    var arrival: Int64
}

/// A short burst at a higher rate, to learn whether it passes.
struct BandwidthProbe: Equatable, Sendable {
    var number: Int
    var bitsPerSecond: Int
    /// What is sent for it in all.
    var bytes: Int
}

/// How much may be sent, in the manner of draft-ietf-rmcat-gcc-02: the lesser of what delays and what losses allow, and
/// probes where slow growth would take too long. Two things are added: a queue that stands is emptied though it does not
/// grow (`StandingQueue`), and where it cannot be, because others keep it full, we take what a TCP connection would
/// (`TransferShare`).
///
/// Assumes transport-wide feedback for every packet. A sender that has little to send (a still picture) keeps its estimate:
/// it neither grows beyond one and a half times what was received nor shrinks by itself.
struct BandwidthEstimator: Sendable {
    static let range = 80_000...4_000_000
    private static let probeSpan = 0.015
    /// Of a probe that asks for not much more.
    private static let longProbeSpan = 0.025
    private static let probeSpacing = Duration.milliseconds(400)
    private static let searchSpacing = Duration.milliseconds(1_500)
    /// A probe fills no more of a narrow line's queue than this, in seconds, save for the packets that it needs.
    private static let probeQueue = 0.08
    private static let minimumProbe = 2_500
    private static let longestBurst = Duration.milliseconds(600)
    /// Seconds: a queue of more is emptied; one of less counts as empty.
    private static let mostStanding = 0.05
    private static let leastStanding = 0.02
    /// Seconds in which a queue is to be emptied.
    private static let draining = 0.6
    /// Falls that did not shorten the queue, before it is thought to be others'.
    private static let mostFutile = 3
    private static let sharingPatience = Duration.seconds(3)
    /// The share of a probe's rate at which it arrives where nothing held it up.
    private static let whole = 0.93
    private static let heightMemory = Duration.seconds(30)
    private static let lossMemory = Duration.seconds(10)

    private enum Growth {
        case hold, increase
    }

    private(set) var bitsPerSecond: Int
    private var delayRate: Double
    private var loss: LossControl
    private var trend = DelayTrend()
    private var queue = StandingQueue()
    /// Of the queue at the last fall, in seconds, and how many falls in a row did not shorten it.
    private var queueAtFall = 0.0
    private var futile = 0
    /// What passed, or was allowed, before the last falls: to go back to when the queue is empty.
    private var beforeFall: Double?
    private var beforeFutile = 0.0
    /// While others keep the queue full.
    private var sharing: TransferShare?
    private var emptySince: MonotonicInstant?
    private var leastRoundTrip = 1.0
    private var growth = Growth.increase
    private var updatedAt: MonotonicInstant?
    private var decreasedAt: MonotonicInstant?
    /// Received per second, smoothed over the last half second of the peer's clock.
    private var arrivals: [(at: Int64, sent: MonotonicInstant, size: Int)] = []
    private var received: Double?
    /// Mean and variance of what passed when the queue last grew (section 5.5).
    private var capacity: (mean: Double, variance: Double)?
    // Probes
    private var probesAsked = 0
    private var pending: BandwidthProbe?
    private var waiting: (probe: BandwidthProbe, at: MonotonicInstant)?
    private var probeArrivals: [(packet: SentPacketLog.Entry, arrival: Int64)] = []
    private var nextProbe: MonotonicInstant?
    /// The estimate before the last fall, to climb back to, and since when that is tried.
    private var lostHeight: Double?
    private var lostHeightAt: MonotonicInstant?
    private var heightProbed = 0
    /// What was more than passes, as probes tell.
    private var tooMuch: Double?
    private var wantsFirstProbe = true
    /// Since when a queue is taken for that of a burst of our own.
    private var burstSince: MonotonicInstant?
    private let ceiling: Double

    /// - Parameter ceiling: more than this is never asked for, in bit/s.
    init(startingAt bitsPerSecond: Int = 800_000, ceiling: Int = BandwidthEstimator.range.upperBound) {
        self.bitsPerSecond = bitsPerSecond
        self.ceiling = Double(ceiling)
        delayRate = Double(bitsPerSecond)
        loss = LossControl(ceiling: Double(ceiling))
    }

    /// One feedback of the peer.
    /// - Parameters:
    ///   - results: the packets that came, in order of arrival.
    ///   - lost: how many did not, as far as the peer knows.
    ///   - late: how many of `results` were said to be lost before.
    mutating func update(
        _ results: [PacketResult], lost: Int, late: Int, roundTrip: Duration, at now: MonotonicInstant
    ) {
        for result in results {
            trend.add(sent: result.packet.sentAt, arrival: result.arrival)
            queue.add(sent: result.packet.sentAt, arrival: result.arrival)
            arrivals.append((result.arrival, result.packet.sentAt, result.packet.size))
            if result.packet.probe == waiting?.probe.number { probeArrivals.append((result.packet, result.arrival)) }
        }
        measureReceived()
        leastRoundTrip = min(leastRoundTrip, Double(roundTrip.wholeNanoseconds) / 1e9)
        let response = response
        let came = results.count - late
        sharing?.note(came: came, lost: lost, response: response, at: now)
        controlDelay(roundTrip: roundTrip, at: now)
        loss.update(
            came: came, lost: lost, late: late, delayRate: delayRate,
            isQueueEmpty: queue.delay < Self.leastStanding && trend.usage == .normal, at: now)
        judgeProbe(at: now)
        settle()
        planProbe(at: now)
    }

    private mutating func settle() {
        delayRate = min(max(delayRate, Double(Self.range.lowerBound)), ceiling)
        loss.clamp(from: Double(Self.range.lowerBound))
        bitsPerSecond = Int(min(delayRate, loss.rate))
    }

    private mutating func measureReceived() {
        guard let last = arrivals.last?.at else { return }
        let begin = last - 500_000
        arrivals.removeAll { $0.at < begin }
        guard let first = arrivals.first?.at, last - first >= 100_000 else { return }
        let bytes = arrivals.dropFirst().reduce(0) { $0 + $1.size }
        received = Double(bytes) * 8_000_000 / Double(last - first)
    }

    /// The same over the last quarter of a second, where that is less: just after a fall of what passes.
    private var recentlyReceived: Double? {
        guard let received, let last = arrivals.last?.at else { return nil }
        let recent = arrivals.drop { $0.at < last - 250_000 }
        guard let first = recent.first?.at, last - first >= 100_000 else { return received }
        let bytes = recent.dropFirst().reduce(0) { $0 + $1.size }
        return min(received, Double(bytes) * 8_000_000 / Double(last - first))
    }

    // MARK: Delay

    /// Section 5.5: the rate falls to a share of what passed, holds while the queue empties, then grows, slowly near the
    /// place where it fell and fast elsewhere.
    private mutating func controlDelay(roundTrip: Duration, at now: MonotonicInstant) {
        let elapsed = updatedAt.map { min(Double((now - $0).wholeNanoseconds) / 1e9, 1) } ?? 0
        updatedAt = now
        if sharing != nil { return share(elapsed: elapsed, at: now) }
        if trend.usage == .overused || queue.delay > Self.mostStanding {
            if isOwnBurst(at: now) { return }
            // One fall for one queue: the next feedbacks still tell of it.
            if let decreasedAt, now - decreasedAt < effect { return }
            fall(at: now)
            return
        }
        burstSince = nil
        if let before = beforeFall, queue.delay < Self.leastStanding, trend.usage != .overused {
            beforeFall = nil
            futile = 0
            delayRate = max(delayRate, 0.93 * before)
        }
        switch trend.usage {
        case .overused, .underused: growth = .hold
        case .normal:
            if growth == .hold {
                growth = .increase
                return
            }
            // What stands is emptied first.
            if beforeFall == nil { increase(elapsed: elapsed, roundTrip: roundTrip) }
        }
    }

    /// Whether the queue is that of a burst of our own, a probe or a key frame, while far less was sent than is allowed: it
    /// empties by itself, and what passed was what little there was to send. One that stays is no burst.
    private mutating func isOwnBurst(at now: MonotonicInstant) -> Bool {
        guard let received, received < 0.7 * delayRate, let first = arrivals.first, let last = arrivals.last else {
            burstSince = nil
            return false
        }
        var (begun, ended) = (first.sent, first.sent)
        for arrival in arrivals { (begun, ended) = (min(begun, arrival.sent), max(ended, arrival.sent)) }
        let since = burstSince ?? now
        burstSince = since
        return Double((ended - begun).wholeNanoseconds) / 1_000 >= 0.85 * Double(last.at - first.at)
            && now - since < Self.longestBurst
    }

    private mutating func fall(at now: MonotonicInstant) {
        let standing = queue.delay
        if futile == 0 { beforeFutile = delayRate }
        let isSeries = decreasedAt.map { now - $0 < effect * 2 } ?? false
        futile = isSeries && standing > Self.mostStanding && standing > 0.75 * queueAtFall ? futile + 1 : 0
        queueAtFall = standing
        if futile >= Self.mostFutile { return beginSharing(at: now) }
        let passed = recentlyReceived ?? delayRate
        noteCapacity(passed)
        if delayRate > 1.2 * passed { noteHeight(delayRate, at: now) }
        beforeFall = min(passed, delayRate)
        let factor = min(0.85, max(0.5, 1 - standing / Self.draining))
        delayRate = min(delayRate, max(factor * passed, Double(Self.range.lowerBound)))
        decreasedAt = now
        growth = .hold
    }

    /// The fastest packet is looked for anew, after what we may have filled the queue with ourselves has had time to leave.
    private mutating func takeForLonger(at now: MonotonicInstant) {
        queue.restart()
        leastRoundTrip = 1
        noteHeight(delayRate, at: now)
        delayRate = max(0.5 * min(delayRate, recentlyReceived ?? delayRate), Double(Self.range.lowerBound))
        futile = 0
        beforeFall = nil
        decreasedAt = now
        growth = .hold
    }

    // MARK: Beside others that fill the queue

    /// What a fall brings is seen after this.
    private var effect: Duration {
        .nanoseconds(Int64(min(leastRoundTrip + max(queue.delay, queueAtFall) + 0.15, 4) * 1e9))
    }

    /// The round trip with the queue, in seconds.
    private var response: Double { leastRoundTrip + queue.delay }

    private mutating func beginSharing(at now: MonotonicInstant) {
        sharing = TransferShare(rate: beforeFutile, response: response, at: now)
        queue.isForgetting = false
        emptySince = nil
        beforeFall = nil
        futile = 0
    }

    private mutating func share(elapsed: Double, at now: MonotonicInstant) {
        guard let sharing else { return }
        if queue.delay < Self.leastStanding {
            if emptySince == nil { emptySince = now }
        } else {
            emptySince = nil
        }
        // Others are gone.
        let isAlone = emptySince.map { now - $0 > Self.sharingPatience } ?? false
        let isWhole = sharing.lostAt.map { now - $0 > Self.lossMemory } ?? false
        if isAlone || isWhole {
            self.sharing = nil
            queue.isForgetting = true
            if isWhole { takeForLonger(at: now) }
            return
        }
        let wanted = sharing.rate(response: response)
        let bound = max(delayRate, 1.5 * (received ?? delayRate) + 10_000)
        delayRate = min(delayRate + (wanted - delayRate) * min(1, elapsed * 2), bound)
    }

    private mutating func increase(elapsed: Double, roundTrip: Duration) {
        if let capacity, let received, received > capacity.mean + 3 * capacity.variance.squareRoot() {
            // More passes than ever fell: what was learnt of the place is old.
            self.capacity = nil
        }
        let next: Double
        if let capacity, delayRate > 0.85 * capacity.mean - 3 * capacity.variance.squareRoot() {
            // About a packet per response time.
            let response = Double(roundTrip.wholeNanoseconds) / 1e9 + 0.1
            next = delayRate + max(4_000, 9_600 / response) * elapsed
        } else {
            var factor = 1.0
            // 1.08 to the power of the seconds, at feedback's pace.
            factor += 0.08 * elapsed
            next = delayRate * factor
        }
        guard let received else { return }
        let bound = 1.5 * received + 10_000
        if next > bound { delayRate = max(delayRate, min(next, bound)) } else { delayRate = next }
    }

    private mutating func noteCapacity(_ passed: Double) {
        guard let old = capacity else {
            capacity = (passed, 0.01 * passed * passed)
            return
        }
        let mean = 0.95 * old.mean + 0.05 * passed
        let variance = 0.95 * old.variance + 0.05 * (passed - mean) * (passed - mean)
        // A place far from the old one is another place.
        capacity =
            abs(passed - old.mean) > 3 * old.variance.squareRoot()
            ? (passed, 0.01 * passed * passed) : (mean, max(variance, 0.0004 * mean * mean))
    }

    // MARK: Probes

    /// The probe to send now, once.
    mutating func takeProbe(at now: MonotonicInstant) -> BandwidthProbe? {
        guard let probe = pending else { return nil }
        pending = nil
        waiting = (probe, now)
        probeArrivals.removeAll(keepingCapacity: true)
        return probe
    }

    private mutating func ask(_ bitsPerSecond: Double, at now: MonotonicInstant) {
        probesAsked += 1
        let rate = min(bitsPerSecond, ceiling)
        let span = rate < 2 * delayRate ? Self.longProbeSpan : Self.probeSpan
        let bytes = min(rate * span, max(rate * 0.003, delayRate * Self.probeQueue)) / 8
        pending = BandwidthProbe(
            number: probesAsked, bitsPerSecond: Int(rate), bytes: max(Self.minimumProbe, Int(bytes)))
        nextProbe = now + Self.probeSpacing
    }

    private mutating func noteHeight(_ rate: Double, at now: MonotonicInstant) {
        if rate > lostHeight ?? 0 { lostHeight = rate }
        lostHeightAt = now
    }

    private mutating func planProbe(at now: MonotonicInstant) {
        guard pending == nil, waiting == nil, sharing == nil, trend.usage == .normal,
            queue.delay < Self.leastStanding, nextProbe.map({ now >= $0 }) ?? true
        else {
            return
        }
        let estimate = Double(bitsPerSecond)
        guard estimate < 0.95 * ceiling else { return }
        if wantsFirstProbe {
            wantsFirstProbe = false
            tooMuch = nil
            ask(3 * estimate, at: now)
        } else if let height = lostHeight, decreasedAt.map({ now - $0 > .milliseconds(500) }) ?? false {
            let isOver = lostHeightAt.map { now - $0 > Self.heightMemory } ?? true
            tooMuch = nil
            if isOver || height < 1.2 * estimate { lostHeight = nil }
            ask(max(0.85 * height, 2 * estimate), at: now)
            heightProbed = probesAsked
            nextProbe = now + Self.searchSpacing
        } else if let received, received > 0.8 * estimate, decreasedAt.map({ now - $0 > .seconds(4) }) ?? true {
            // As much as allowed is being sent: perhaps more passes.
            tooMuch = nil
            ask(1.6 * estimate, at: now)
            nextProbe = now + Self.searchSpacing
        }
    }

    private mutating func judgeProbe(at now: MonotonicInstant) {
        guard let (probe, sentAt) = waiting else { return }
        let bytes = probeArrivals.reduce(0) { $0 + $1.packet.size }
        guard bytes >= probe.bytes * 4 / 5 else {
            // Lost, or not all sent: it says nothing.
            if now - sentAt > .seconds(1) { waiting = nil }
            return
        }
        waiting = nil
        guard probeArrivals.count >= 4, let first = probeArrivals.first, let last = probeArrivals.last else { return }
        let body = Double(bytes - first.packet.size) * 8
        // Where packets overtake each other the first to come is not the first that was sent.
        var (begun, ended) = (first.packet.sentAt, first.packet.sentAt)
        for (packet, _) in probeArrivals { (begun, ended) = (min(begun, packet.sentAt), max(ended, packet.sentAt)) }
        let sendSpan = Double((ended - begun).wholeNanoseconds) / 1e9
        let arrivalSpan = Double(last.arrival - first.arrival) / 1e6
        guard sendSpan > 0.001, arrivalSpan > 0.001 else { return }
        let (sent, came) = (body / sendSpan, body / arrivalSpan)
        guard came >= Self.whole * sent else { return judgeHeldUp(probe, came: came, sent: sent, at: now) }
        let passed = min(sent, came)
        guard passed > delayRate else { return }
        delayRate = min(passed, ceiling)
        loss.raise(to: delayRate)
        capacity = nil
        // What passed whole may not be all.
        let next = min(2 * passed, 0.97 * (tooMuch ?? .infinity))
        if passed > 0.7 * Double(probe.bitsPerSecond), passed < 0.95 * ceiling, next > 1.1 * passed {
            ask(next, at: now)
        }
    }

    /// What came tells how fast the line is, not how much of it is left beside others: what we had before is taken again,
    /// of anything new a part.
    private mutating func judgeHeldUp(_ probe: BandwidthProbe, came: Double, sent: Double, at now: MonotonicInstant) {
        let height = heightProbed == probe.number ? lostHeight ?? 0 : 0
        let part = delayRate + (came - delayRate) * (tooMuch == nil ? 0.6 : 0.3)
        tooMuch = came
        let next = min(0.95 * came, max(part, height))
        guard next > delayRate, came > 0.6 * sent || height > delayRate else { return }
        delayRate = min(next, ceiling)
        loss.raise(to: delayRate)
        capacity = nil
        if came > 0.85 * sent, 0.97 * came > 1.15 * delayRate { ask(0.97 * came, at: now) }
    }
}
