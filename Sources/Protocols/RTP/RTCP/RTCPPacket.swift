import Basis

/// One RTCP packet of a compound.
package enum RTCPPacket: Equatable, Sendable {
    case senderReport(SenderReport)
    case receiverReport(ReceiverReport)
    case sourceDescription(SourceDescription)
    case goodbye(Goodbye)
    case genericNACK(GenericNACK)
    case transportFeedback(TransportFeedback)
    case pictureLossIndication(PictureLossIndication)
    case fullIntraRequest(FullIntraRequest)
    case receiverEstimatedMaximumBitrate(ReceiverEstimatedMaximumBitrate)
    /// A packet type or feedback format this implementation does not speak, or one whose body is damaged.
    case unknown(packetType: UInt8, format: UInt8)
}

/// Packet types of RTCP (RFC 3550 section 12.1, RFC 4585 section 6.1).
enum RTCPPacketType {
    static let senderReport: UInt8 = 200
    static let receiverReport: UInt8 = 201
    static let sourceDescription: UInt8 = 202
    static let goodbye: UInt8 = 203
    static let transportLayerFeedback: UInt8 = 205
    static let payloadSpecificFeedback: UInt8 = 206
}

/// A datagram of RTCP packets, full or of reduced size (RFC 5506).
package enum RTCPCompound {
    /// How many packets of one datagram are looked at.
    package static let maximumPackets = 64

    /// Whether a packet of the multiplexed flow is RTCP rather than RTP (RFC 5761 section 4).
    package static func isRTCP(_ packet: Span<UInt8>) -> Bool {
        guard let first = packet.uint8(at: 0), first >> 6 == 2, let type = packet.uint8(at: 1) else { return false }
        return type >= 192 && type <= 223
    }

    /// The packets of a decrypted datagram, as far as their lengths make sense.
    package static func parse(_ datagram: Span<UInt8>) -> [RTCPPacket] {
        var packets: [RTCPPacket] = []
        var reader = RTCPReader()
        while let packet = reader.next(in: datagram) {
            packets.append(parse(packet.type, format: packet.format, body: datagram.extracting(packet.body)))
        }
        return packets
    }

    private static func parse(_ type: UInt8, format: UInt8, body: Span<UInt8>) -> RTCPPacket {
        let packet: RTCPPacket? =
            switch (type, format) {
            case (RTCPPacketType.senderReport, _):
                SenderReport.parse(body, count: Int(format)).map(RTCPPacket.senderReport)
            case (RTCPPacketType.receiverReport, _):
                ReceiverReport.parse(body, count: Int(format)).map(RTCPPacket.receiverReport)
            case (RTCPPacketType.sourceDescription, _):
                SourceDescription.parse(body, count: Int(format)).map(RTCPPacket.sourceDescription)
            case (RTCPPacketType.goodbye, _):
                Goodbye.parse(body, count: Int(format)).map(RTCPPacket.goodbye)
            case (RTCPPacketType.transportLayerFeedback, GenericNACK.format):
                GenericNACK.parse(body).map(RTCPPacket.genericNACK)
            case (RTCPPacketType.transportLayerFeedback, TransportFeedback.format):
                TransportFeedback.parse(body).map(RTCPPacket.transportFeedback)
            case (RTCPPacketType.payloadSpecificFeedback, PictureLossIndication.format):
                PictureLossIndication.parse(body).map(RTCPPacket.pictureLossIndication)
            case (RTCPPacketType.payloadSpecificFeedback, FullIntraRequest.format):
                FullIntraRequest.parse(body).map(RTCPPacket.fullIntraRequest)
            case (RTCPPacketType.payloadSpecificFeedback, ReceiverEstimatedMaximumBitrate.format):
                ReceiverEstimatedMaximumBitrate.parse(body).map(RTCPPacket.receiverEstimatedMaximumBitrate)
            default: nil
            }
        return packet ?? .unknown(packetType: type, format: format)
    }

    /// Appends `packets` to `buffer`; unknown ones are left out.
    package static func write(_ packets: [RTCPPacket], into buffer: inout [UInt8]) {
        for packet in packets {
            switch packet {
            case .senderReport(let report): report.write(into: &buffer)
            case .receiverReport(let report): report.write(into: &buffer)
            case .sourceDescription(let description): description.write(into: &buffer)
            case .goodbye(let goodbye): goodbye.write(into: &buffer)
            case .genericNACK(let nack): nack.write(into: &buffer)
            case .transportFeedback(let feedback): feedback.write(into: &buffer)
            case .pictureLossIndication(let indication): indication.write(into: &buffer)
            case .fullIntraRequest(let request): request.write(into: &buffer)
            case .receiverEstimatedMaximumBitrate(let estimate): estimate.write(into: &buffer)
            case .unknown: break
            }
        }
    }
}

/// Finds the packets of one decrypted datagram where they lie, as far as their lengths make sense.
struct RTCPReader {
    struct Place {
        let type: UInt8
        /// Feedback format, or the count of reports, chunks or sources.
        let format: UInt8
        /// Behind the common header, without padding.
        let body: Range<Int>
    }

    private var offset = 0
    private var count = 0

    /// The next packet of the same `datagram` as before; nil after the last.
    mutating func next(in datagram: Span<UInt8>) -> Place? {
        guard count < RTCPCompound.maximumPackets, let first = datagram.uint8(at: offset), first >> 6 == 2,
            let type = datagram.uint8(at: offset + 1), let words = datagram.uint16(at: offset + 2)
        else { return nil }
        let length = 4 * Int(words)
        guard datagram.holds(length, at: offset + 4) else { return nil }
        let begin = offset + 4
        var end = begin + length
        if first & 0x20 != 0, length > 0, let padding = datagram.uint8(at: end - 1), Int(padding) <= length {
            end -= Int(padding)
        }
        offset = begin + length
        count += 1
        return Place(type: type, format: first & 0x1F, body: begin..<end)
    }
}

/// The common header (RFC 3550 section 6.4.1), whose length is known only at the end.
enum RTCPHeader {
    /// Appends a header without length and gives back where it starts.
    static func begin(_ type: UInt8, format: Int, into buffer: inout [UInt8]) -> Int {
        let start = buffer.count
        buffer.append(0x80 | UInt8(truncatingIfNeeded: format) & 0x1F)
        buffer.append(type)
        buffer.append(uint16: 0)
        return start
    }

    /// Sets the length of the packet that starts at `start` and ends here, on a 32-bit boundary.
    static func finish(_ start: Int, in buffer: inout [UInt8]) {
        buffer.set(uint16: UInt16(truncatingIfNeeded: (buffer.count - start) / 4 - 1), at: start + 2)
    }
}
