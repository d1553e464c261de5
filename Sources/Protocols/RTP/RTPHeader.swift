import Basis

/// The header of an RTP packet (RFC 3550 section 5.1), with ranges into the packet it was read from.
package struct RTPHeader: Equatable, Sendable {
    /// The end of a frame for video, the start of a talkspurt for audio (RFC 3551 section 4.1).
    package var marker: Bool
    /// Seven bits: which format the payload has.
    package var payloadType: UInt8
    /// Counts packets, modulo 2¹⁶.
    package var sequenceNumber: UInt16
    /// In units of the payload's clock, modulo 2³².
    package var timestamp: UInt32
    /// The synchronization source.
    package var ssrc: UInt32
    /// The payload without padding; empty in a packet that only pads or probes.
    package var payload: Range<Int>
    /// "Defined by profile" of the header extension (RFC 8285: BEDE, or 100x); nil without an extension.
    package var extensionProfile: UInt16?
    /// The extension's elements, without its 4-byte header.
    package var extensionElements: Range<Int>

    /// The fixed part's length.
    package static let fixedLength = 12

    /// Reads a decrypted packet; nil where it is not RTP version 2 or its lengths contradict each other.
    package static func parse(_ packet: Span<UInt8>) -> RTPHeader? {
        guard packet.count >= fixedLength, let first = packet.uint8(at: 0), first >> 6 == 2,
            let second = packet.uint8(at: 1), let sequenceNumber = packet.uint16(at: 2),
            let timestamp = packet.uint32(at: 4), let ssrc = packet.uint32(at: 8)
        else { return nil }
        var start = fixedLength + 4 * Int(first & 0x0F)
        var profile: UInt16?
        var elements = 0..<0
        if first & 0x10 != 0 {
            guard let name = packet.uint16(at: start), let words = packet.uint16(at: start + 2) else { return nil }
            let length = 4 * Int(words)
            guard packet.holds(length, at: start + 4) else { return nil }
            profile = name
            elements = start + 4..<start + 4 + length
            start = elements.upperBound
        }
        var end = packet.count
        if first & 0x20 != 0 {
            guard let padding = packet.uint8(at: end - 1), padding > 0 else { return nil }
            end -= Int(padding)
        }
        guard start <= end else { return nil }
        return RTPHeader(
            marker: second & 0x80 != 0, payloadType: second & 0x7F, sequenceNumber: sequenceNumber,
            timestamp: timestamp, ssrc: ssrc, payload: start..<end, extensionProfile: profile,
            extensionElements: elements)
    }

    /// Where the data of extension element `id` lies in `packet`, the one this header was read from.
    ///
    /// Understands the one-byte and the two-byte form (RFC 8285 sections 4.2, 4.3), which may alternate within a stream
    /// under `extmap-allow-mixed`.
    package func extensionElement(id: UInt8, in packet: Span<UInt8>) -> Range<Int>? {
        guard let extensionProfile, id != 0 else { return nil }
        let isOneByteForm = extensionProfile == 0xBEDE
        guard isOneByteForm || extensionProfile & 0xFFF0 == 0x1000 else { return nil }
        var offset = extensionElements.lowerBound
        while offset < extensionElements.upperBound, let first = packet.uint8(at: offset) {
            if first == 0 {
                offset += 1
                continue
            }
            let elementID: UInt8
            let length: Int
            if isOneByteForm {
                elementID = first >> 4
                if elementID == 15 { return nil }
                length = Int(first & 0x0F) + 1
                offset += 1
            } else {
                guard let count = packet.uint8(at: offset + 1) else { return nil }
                elementID = first
                length = Int(count)
                offset += 2
            }
            guard offset + length <= extensionElements.upperBound else { return nil }
            if elementID == id { return offset..<offset + length }
            offset += length
        }
        return nil
    }
}

/// The header extension ids of one m-line, as offered; nil where an extension was not negotiated.
package struct RTPExtensionMap: Equatable, Sendable {
    /// urn:ietf:params:rtp-hdrext:ssrc-audio-level (RFC 6464).
    package var audioLevel: UInt8?
    /// http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01.
    package var transportWideCC: UInt8?
    /// http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time.
    package var absSendTime: UInt8?
    /// urn:ietf:params:rtp-hdrext:sdes:mid; understood, never sent (the bridge does not need it).
    package var mid: UInt8?

    package init(
        audioLevel: UInt8? = nil, transportWideCC: UInt8? = nil, absSendTime: UInt8? = nil, mid: UInt8? = nil
    ) {
        self.audioLevel = audioLevel
        self.transportWideCC = transportWideCC
        self.absSendTime = absSendTime
        self.mid = mid
    }
}

/// Writes headers of packets to be sent, leaving room for what is only known at the moment of sending.
struct RTPHeaderWriter {
    /// Where the transport-wide sequence number belongs, in the packet just written.
    private(set) var transportSequenceOffset: Int?
    /// Where the 24-bit absolute send time belongs, in the packet just written.
    private(set) var absSendTimeOffset: Int?

    /// Replaces `buffer` by a header; the payload is to be appended.
    mutating func write(
        _ header: RTPHeader, extensions: RTPExtensionMap, audioLevel: UInt8?, into buffer: inout [UInt8]
    ) {
        transportSequenceOffset = nil
        absSendTimeOffset = nil
        buffer.removeAll(keepingCapacity: true)
        buffer.append(0x80)
        buffer.append((header.marker ? 0x80 : 0) | header.payloadType & 0x7F)
        buffer.append(uint16: header.sequenceNumber)
        buffer.append(uint32: header.timestamp)
        buffer.append(uint32: header.ssrc)
        let levelID = audioLevel == nil ? nil : extensions.audioLevel
        let largest = max(levelID ?? 0, extensions.transportWideCC ?? 0, extensions.absSendTime ?? 0)
        guard largest > 0 else { return }
        buffer[0] |= 0x10
        let isOneByteForm = largest <= 14
        buffer.append(uint16: isOneByteForm ? 0xBEDE : 0x1000)
        buffer.append(uint16: 0)
        let start = buffer.count
        func begin(_ id: UInt8?, length: UInt8) -> Bool {
            guard let id, id > 0 else { return false }
            if isOneByteForm {
                buffer.append(id << 4 | (length - 1))
            } else {
                buffer.append(id)
                buffer.append(length)
            }
            return true
        }
        if begin(levelID, length: 1) {
            buffer.append((audioLevel ?? 127) & 0x7F)
        }
        if begin(extensions.transportWideCC, length: 2) {
            transportSequenceOffset = buffer.count
            buffer.append(uint16: 0)
        }
        if begin(extensions.absSendTime, length: 3) {
            absSendTimeOffset = buffer.count
            buffer.append(uint24: 0)
        }
        while (buffer.count - start) % 4 != 0 {
            buffer.append(0)
        }
        buffer.set(uint16: UInt16(truncatingIfNeeded: (buffer.count - start) / 4), at: start - 2)
    }
}
