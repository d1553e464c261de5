internal import Codecs
internal import Devices
internal import Pixels

/// What became of the bytes of one picture.
enum Conversion: ~Copyable {
    case picture(VideoFrame)
    /// The bytes are no whole picture.
    case corrupt
    /// The pool has no buffer left.
    case noRoom
}

/// Brings a camera's pictures, in the format that it said it would deliver, to planar 4:2:0.
struct PictureConverter: ~Copyable {
    private let size: PictureSize
    private let stride: Int
    private let layout: PictureLayout?
    private var jpeg: JPEGDecoder?
    /// For pictures without Huffman tables: a decoder uses the tables of an earlier picture where one has none, and the
    /// usual ones (ISO/IEC 10918-1 annex K.3) only if it never saw any.
    private var bareJPEG: JPEGDecoder?
    private let library: LibraryConverter?
    private var hasSeenEndOfImage = false
    private var hasSeenUndamaged = false

    /// Nil when nothing here reads `format`, or when no such picture can be.
    init?(format: VideoFormat) {
        let size = PictureSize(width: Int(clamping: format.width), height: Int(clamping: format.height))
        guard (16...4_096).contains(size.width), (16...4_096).contains(size.height) else { return nil }
        var stride = Int(clamping: format.bytesPerLine)
        var layout: PictureLayout?
        var jpeg: JPEGDecoder?
        var library: LibraryConverter?
        switch format.format.conversion {
        case .layout(let known):
            // Some drivers leave the field empty.
            if stride == 0 { stride = known.rowBytes(width: size.width) }
            guard known.byteCount(of: size, stride: stride) != nil else { return nil }
            layout = known
        case .jpeg:
            guard let decoder = try? JPEGDecoder() else { return nil }
            jpeg = consume decoder
        case .library(let bits):
            library = LibraryConverter(format: format, bitsPerPixel: bits)
            guard library != nil else { return nil }
        case nil:
            return nil
        }
        self.init(size: size, stride: stride, layout: layout, jpeg: jpeg, library: library)
    }

    // Apart from what can fail: Swift 6.2 miscompiles a failable initializer of a non-copyable type whose properties have
    // initial values.
    private init(
        size: PictureSize, stride: Int, layout: PictureLayout?, jpeg: consuming JPEGDecoder?,
        library: consuming LibraryConverter?
    ) {
        self.size = size
        self.stride = stride
        self.layout = layout
        self.jpeg = jpeg
        self.library = library
    }

    /// - Parameter bytes: what the camera filled of its buffer, and not a byte more.
    mutating func convert(_ bytes: UnsafeMutableBufferPointer<UInt8>, pool: FramePool) -> Conversion {
        if jpeg != nil { return decode(UnsafeBufferPointer(bytes), pool: pool) }
        guard var frame = pool.frame(size: size) else { return .noRoom }
        let isWhole =
            if let layout {
                Pixels.unpack(UnsafeBufferPointer(bytes).span, layout: layout, stride: stride, into: &frame)
            } else {
                library?.convert(bytes, into: &frame) ?? false
            }
        if isWhole { return .picture(frame) }
        return .corrupt
    }

    private mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>, pool: FramePool) -> Conversion {
        // A picture cut off in the middle still decodes, its rest grey. Only a camera that ends its pictures properly
        // can be told that one of them has no end.
        if Self.hasEndOfImage(bytes) {
            hasSeenEndOfImage = true
        } else if hasSeenEndOfImage {
            return .corrupt
        }
        do throws(CodecError) {
            if Self.hasHuffmanTables(bytes) {
                guard let frame = try jpeg?.decode(bytes.span, pool: pool) else { return .noRoom }
                return judged(frame, isDamaged: jpeg?.isDamaged ?? false)
            }
            if bareJPEG == nil { bareJPEG = try JPEGDecoder() }
            guard let frame = try bareJPEG?.decode(bytes.span, pool: pool) else { return .noRoom }
            return judged(frame, isDamaged: bareJPEG?.isDamaged ?? false)
        } catch {
            return .corrupt
        }
    }

    /// A camera whose pictures never were without damage is shown as it is.
    private mutating func judged(_ frame: consuming VideoFrame, isDamaged: Bool) -> Conversion {
        if isDamaged, hasSeenUndamaged { return .corrupt }
        if !isDamaged { hasSeenUndamaged = true }
        return .picture(frame)
    }

    /// Whether there is a segment DHT before the scan.
    private static func hasHuffmanTables(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 2
        while index + 3 < bytes.count, bytes[index] == 0xFF {
            switch bytes[index + 1] {
            case 0xC4: return true
            case 0xDA: return false
            // Markers may be padded by any number of these.
            case 0xFF: index += 1
            default: index += 2 + Int(bytes[index + 2]) << 8 + Int(bytes[index + 3])
            }
        }
        return true
    }

    /// Whether the marker EOI (ISO/IEC 10918-1 section B.1.1.3) is there; cameras put padding behind it.
    private static func hasEndOfImage(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = bytes.count - 1
        while index > 0 {
            if bytes[index] == 0xD9, bytes[index - 1] == 0xFF { return true }
            index -= 1
        }
        return false
    }
}
