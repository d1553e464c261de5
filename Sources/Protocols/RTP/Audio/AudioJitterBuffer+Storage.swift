internal import Basis

/// The packets that wait: a slot for each of the last 64 sequence numbers.
extension AudioJitterBuffer {
    static func index(_ sequence: Int64) -> Int {
        // Negative extended numbers exist: a packet reordered before the very first one.
        Int(((sequence % Int64(capacity)) + Int64(capacity)) % Int64(capacity))
    }

    func isHeld(_ sequence: Int64) -> Bool {
        slots[Self.index(sequence)].sequence == sequence
    }

    mutating func store(_ sequence: Int64, _ timestamp: Int64, _ payload: Span<UInt8>) {
        guard !isHeld(sequence) else {
            statistics.duplicates += 1
            return
        }
        let index = Self.index(sequence)
        slots[index].sequence = sequence
        slots[index].timestamp = timestamp
        slots[index].payload.removeAll(keepingCapacity: true)
        // The next one in this slot may be longer: it is not to take memory anew.
        slots[index].payload.reserveCapacity(Self.usualPayload)
        slots[index].payload.append(copying: payload)
        held += 1
    }

    mutating func release(_ sequence: Int64) {
        slots[Self.index(sequence)].sequence = nil
        held -= 1
    }

    /// Lets the oldest go until `sequence` fits into the window.
    mutating func makeRoom(for sequence: Int64) {
        let lowest = sequence - Int64(Self.capacity) + 1
        var first: Int64?
        for index in slots.indices {
            guard let occupant = slots[index].sequence else { continue }
            if occupant < lowest {
                release(occupant)
                statistics.skipped += 1
            } else {
                first = min(first ?? occupant, occupant)
            }
        }
        next = first ?? sequence
        stop()
    }
}
