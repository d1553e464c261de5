import Basis

/// Which packets of a stream are missing and when to ask for each (again).
struct NACKGenerator: Sendable {
    private struct Missing {
        var sequence: Int64
        var noticed: MonotonicInstant
        var due: MonotonicInstant
        var tries: Int
    }

    /// How long a packet may merely be late.
    static let reorderTolerance = Duration.milliseconds(10)
    static let maximumTries = 10
    /// A hole of more is not mended but answered by a key frame.
    static let maximumMissing = 512
    /// Of sequence numbers in one request: each may cost four bytes of the datagram.
    static let maximumPerRequest = 250

    /// Ascending.
    private var missing: [Missing] = []
    private var highest: Int64?

    /// Notes an arrival, original or retransmitted. False when the hole before it is too large to mend.
    mutating func receive(_ sequence: Int64, at now: MonotonicInstant) -> Bool {
        guard let highest else {
            self.highest = sequence
            return true
        }
        guard sequence > highest else {
            if let index = index(of: sequence) { missing.remove(at: index) }
            return true
        }
        self.highest = sequence
        guard sequence - highest - 1 <= Int64(Self.maximumMissing - missing.count) else {
            missing.removeAll(keepingCapacity: true)
            return false
        }
        for lost in highest + 1..<sequence {
            missing.append(Missing(sequence: lost, noticed: now, due: now + Self.reorderTolerance, tries: 0))
        }
        return true
    }

    /// When the loss of `sequence` was noticed.
    func noticed(_ sequence: Int64) -> MonotonicInstant? {
        index(of: sequence).map { missing[$0].noticed }
    }

    mutating func forget(below floor: Int64) {
        guard let first = missing.first, first.sequence < floor else { return }
        missing.removeAll { $0.sequence < floor }
    }

    mutating func reset() {
        missing.removeAll(keepingCapacity: true)
        highest = nil
    }

    /// Appends the sequence numbers to be asked for now, in ascending order; what exceeds one request stays due.
    mutating func collect(into request: inout [UInt16], roundTrip: Duration, at now: MonotonicInstant) {
        let pause = max(.milliseconds(20), roundTrip + .milliseconds(5))
        for index in missing.indices where missing[index].tries < Self.maximumTries && missing[index].due <= now {
            guard request.count < Self.maximumPerRequest else { return }
            request.append(UInt16(truncatingIfNeeded: missing[index].sequence))
            missing[index].tries += 1
            missing[index].due = now + pause
        }
    }

    var deadline: MonotonicInstant? {
        var earliest: MonotonicInstant?
        for entry in missing where entry.tries < Self.maximumTries {
            earliest = earliest.map { min($0, entry.due) } ?? entry.due
        }
        return earliest
    }

    private func index(of sequence: Int64) -> Int? {
        var low = 0
        var high = missing.count
        while low < high {
            let middle = (low + high) / 2
            if missing[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < missing.count && missing[low].sequence == sequence ? low : nil
    }
}
