import Basis

/// Notes when packets with a transport-wide sequence number came, and composes the feedback about them.
///
/// A sender takes a hole for a loss and lowers its rate. Where packets overtake each other, a hole is not told of before those
/// that are merely late have had their time, as much as was seen lately: a line that loses nothing is not told to lose.
struct TransportFeedbackRecorder: Sendable {
    private struct Arrival {
        var sequence: Int64
        /// In ticks of 250 µs of the monotonic clock.
        var ticks: Int64
    }

    static let interval = Duration.milliseconds(75)
    /// A packet full of isolated arrivals (6 bytes each) stays below 1200 bytes with so many.
    static let maximumArrivals = 180
    private static let maximumPending = 4096
    /// Reported arrivals are kept so long, for feedback that reaches back to a late packet.
    private static let historyTicks: Int64 = 2000
    /// Of 250 µs: how late a packet may be at most to be waited for.
    private static let maximumLateness = 240.0
    /// Each packet in order weakens what was learnt of lateness by so much.
    private static let latenessMemory = 0.999
    /// A packet that waits for a hole to be filled is told of no sooner than this after the feedback before.
    private static let spacing = Duration.milliseconds(25)

    private var unwrapper = SequenceUnwrapper()
    /// Ascending by sequence.
    private var arrivals: [Arrival] = []
    /// The first sequence number the next feedback speaks of.
    private var base: Int64?
    private var feedbackCount: UInt8 = 0
    /// How much later than the packet after it a packet came lately, in ticks.
    private var lateness = 0.0
    private(set) var deadline: MonotonicInstant?

    mutating func receive(_ sequenceNumber: UInt16, at now: MonotonicInstant) {
        let sequence = unwrapper.unwrap(sequenceNumber)
        var index = arrivals.count
        while index > 0, arrivals[index - 1].sequence > sequence { index -= 1 }
        if index > 0, arrivals[index - 1].sequence == sequence { return }
        if arrivals.count >= Self.maximumPending {
            arrivals.removeFirst(Self.maximumPending / 2)
            index = max(0, index - Self.maximumPending / 2)
        }
        let ticks = now.nanoseconds / 250_000
        if index < arrivals.count {
            lateness = max(lateness, min(Double(ticks - arrivals[index].ticks + 1), Self.maximumLateness))
        } else {
            lateness *= Self.latenessMemory
        }
        arrivals.insert(Arrival(sequence: sequence, ticks: ticks), at: index)
        base = base.map { min($0, sequence) } ?? sequence
        if deadline == nil { deadline = now + Self.interval }
        let unreported = arrivals.count - firstIndex(from: base ?? sequence)
        if unreported >= Self.maximumArrivals { deadline = now }
    }

    /// Puts the next feedback packet, if one is due, in place of `feedback`; to be called until false.
    mutating func poll(
        into feedback: inout TransportFeedback, senderSSRC: UInt32, mediaSSRC: UInt32, at now: MonotonicInstant
    ) -> Bool {
        guard let deadline, deadline <= now, let base else { return false }
        var index = firstIndex(from: base)
        guard index < arrivals.count else {
            self.deadline = nil
            let horizon = now.nanoseconds / 250_000 - Self.historyTicks
            let kept = arrivals.firstIndex { $0.ticks >= horizon } ?? arrivals.count
            arrivals.removeFirst(kept)
            return false
        }
        let ripe = now.nanoseconds / 250_000 - Int64(lateness)
        if arrivals[index].sequence > base, arrivals[index].ticks > ripe {
            // The hole before it may be filled yet.
            let wait = Int64(lateness) * 250_000
            self.deadline = max(
                MonotonicInstant(nanoseconds: arrivals[index].ticks * 250_000 + wait + 250_000), now + Self.spacing)
            return false
        }
        // After a jump that no feedback could span, the numbers before it are passed over.
        let start = arrivals[index].sequence - base > 0x3FFF ? arrivals[index].sequence : base
        // Rounds down, so that the first delta is never negative.
        let reference = arrivals[index].ticks >> TransportFeedback.referenceShift
        feedback.senderSSRC = senderSSRC
        feedback.mediaSSRC = mediaSSRC
        feedback.baseSequence = UInt16(truncatingIfNeeded: start)
        feedback.referenceTime = (Int32(truncatingIfNeeded: reference) << 8) >> 8
        feedback.feedbackCount = feedbackCount
        feedback.arrivals.removeAll(keepingCapacity: true)
        var previous = reference << TransportFeedback.referenceShift
        var end = start
        while index < arrivals.count, feedback.arrivals.count < Self.maximumArrivals,
            arrivals[index].sequence - start < 0x7FFF,
            arrivals[index].sequence <= end || arrivals[index].ticks <= ripe,
            let delta = Int16(exactly: arrivals[index].ticks - previous)
        {
            let offset = UInt16(truncatingIfNeeded: arrivals[index].sequence - start)
            feedback.arrivals.append(.init(offset: offset, delta: delta))
            previous = arrivals[index].ticks
            end = arrivals[index].sequence + 1
            index += 1
        }
        feedback.statusCount = UInt16(truncatingIfNeeded: end - start)
        feedbackCount &+= 1
        self.base = end
        return true
    }

    private func firstIndex(from sequence: Int64) -> Int {
        var low = 0
        var high = arrivals.count
        while low < high {
            let middle = (low + high) / 2
            if arrivals[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
