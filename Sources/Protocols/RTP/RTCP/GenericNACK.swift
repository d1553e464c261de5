import Basis

/// Generic NACK (RFC 4585 section 6.2.1).
package struct GenericNACK: Equatable, Sendable {
    /// The FMT of the message (RFC 4585 section 6.2.1).
    package static let format: UInt8 = 1

    /// One lost packet and which of the sixteen after it are lost as well.
    package struct Pair: Equatable, Sendable {
        /// The sequence number of the first packet lost.
        package var packetID: UInt16
        /// Bit 0 is the packet after `packetID`.
        package var followingLost: UInt16

        package init(packetID: UInt16, followingLost: UInt16) {
            self.packetID = packetID
            self.followingLost = followingLost
        }
    }

    /// Who sends the message.
    package var senderSSRC: UInt32
    /// The stream that it is about.
    package var mediaSSRC: UInt32
    /// What was lost, 17 packets each at most.
    package var pairs: [Pair]

    package init(senderSSRC: UInt32, mediaSSRC: UInt32, pairs: [Pair]) {
        self.senderSSRC = senderSSRC
        self.mediaSSRC = mediaSSRC
        self.pairs = pairs
    }

    /// Packs sequence numbers given in ascending order.
    package init(senderSSRC: UInt32, mediaSSRC: UInt32, sequenceNumbers: some Sequence<UInt16>) {
        self.init(senderSSRC: senderSSRC, mediaSSRC: mediaSSRC, pairs: [])
        pack(sequenceNumbers)
    }

    /// Speaks of these sequence numbers, in ascending order, in place of what was there.
    mutating func pack(_ sequenceNumbers: some Sequence<UInt16>) {
        pairs.removeAll(keepingCapacity: true)
        for sequenceNumber in sequenceNumbers {
            if let last = pairs.last {
                let distance = sequenceNumber &- last.packetID
                if distance == 0 { continue }
                if distance <= 16 {
                    pairs[pairs.count - 1].followingLost |= 1 << (distance - 1)
                    continue
                }
            }
            pairs.append(Pair(packetID: sequenceNumber, followingLost: 0))
        }
    }

    /// Calls `body` with each requested sequence number.
    package func forEachSequenceNumber(_ body: (UInt16) -> Void) {
        for pair in pairs {
            body(pair.packetID)
            for bit in 0..<UInt16(16) where pair.followingLost & (1 << bit) != 0 {
                body(pair.packetID &+ bit &+ 1)
            }
        }
    }

    static func parse(_ body: Span<UInt8>) -> GenericNACK? {
        var nack = GenericNACK(senderSSRC: 0, mediaSSRC: 0, pairs: [])
        return nack.read(body) ? nack : nil
    }

    /// Takes a body in place of what was there; false where it is damaged.
    mutating func read(_ body: Span<UInt8>) -> Bool {
        guard let sender = body.uint32(at: 0), let media = body.uint32(at: 4) else { return false }
        senderSSRC = sender
        mediaSSRC = media
        pairs.removeAll(keepingCapacity: true)
        var offset = 8
        while let packetID = body.uint16(at: offset), let following = body.uint16(at: offset + 2) {
            pairs.append(Pair(packetID: packetID, followingLost: following))
            offset += 4
        }
        return true
    }

    /// Appends the message with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        let start = RTCPHeader.begin(RTCPPacketType.transportLayerFeedback, format: Int(Self.format), into: &buffer)
        buffer.append(uint32: senderSSRC)
        buffer.append(uint32: mediaSSRC)
        for pair in pairs {
            buffer.append(uint16: pair.packetID)
            buffer.append(uint16: pair.followingLost)
        }
        RTCPHeader.finish(start, in: &buffer)
    }
}
