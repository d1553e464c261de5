internal import Basis

/// What an Opus packet says of itself without being decoded (RFC 6716 section 3).
package enum OpusPacket {
    /// Samples at 48 kHz in `packet`, from its first two bytes (sections 3.1 and 3.2); 120 to 5,760.
    package static func duration(_ packet: Span<UInt8>) -> Int {
        guard let toc = packet.uint8(at: 0) else { return 960 }
        let frames =
            switch toc & 3 {
            case 0: 1
            case 1, 2: 2
            default: Int((packet.uint8(at: 1) ?? 1) & 0x3F)
            }
        return min(max(120, frameDuration(toc) * frames), 5_760)
    }

    /// Whether `packet` repeats the frame before it at a lower rate: the LBRR flag of its first SILK frame (section 4.2.4).
    ///
    /// The flags are the first bits of the frame, coded with even chances, so that they can be read as they are. Packets of
    /// an arbitrary number of frames (code 3) count as having none.
    package static func hasRedundancy(_ packet: Span<UInt8>) -> Bool {
        // The highest bit of the first byte: CELT alone, which has no redundancy.
        guard let toc = packet.uint8(at: 0), toc & 0x80 == 0 else { return false }
        let start: Int
        switch toc & 3 {
        case 0, 1: start = 1
        case 2: start = (packet.uint8(at: 1) ?? 0) >= 252 ? 3 : 2
        default: return false
        }
        // A frame of one byte is a pause.
        guard packet.count > start + 1, let flags = packet.uint8(at: start) else { return false }
        // One voice activity flag for each 20 ms, then the flag; for stereo the same again for the side channel.
        let flagged = max(1, frameDuration(toc) / 960)
        let channels = toc & 0x04 == 0 ? 1 : 2
        return (1...channels).contains { flags & (0x80 >> UInt8($0 * (flagged + 1) - 1)) != 0 }
    }

    /// Whether `packet` tells that the sender has gone silent: nothing in it but its table of contents (RFC 7587 section
    /// 3.1.3).
    package static func isPause(_ packet: Span<UInt8>) -> Bool { packet.count <= 2 }

    private static func frameDuration(_ toc: UInt8) -> Int {
        let configuration = Int(toc >> 3)
        return switch configuration {
        case ..<12: configuration & 3 == 3 ? 2_880 : 480 << (configuration & 3)
        case ..<16: 480 << (configuration & 1)
        default: 120 << (configuration & 3)
        }
    }
}
