internal import Basis

/// Cuts a TCP or TLS stream from a TURN server into messages: STUN says its length, ChannelData too and is padded to four
/// (RFC 8656 section 12.5).
package struct TURNStream: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    /// The stream is not TURN's; nothing more comes out of it.
    package private(set) var isBroken = false

    package init() {}

    /// Takes bytes in as they came over TCP or TLS.
    package mutating func append(_ more: Span<UInt8>) {
        guard !isBroken else { return }
        if start > 0 {
            bytes.removeSubrange(0..<start)
            start = 0
        }
        bytes.append(copying: more)
    }

    /// Moves the next whole message into `frame` (ChannelData without its padding); false when it is not there yet.
    package mutating func next(into frame: inout [UInt8]) -> Bool {
        guard !isBroken, bytes.count - start >= 4 else { return false }
        let first = bytes[start]
        let length = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
        let used: Int
        let whole: Int
        switch first {
        case 0...3: (used, whole) = (20 + length, 20 + length)
        case 64...79: (used, whole) = (4 + length, 4 + (length + 3) / 4 * 4)
        default:
            isBroken = true
            bytes = []
            start = 0
            return false
        }
        guard bytes.count - start >= whole else { return false }
        frame.removeAll(keepingCapacity: true)
        frame.append(contentsOf: bytes[start..<start + used])
        start += whole
        return true
    }
}
