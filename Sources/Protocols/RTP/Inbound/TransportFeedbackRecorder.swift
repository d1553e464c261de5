import Basis

/// Notes when packets with a transport-wide sequence number came, and composes the feedback about them.
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

    private var unwrapper = SequenceUnwrapper()
    /// Ascending by sequence.
    private var arrivals: [Arrival] = []
    /// The first sequence number the next feedback speaks of.
    private var base: Int64?
    private var feedbackCount: UInt8 = 0
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
        arrivals.insert(Arrival(sequence: sequence, ticks: now.nanoseconds / 250_000), at: index)
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
