internal import Basis

/// A payload of RFC 2198 ("RED"): the newest frame and, before it, copies of earlier ones.
package struct RedundantAudio: Sendable {
    /// One encoding inside the packet (RFC 2198 section 3).
    package struct Block: Equatable, Sendable {
        /// How much earlier than the packet's own timestamp this frame is.
        package var timestampOffset: UInt32
        /// How many packets earlier it was sent: senders put their last frames in order.
        package var distance: UInt16
        /// Its bytes within the payload.
        package var range: Range<Int>
    }

    /// Copies kept of one packet; senders use one or two.
    package static let mostCopies = 4

    /// The newest frame.
    package let primary: Range<Int>
    private var copies = InlineArray<4, Block>(repeating: Block(timestampOffset: 0, distance: 0, range: 0..<0))
    /// Redundant copies in front of the primary encoding.
    package private(set) var copyCount = 0

    /// Nil for what is no such payload, or one whose blocks are not all of one format.
    /// - Parameter payloadType: of that format; nil for any.
    package init?(_ payload: Span<UInt8>, payloadType: UInt8? = nil) {
        // Section 3: headers of four bytes, the last of one byte; then the blocks in the same order.
        var position = 0
        var blocks = 0
        var length = 0
        guard let format = payloadType ?? payload.uint8(at: 0).map({ $0 & 0x7F }) else { return nil }
        while let first = payload.uint8(at: position), first & 0x80 != 0 {
            guard first & 0x7F == format, let low = payload.uint16(at: position + 2), blocks < 32 else { return nil }
            length += Int(low & 0x3FF)
            position += 4
            blocks += 1
        }
        guard let last = payload.uint8(at: position), last & 0x7F == format else { return nil }
        position += 1
        guard position + length < payload.count else { return nil }
        primary = position + length..<payload.count
        var start = position
        for index in 0..<blocks {
            guard let high = payload.uint16(at: index * 4 + 1), let low = payload.uint16(at: index * 4 + 2) else {
                return nil
            }
            let end = start + Int(low & 0x3FF)
            let offset = UInt32(high) >> 2
            // The nearest copies are the last ones; an empty one stands for a frame that was not sent.
            if blocks - index <= Self.mostCopies, start < end, offset > 0 {
                copies[copyCount] = Block(
                    timestampOffset: offset, distance: UInt16(blocks - index), range: start..<end)
                copyCount += 1
            }
            start = end
        }
    }

    /// An earlier frame, the oldest first; `index` below `copyCount`.
    package func copy(_ index: Int) -> Block { copies[index] }
}
