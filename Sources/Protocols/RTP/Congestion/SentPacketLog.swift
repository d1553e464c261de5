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
        fileprivate var isAwaited = false
    }

    /// At 1200 bytes a packet and 5 Mbit/s four seconds.
    static let capacity = 2_048

    private var entries: [Entry] = []

    mutating func record(_ sequenceNumber: UInt16, size: Int, probe: Int, at now: MonotonicInstant) {
        if entries.isEmpty { entries = [Entry](repeating: Entry(), count: Self.capacity) }
        entries[Int(sequenceNumber) % Self.capacity] = Entry(
            sequenceNumber: sequenceNumber, sentAt: now, size: size, probe: probe, isAwaited: true)
    }

    /// The packet, once: feedback may speak of it again.
    mutating func take(_ sequenceNumber: UInt16) -> Entry? {
        guard !entries.isEmpty else { return nil }
        let index = Int(sequenceNumber) % Self.capacity
        guard entries[index].isAwaited, entries[index].sequenceNumber == sequenceNumber else { return nil }
        entries[index].isAwaited = false
        return entries[index]
    }
}
