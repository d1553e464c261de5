import Basis

/// When each packet with a transport-wide sequence number left, until the peer tells when it came.
struct SentPacketLog: Sendable {
    struct Entry: Sendable {
        var sequenceNumber: UInt16 = 0
        var sentAt = MonotonicInstant.zero
        /// Bytes of the packet before encryption.
        var size = 0
        /// The probe that the packet belongs to; 0 for none.
        var probe = 0
        fileprivate var state = State.unknown
    }

    fileprivate enum State {
        /// Nothing is held here, or its arrival was told.
        case unknown
        case awaited
        /// A peer told that it had not come by then; it may be late.
        case lost
    }

    /// What a feedback's word on a packet means.
    enum News: Sendable {
        /// It came, or did not come, and nobody had told of it before.
        case first(Entry)
        /// It was said to be lost and came after all.
        case late(Entry)
    }

    /// At 1200 bytes a packet and 5 Mbit/s four seconds.
    static let capacity = 2_048

    private var entries: [Entry] = []

    mutating func record(_ sequenceNumber: UInt16, size: Int, probe: Int, at now: MonotonicInstant) {
        if entries.isEmpty { entries = [Entry](repeating: Entry(), count: Self.capacity) }
        entries[Int(sequenceNumber) % Self.capacity] = Entry(
            sequenceNumber: sequenceNumber, sentAt: now, size: size, probe: probe, state: .awaited)
    }

    /// The peer says that the packet came; nil for one that is not known, or known to have come.
    mutating func noteArrival(_ sequenceNumber: UInt16) -> News? {
        guard let index = index(of: sequenceNumber) else { return nil }
        let state = entries[index].state
        entries[index].state = .unknown
        switch state {
        case .unknown: return nil
        case .awaited: return .first(entries[index])
        case .lost: return .late(entries[index])
        }
    }

    /// The peer says that the packet has not come; true the first time. It is kept: where packets overtake each other a
    /// later feedback tells of its arrival.
    mutating func noteLoss(_ sequenceNumber: UInt16) -> Bool {
        guard let index = index(of: sequenceNumber), entries[index].state == .awaited else { return false }
        entries[index].state = .lost
        return true
    }

    private func index(of sequenceNumber: UInt16) -> Int? {
        guard !entries.isEmpty else { return nil }
        let index = Int(sequenceNumber) % Self.capacity
        return entries[index].sequenceNumber == sequenceNumber ? index : nil
    }
}
