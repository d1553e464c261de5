import Basis

/// What kind of packet to protect and send.
package enum PacketKind: Equatable, Sendable {
    case rtp
    case rtcp
}

/// A packet waiting to be sent, with what is to be filled in at that moment.
struct QueuedPacket: Sendable {
    var bytes: [UInt8] = []
    var kind = PacketKind.rtp
    /// Where the transport-wide sequence number belongs; nil where it was not negotiated or stays as first sent.
    var transportSequenceOffset: Int?
    var absSendTimeOffset: Int?
    /// A video packet that may be asked for again: its payload's offset.
    var historyPayloadOffset: Int?
}

/// A bounded queue whose buffers go round: push and pop swap, so that nothing is allocated once it has grown.
struct PacketQueue: Sendable {
    private var slots: [QueuedPacket] = []
    private var head = 0
    private(set) var count = 0
    /// Of all that waits.
    private(set) var byteCount = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    var isEmpty: Bool { count == 0 }

    var room: Int { capacity - count }

    /// Takes the bytes of `packet`, leaving it an old buffer; false when full.
    mutating func push(_ packet: inout QueuedPacket) -> Bool {
        guard count < capacity else { return false }
        if count == slots.count { grow() }
        byteCount += packet.bytes.count
        swap(&slots[(head + count) % slots.count], &packet)
        count += 1
        return true
    }

    /// Gives the first packet in exchange for the buffer of `packet`.
    mutating func pop(into packet: inout QueuedPacket) -> Bool {
        guard count > 0 else { return false }
        swap(&slots[head], &packet)
        head = (head + 1) % slots.count
        count -= 1
        byteCount -= packet.bytes.count
        return true
    }

    private mutating func grow() {
        slots.rotateLeft(by: head)
        head = 0
        let length = min(capacity, max(16, slots.count * 2))
        slots.reserveCapacity(length)
        while slots.count < length { slots.append(QueuedPacket()) }
    }
}

extension [QueuedPacket] {
    fileprivate mutating func rotateLeft(by distance: Int) {
        guard distance > 0 else { return }
        self = Array(self[distance...] + self[..<distance])
    }
}
