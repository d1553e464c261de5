import Basis

/// PLI (RFC 4585 section 6.3.1).
package struct PictureLossIndication: Equatable, Sendable {
    /// The FMT of the message (RFC 4585 section 6.3.1).
    package static let format: UInt8 = 1

    /// Who sends the message.
    package var senderSSRC: UInt32
    /// The stream that it is about.
    package var mediaSSRC: UInt32

    package init(senderSSRC: UInt32, mediaSSRC: UInt32) {
        self.senderSSRC = senderSSRC
        self.mediaSSRC = mediaSSRC
    }

    static func parse(_ body: Span<UInt8>) -> PictureLossIndication? {
        guard let sender = body.uint32(at: 0), let media = body.uint32(at: 4) else { return nil }
        return PictureLossIndication(senderSSRC: sender, mediaSSRC: media)
    }

    /// Appends the message with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        let start = RTCPHeader.begin(RTCPPacketType.payloadSpecificFeedback, format: Int(Self.format), into: &buffer)
        buffer.append(uint32: senderSSRC)
        buffer.append(uint32: mediaSSRC)
        RTCPHeader.finish(start, in: &buffer)
    }
}
