import Basis

/// The packets of one stream as they were sent: at least the last second at any bitrate of a camera.
struct RetransmissionHistory: Sendable {
    struct Entry: Sendable {
        var sequenceNumber: UInt16 = 0
        var bytes: [UInt8] = []
        var payloadOffset = 0
        var transportSequenceOffset: Int?
        var absSendTimeOffset: Int?
        var lastSent = MonotonicInstant.zero

        var payloadType: UInt8 { bytes.count > 1 ? bytes[1] & 0x7F : 0 }
    }

    /// Of a packet of a large frame, in bytes.
    private static let usualSize = 1_216

    /// A power of two, so that sequence numbers keep their places as they wrap.
    private let capacity: Int

    private var entries: [Entry] = []
    private var latestIndex: Int?

    /// - Parameter capacity: how many packets are held. 1024 of 1200 bytes are more than three seconds at 3 Mbit/s.
    init(capacity: Int = 1024) {
        self.capacity = capacity
    }

    /// The packet sent last.
    var latest: Entry? { latestIndex.map { entries[$0] } }

    mutating func record(_ packet: QueuedPacket, payloadOffset: Int, at now: MonotonicInstant) {
        guard let sequenceNumber = packet.bytes.span.uint16(at: 2) else { return }
        if entries.isEmpty { entries = [Entry](repeating: Entry(), count: capacity) }
        let index = Int(sequenceNumber) % capacity
        entries[index].sequenceNumber = sequenceNumber
        entries[index].bytes.removeAll(keepingCapacity: true)
        // The next packet in this place may be longer: it is not to take memory anew, nor twice of it.
        entries[index].bytes.reserveCapacity(max(packet.bytes.count, Self.usualSize))
        entries[index].bytes.append(contentsOf: packet.bytes)
        entries[index].payloadOffset = payloadOffset
        entries[index].transportSequenceOffset = packet.transportSequenceOffset
        entries[index].absSendTimeOffset = packet.absSendTimeOffset
        entries[index].lastSent = now
        latestIndex = index
    }

    /// The packet, if it is still held and was not sent within `pause`; notes it as sent again.
    mutating func take(_ sequenceNumber: UInt16, pause: Duration, at now: MonotonicInstant) -> Entry? {
        guard !entries.isEmpty else { return nil }
        let index = Int(sequenceNumber) % capacity
        guard entries[index].sequenceNumber == sequenceNumber, !entries[index].bytes.isEmpty,
            now - entries[index].lastSent >= pause
        else { return nil }
        entries[index].lastSent = now
        return entries[index]
    }
}
