import Basis

/// What a receiver says about one source (RFC 3550 section 6.4.1).
package struct ReportBlock: Equatable, Sendable {
    /// Of a block, in bytes.
    package static let length = 24
    /// The count field of a report has five bits.
    package static let maximumPerReport = 31

    /// The stream that it is about.
    package var ssrc: UInt32
    /// In 1/256 since the previous report.
    package var fractionLost: UInt8
    /// 24 bits, signed: duplicates make it negative.
    package var cumulativeLost: Int32
    /// The highest sequence number received, the count of its wraps in the upper 16 bits.
    package var extendedHighestSequence: UInt32
    /// In units of the source's clock.
    package var jitter: UInt32
    /// The middle of the NTP timestamp of the last sender report; 0 before one.
    package var lastSenderReport: UInt32
    /// In 1/65536 s.
    package var delaySinceLastSenderReport: UInt32

    package init(
        ssrc: UInt32, fractionLost: UInt8, cumulativeLost: Int32, extendedHighestSequence: UInt32, jitter: UInt32,
        lastSenderReport: UInt32, delaySinceLastSenderReport: UInt32
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.extendedHighestSequence = extendedHighestSequence
        self.jitter = jitter
        self.lastSenderReport = lastSenderReport
        self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }

    static func parse(_ body: Span<UInt8>, at offset: Int) -> ReportBlock? {
        guard let ssrc = body.uint32(at: offset), let fraction = body.uint8(at: offset + 4),
            let lost = body.uint24(at: offset + 5), let highest = body.uint32(at: offset + 8),
            let jitter = body.uint32(at: offset + 12), let last = body.uint32(at: offset + 16),
            let delay = body.uint32(at: offset + 20)
        else { return nil }
        return ReportBlock(
            ssrc: ssrc, fractionLost: fraction, cumulativeLost: Int32(bitPattern: lost << 8) >> 8,
            extendedHighestSequence: highest, jitter: jitter, lastSenderReport: last,
            delaySinceLastSenderReport: delay)
    }

    /// Whether a body has `count` blocks from `offset` on.
    static func areWhole(_ body: Span<UInt8>, at offset: Int, count: Int) -> Bool {
        body.holds(count * length, at: offset)
    }

    /// The `count` blocks from `offset` on; nil where the body is too short for them.
    static func parse(_ body: Span<UInt8>, at offset: Int, count: Int) -> [ReportBlock]? {
        var blocks: [ReportBlock] = []
        for index in 0..<count {
            guard let block = parse(body, at: offset + index * length) else { return nil }
            blocks.append(block)
        }
        return blocks
    }

    func write(into buffer: inout [UInt8]) {
        buffer.append(uint32: ssrc)
        buffer.append(fractionLost)
        buffer.append(uint24: UInt32(bitPattern: cumulativeLost))
        buffer.append(uint32: extendedHighestSequence)
        buffer.append(uint32: jitter)
        buffer.append(uint32: lastSenderReport)
        buffer.append(uint32: delaySinceLastSenderReport)
    }
}
