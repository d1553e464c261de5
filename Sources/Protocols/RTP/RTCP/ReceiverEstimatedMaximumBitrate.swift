import Basis

/// REMB (draft-alvestrand-rmcat-remb-03 section 2.2).
package struct ReceiverEstimatedMaximumBitrate: Equatable, Sendable {
    /// The FMT of the message (application layer feedback, RFC 4585 section 6.4).
    package static let format: UInt8 = 15
    private static let identifier: UInt32 = 0x5245_4D42

    /// Who sends the message.
    package var senderSSRC: UInt32
    /// The estimate for all of `ssrcs` together; 18 bits of it are kept.
    package var bitsPerSecond: UInt64
    /// The streams that it is about.
    package var ssrcs: [UInt32]

    package init(senderSSRC: UInt32, bitsPerSecond: UInt64, ssrcs: [UInt32]) {
        self.senderSSRC = senderSSRC
        self.bitsPerSecond = bitsPerSecond
        self.ssrcs = ssrcs
    }

    static func parse(_ body: Span<UInt8>) -> ReceiverEstimatedMaximumBitrate? {
        guard let sender = body.uint32(at: 0), body.uint32(at: 8) == identifier, let count = body.uint8(at: 12),
            let word = body.uint24(at: 13), body.holds(4 * Int(count), at: 16)
        else { return nil }
        let exponent = word >> 18
        let mantissa = UInt64(word & 0x3FFFF)
        // The exponent has six bits and the mantissa eighteen: what does not fit 64 bits saturates.
        let bits = exponent > UInt32(mantissa.leadingZeroBitCount) ? UInt64.max : mantissa << UInt64(exponent)
        var ssrcs: [UInt32] = []
        for index in 0..<Int(count) {
            if let ssrc = body.uint32(at: 16 + 4 * index) { ssrcs.append(ssrc) }
        }
        return ReceiverEstimatedMaximumBitrate(
            senderSSRC: sender, bitsPerSecond: mantissa == 0 ? 0 : bits, ssrcs: ssrcs)
    }

    /// Appends the message with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        let ssrcs = ssrcs.prefix(255)
        let exponent = max(0, 46 - bitsPerSecond.leadingZeroBitCount)
        let mantissa = UInt32(truncatingIfNeeded: bitsPerSecond >> UInt64(exponent))
        let start = RTCPHeader.begin(RTCPPacketType.payloadSpecificFeedback, format: Int(Self.format), into: &buffer)
        buffer.append(uint32: senderSSRC)
        buffer.append(uint32: 0)
        buffer.append(uint32: Self.identifier)
        buffer.append(UInt8(ssrcs.count))
        buffer.append(uint24: UInt32(exponent) << 18 | mantissa)
        for ssrc in ssrcs { buffer.append(uint32: ssrc) }
        RTCPHeader.finish(start, in: &buffer)
    }
}
