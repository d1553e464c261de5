internal import Basis

/// What a RIFF/WAVE file says of its sound.
package struct WAVHeader: Equatable, Sendable {
    package let sampleRate: Int
    package let channels: Int
    /// Where the samples lie in the file.
    package let dataOffset: Int
    /// In bytes; nil for a recording into a pipe, which says 0 or 2^32 - 1: it goes on to the end of the file.
    package let dataLength: Int?
}

/// Why a WAV file cannot be played.
package enum WAVFault: Error, Equatable, Sendable, CustomStringConvertible {
    case notWAV
    /// The format tag, or the beginning of the SubFormat of an extended header (mmreg.h).
    case encoding(Int)
    case depth(bits: Int)
    case channels(Int)
    case rate(Int)
    /// The samples come before their format is told.
    case noFormat
    case noData

    package var description: String {
        let expected = "expected a WAV file with 16-bit PCM, mono or stereo, 8 to 48 kHz"
        let found =
            switch self {
            case .notWAV: "this is no RIFF/WAVE file"
            case .encoding(3): "its samples are floating-point numbers"
            case .encoding(6): "its samples are A-law"
            case .encoding(7): "its samples are mu-law"
            case .encoding(let tag): "its samples are in format \(tag)"
            case .depth(let bits): "its samples have \(bits) bits"
            case .channels(let count): "it has \(count) channels"
            case .rate(let rate): "it has \(rate) samples a second"
            case .noFormat: "its format is missing"
            case .noData: "there are no samples in it"
            }
        return "\(expected); \(found)"
    }
}

/// Reads the chunks ahead of the samples (RIFF, "Multimedia Programming Interface and Data Specifications 1.0"), one piece
/// of the file after another: chunks of metadata, however long, are stepped over.
package struct WAVParser {
    /// How much of the file at `position` suffices for a step.
    package static let pieceLength = 64
    /// More chunks ahead of the samples are taken for nonsense.
    private static let maximumChunks = 1_000

    /// Where in the file the next piece begins.
    package private(set) var position = 0
    private var chunks = 0
    private var format: (rate: Int, channels: Int)?

    package init() {}

    /// Takes what the file has at `position`, up to `pieceLength` bytes, fewer only at its end.
    ///
    /// - Returns: the header once the samples are found, else nil: then the next piece is wanted.
    package mutating func take(_ bytes: Span<UInt8>) throws(WAVFault) -> WAVHeader? {
        if position == 0 {
            guard bytes.uint32(at: 0) == 0x5249_4646, bytes.uint32(at: 8) == 0x5741_5645 else { throw .notWAV }
            position = 12
            return nil
        }
        chunks += 1
        guard chunks <= Self.maximumChunks, let identifier = bytes.uint32(at: 0),
            let length = bytes.uint32(at: 4)?.byteSwapped
        else { throw format == nil ? .noFormat : .noData }
        switch identifier {
        case 0x666D_7420: format = try Self.format(bytes)  // "fmt "
        case 0x6461_7461:  // "data"
            guard let format else { throw .noFormat }
            let isOpen = length == 0 || length == .max
            // The first sample.
            guard bytes.holds(2 * format.channels, at: 8), isOpen || Int(length) >= 2 * format.channels else {
                throw .noData
            }
            return WAVHeader(
                sampleRate: format.rate, channels: format.channels, dataOffset: position + 8,
                dataLength: isOpen ? nil : Int(length))
        default: break
        }
        // Chunks are padded to an even length.
        position += 8 + Int(length) + Int(length & 1)
        return nil
    }

    private static func format(_ bytes: Span<UInt8>) throws(WAVFault) -> (rate: Int, channels: Int) {
        guard let tag = bytes.uint16(at: 8)?.byteSwapped, let channels = bytes.uint16(at: 10)?.byteSwapped,
            let rate = bytes.uint32(at: 12)?.byteSwapped, let bits = bytes.uint16(at: 22)?.byteSwapped
        else { throw .noFormat }
        // 0xFFFE is an extended header, whose SubFormat begins with the tag: recorders write it for PCM too.
        let encoding = tag == 0xFFFE ? bytes.uint16(at: 32)?.byteSwapped : tag
        guard let encoding else { throw .noFormat }
        guard encoding == 1 else { throw .encoding(Int(encoding)) }
        guard bits == 16 else { throw .depth(bits: Int(bits)) }
        guard (1...2).contains(channels) else { throw .channels(Int(channels)) }
        guard (8_000...48_000).contains(rate) else { throw .rate(Int(rate)) }
        return (Int(rate), Int(channels))
    }
}
