import Basis

/// FIR (RFC 5104 section 4.3.1).
package struct FullIntraRequest: Equatable, Sendable {
    /// The FMT of the message (RFC 5104 section 4.3.1).
    package static let format: UInt8 = 4

    /// A request to one sender (RFC 5104 section 4.3.1.1).
    package struct Entry: Equatable, Sendable {
        /// The stream of which a key frame is asked for.
        package var ssrc: UInt32
        /// Unchanged in a repetition of the same request.
        package var sequenceNumber: UInt8

        package init(ssrc: UInt32, sequenceNumber: UInt8) {
            self.ssrc = ssrc
            self.sequenceNumber = sequenceNumber
        }
    }

    /// Who sends the message.
    package var senderSSRC: UInt32
    /// One for each stream.
    package var entries: [Entry]

    package init(senderSSRC: UInt32, entries: [Entry]) {
        self.senderSSRC = senderSSRC
        self.entries = entries
    }

    static func parse(_ body: Span<UInt8>) -> FullIntraRequest? {
        guard let sender = body.uint32(at: 0), body.count >= 8 else { return nil }
        var request = FullIntraRequest(senderSSRC: sender, entries: [])
        var offset = 8
        while let ssrc = body.uint32(at: offset), let sequence = body.uint8(at: offset + 4) {
            request.entries.append(Entry(ssrc: ssrc, sequenceNumber: sequence))
            offset += 8
        }
        return request
    }

    /// Appends the message with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        let start = RTCPHeader.begin(RTCPPacketType.payloadSpecificFeedback, format: Int(Self.format), into: &buffer)
        buffer.append(uint32: senderSSRC)
        buffer.append(uint32: 0)
        for entry in entries {
            buffer.append(uint32: entry.ssrc)
            buffer.append(entry.sequenceNumber)
            buffer.append(uint24: 0)
        }
        RTCPHeader.finish(start, in: &buffer)
    }
}
