import Basis

/// How the network uses its queues, seen from arrival times.
enum NetworkUsage: Equatable, Sendable {
    case normal
    /// A queue grows: more is sent than passes.
    case overused
    /// A queue empties.
    case underused
}

/// The delay-based half of congestion control: packets that leave together are a group, and the trend of the delays from
/// group to group tells whether a queue grows (draft-ietf-rmcat-gcc-02 sections 4 and 5, with the regression line and the
/// adaptive threshold of Carlucci et al., 2016, in place of the Kalman filter).
struct DelayTrend: Sendable {
    private struct Group {
        var firstSent: MonotonicInstant
        var lastSent: MonotonicInstant
        var firstArrival: Int64
        var lastArrival: Int64
    }

    private struct Sample {
        /// Milliseconds since the first group.
        var time: Double
        /// The smoothed sum of all delay variations, in ms.
        var delay: Double
    }

    /// Section 3: packets sent within 5 ms are one burst.
    private static let burst = Duration.milliseconds(5)
    private static let window = 20
    private static let smoothing = 0.9
    private static let gain = 4.0
    private static let thresholdRange = 6.0...600.0
    /// Milliseconds that an excess must last.
    private static let patience = 10.0

    private(set) var usage = NetworkUsage.normal
    private var current: Group?
    private var previous: Group?
    private var origin: Int64?
    private var deltas = 0
    private var sum = 0.0
    private var smoothed = 0.0
    private var samples: [Sample] = []
    private var threshold = 12.5
    private var thresholdUpdated: Int64?
    private var excess = 0.0
    private var lastTrend = 0.0

    /// A packet that left at `sent` came at `arrival`, in µs of the peer's clock. In order of arrival: one that
    /// was overtaken by packets sent after it tells of the disorder on the way, not of a queue, and is passed over.
    mutating func add(sent: MonotonicInstant, arrival: Int64) {
        guard var group = current else {
            current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
            return
        }
        guard sent >= group.firstSent else { return }
        if belongs(sent, arrival, to: group) {
            group.lastSent = max(group.lastSent, sent)
            group.lastArrival = max(group.lastArrival, arrival)
            current = group
            return
        }
        if let previous {
            let sendDelta = Double((group.lastSent - previous.lastSent).wholeNanoseconds) / 1_000_000
            let arrivalDelta = Double(group.lastArrival - previous.lastArrival) / 1_000
            // The peer's clock jumped, or packets were reordered: nothing to learn.
            if arrivalDelta >= 0, arrivalDelta < 3_000 {
                update(variation: arrivalDelta - sendDelta, sendDelta: sendDelta, arrival: group.lastArrival)
            } else {
                restart()
            }
        }
        previous = group
        current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
    }

    private func belongs(_ sent: MonotonicInstant, _ arrival: Int64, to group: Group) -> Bool {
        if sent - group.firstSent <= Self.burst { return true }
        // A queue that let go of all at once: they arrive closer together than they left.
        let arrivalDelta = arrival - group.lastArrival
        let sendDelta = (sent - group.lastSent).wholeNanoseconds / 1_000
        return arrivalDelta - sendDelta < 0 && arrivalDelta <= 5_000 && arrival - group.firstArrival < 100_000
    }

    private mutating func restart() {
        samples.removeAll(keepingCapacity: true)
        deltas = 0
        sum = 0
        smoothed = 0
        usage = .normal
    }

    private mutating func update(variation: Double, sendDelta: Double, arrival: Int64) {
        deltas = min(deltas + 1, 1_000)
        sum += variation
        smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * sum
        let begin = origin ?? arrival
        origin = begin
        samples.append(Sample(time: Double(arrival - begin) / 1_000, delay: smoothed))
        if samples.count > Self.window { samples.removeFirst() }
        guard samples.count == Self.window, let slope else { return }
        detect(trend: Double(min(deltas, 60)) * slope * Self.gain, slope: slope, sendDelta: sendDelta, arrival: arrival)
    }

    /// The slope of the regression line through the samples; nil when they all came at once.
    private var slope: Double? {
        let count = Double(samples.count)
        let meanTime = samples.reduce(0) { $0 + $1.time } / count
        let meanDelay = samples.reduce(0) { $0 + $1.delay } / count
        var covariance = 0.0
        var variance = 0.0
        for sample in samples {
            covariance += (sample.time - meanTime) * (sample.delay - meanDelay)
            variance += (sample.time - meanTime) * (sample.time - meanTime)
        }
        return variance > 0 ? covariance / variance : nil
    }

    private mutating func detect(trend: Double, slope: Double, sendDelta: Double, arrival: Int64) {
        if trend > threshold {
            excess += excess == 0 ? sendDelta / 2 : sendDelta
            if excess > Self.patience, trend >= lastTrend {
                excess = 0
                usage = .overused
            }
        } else {
            excess = 0
            usage = trend < -threshold ? .underused : .normal
        }
        lastTrend = trend
        adapt(to: trend, arrival: arrival)
    }

    /// Carlucci et al.: the threshold follows the trend, slowly up and faster down, so that a TCP flow in the same queue
    /// does not starve us. Single large spikes are passed over.
    private mutating func adapt(to trend: Double, arrival: Int64) {
        let elapsed = min(Double(arrival - (thresholdUpdated ?? arrival)) / 1_000, 100)
        thresholdUpdated = arrival
        let size = abs(trend)
        guard size <= threshold + 15 else { return }
        let rate = size < threshold ? 0.039 : 0.0087
        threshold += rate * (size - threshold) * elapsed
        threshold = min(max(threshold, Self.thresholdRange.lowerBound), Self.thresholdRange.upperBound)
    }
}
