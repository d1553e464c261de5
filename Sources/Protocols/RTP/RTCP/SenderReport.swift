import Basis

/// SR (RFC 3550 section 6.4.1).
package struct SenderReport: Equatable, Sendable {
    /// Bytes of its body before the blocks.
    static let length = 24

    /// Who reports.
    package var ssrc: UInt32
    /// The wall-clock time of the report.
    package var ntp: NTPTimestamp
    /// The moment of `ntp` on the source's RTP clock.
    package var rtpTimestamp: UInt32
    /// RTP packets sent since the start, modulo 2³².
    package var packetCount: UInt32
    /// Payload bytes sent since the start, modulo 2³².
    package var octetCount: UInt32
    /// At most 31 are written.
    package var blocks: [ReportBlock]

    package init(
        ssrc: UInt32, ntp: NTPTimestamp, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32,
        blocks: [ReportBlock] = []
    ) {
        self.ssrc = ssrc
        self.ntp = ntp
        self.rtpTimestamp = rtpTimestamp
        self.packetCount = packetCount
        self.octetCount = octetCount
        self.blocks = blocks
    }

    static func parse(_ body: Span<UInt8>, count: Int) -> SenderReport? {
        guard let ssrc = body.uint32(at: 0), let ntp = body.uint64(at: 4), let timestamp = body.uint32(at: 12),
            let packets = body.uint32(at: 16), let octets = body.uint32(at: 20),
            let blocks = ReportBlock.parse(body, at: 24, count: count)
        else { return nil }
        return SenderReport(
            ssrc: ssrc, ntp: NTPTimestamp(rawValue: ntp), rtpTimestamp: timestamp, packetCount: packets,
            octetCount: octets, blocks: blocks)
    }

    /// Appends the packet with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        write(blocks: blocks[...], into: &buffer)
    }

    /// The same with blocks that lie elsewhere, in place of its own.
    func write(blocks: ArraySlice<ReportBlock>, into buffer: inout [UInt8]) {
        let blocks = blocks.prefix(ReportBlock.maximumPerReport)
        let start = RTCPHeader.begin(RTCPPacketType.senderReport, format: blocks.count, into: &buffer)
        buffer.append(uint32: ssrc)
        buffer.append(uint64: ntp.rawValue)
        buffer.append(uint32: rtpTimestamp)
        buffer.append(uint32: packetCount)
        buffer.append(uint32: octetCount)
        for block in blocks { block.write(into: &buffer) }
        RTCPHeader.finish(start, in: &buffer)
    }
}
