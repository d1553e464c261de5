import Basis

/// RR (RFC 3550 section 6.4.2).
package struct ReceiverReport: Equatable, Sendable {
    /// Bytes of its body before the blocks.
    static let length = 4

    /// Who reports.
    package var ssrc: UInt32
    /// At most 31 are written.
    package var blocks: [ReportBlock]

    package init(ssrc: UInt32, blocks: [ReportBlock] = []) {
        self.ssrc = ssrc
        self.blocks = blocks
    }

    static func parse(_ body: Span<UInt8>, count: Int) -> ReceiverReport? {
        guard let ssrc = body.uint32(at: 0), let blocks = ReportBlock.parse(body, at: 4, count: count) else {
            return nil
        }
        return ReceiverReport(ssrc: ssrc, blocks: blocks)
    }

    /// Appends the packet with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        Self.write(ssrc: ssrc, blocks: blocks[...], into: &buffer)
    }

    /// The same of blocks that lie elsewhere.
    static func write(ssrc: UInt32, blocks: ArraySlice<ReportBlock>, into buffer: inout [UInt8]) {
        let blocks = blocks.prefix(ReportBlock.maximumPerReport)
        let start = RTCPHeader.begin(RTCPPacketType.receiverReport, format: blocks.count, into: &buffer)
        buffer.append(uint32: ssrc)
        for block in blocks { block.write(into: &buffer) }
        RTCPHeader.finish(start, in: &buffer)
    }
}
