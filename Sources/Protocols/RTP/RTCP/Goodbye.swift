import Basis

/// BYE (RFC 3550 section 6.6), without its reason.
package struct Goodbye: Equatable, Sendable {
    /// At most 31 are written.
    package var ssrcs: [UInt32]

    package init(ssrcs: [UInt32]) {
        self.ssrcs = ssrcs
    }

    static func parse(_ body: Span<UInt8>, count: Int) -> Goodbye? {
        var ssrcs: [UInt32] = []
        for index in 0..<count {
            guard let ssrc = body.uint32(at: 4 * index) else { return nil }
            ssrcs.append(ssrc)
        }
        return Goodbye(ssrcs: ssrcs)
    }

    /// Appends the packet with its RTCP header.
    package func write(into buffer: inout [UInt8]) {
        let ssrcs = ssrcs.prefix(31)
        let start = RTCPHeader.begin(RTCPPacketType.goodbye, format: ssrcs.count, into: &buffer)
        for ssrc in ssrcs { buffer.append(uint32: ssrc) }
        RTCPHeader.finish(start, in: &buffer)
    }
}
