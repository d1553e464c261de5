internal import Basis
internal import Codecs
internal import Devices

/// The pictures of a file of JPEG pictures in a row, one after the other for ever.
struct MJPEGClip: ~Copyable {
    private static let chunkSize = 65_536
    private static let largestPicture = 8 << 20

    private let file: ByteFile
    private var decoder: JPEGDecoder
    private var position = 0
    private var chunk = [UInt8](repeating: 0, count: chunkSize)
    /// What is read and not yet decoded.
    private var pending: [UInt8] = []

    private init(path: String) throws(DeviceError) {
        let file = try ByteFile.reading(path)
        let decoder: JPEGDecoder
        do throws(CodecError) {
            decoder = try JPEGDecoder()
        } catch {
            throw DeviceError("open", device: path, detail: error.description, severity: .permanent)
        }
        self.init(file: file, decoder: decoder)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(file: consuming ByteFile, decoder: consuming JPEGDecoder) {
        self.file = file
        self.decoder = decoder
    }

    /// Opens a clip and decodes its first picture, so that an unsuitable file is refused before the call.
    static func checked(path: String) throws(DeviceError) -> MJPEGClip {
        var clip = try MJPEGClip(path: path)
        let picture = try clip.nextFrame(pool: FramePool(capacity: 1))
        guard picture != nil else { throw unsuitable(path) }
        clip.rewind()
        return clip
    }

    private static func unsuitable(_ path: String) -> DeviceError {
        DeviceError(
            "open", device: path,
            detail: "expected a motion-JPEG clip (.mjpeg): JPEG pictures of at most 4096x2304, of which it has none",
            severity: .permanent)
    }

    /// The next picture; nil when `pool` has no buffer. What lies between pictures, and pictures that are damaged, are
    /// passed over; a whole round without a picture is an error.
    mutating func nextFrame(pool: FramePool) throws(DeviceError) -> VideoFrame? {
        var rewinds = 0
        while true {
            drop(MotionJPEG.startOfPicture(in: pending.span))
            switch MotionJPEG.picture(in: pending.span) {
            case .whole(let range):
                let picture = Array(pending[range])
                drop(range.upperBound)
                do throws(CodecError) {
                    return try decoder.decode(picture.span, pool: pool)
                } catch {
                    continue
                }
            case .damaged: drop(MotionJPEG.introducerLength)
            case .incomplete:
                // No picture is that long: it is not the beginning of one.
                guard pending.count < Self.largestPicture else {
                    drop(MotionJPEG.introducerLength)
                    continue
                }
                let count = try file.read(into: &chunk, at: position)
                position += count
                pending.append(contentsOf: chunk[..<count])
                guard count == 0 else { continue }
                // The end. A last picture cut off may hold what only looked like its beginning.
                if pending.count > MotionJPEG.introducerLength {
                    drop(MotionJPEG.introducerLength)
                    continue
                }
                rewinds += 1
                guard rewinds < 2 else { throw Self.unsuitable(file.path) }
                rewind()
            }
        }
    }

    private mutating func drop(_ count: Int) {
        if count > 0 { pending.removeFirst(min(count, pending.count)) }
    }

    private mutating func rewind() {
        position = 0
        pending.removeAll(keepingCapacity: true)
    }
}

/// Finds the borders of JPEG pictures (ITU-T T.81 annex B) without decoding them.
enum MotionJPEG {
    enum Outcome: Equatable {
        case whole(Range<Int>)
        case incomplete
        case damaged
    }

    /// Of the marker that a picture begins with.
    static let introducerLength = 2

    /// Where the next picture may begin (SOI, FF D8): the length of what lies before it. A lone FF at the end is kept.
    static func startOfPicture(in bytes: Span<UInt8>) -> Int {
        for offset in bytes.indices where bytes[offset] == 0xFF {
            guard let next = bytes.uint8(at: offset + 1) else { return offset }
            if next == 0xD8 { return offset }
        }
        return bytes.count
    }

    /// The first picture in `bytes`, which begin with it.
    static func picture(in bytes: Span<UInt8>) -> Outcome {
        guard let start = bytes.uint16(at: 0) else { return .incomplete }
        guard start == 0xFFD8 else { return .damaged }
        var offset = 2
        while let introducer = bytes.uint8(at: offset) {
            guard introducer == 0xFF else { return .damaged }
            guard let marker = bytes.uint8(at: offset + 1) else { return .incomplete }
            switch marker {
            case 0xFF: offset += 1
            case 0xD9: return .whole(0..<offset + 2)
            case 0x01, 0xD0...0xD7: offset += 2
            case 0x00, 0xD8: return .damaged
            default:
                guard let length = bytes.uint16(at: offset + 2) else { return .incomplete }
                guard length >= 2 else { return .damaged }
                offset += 2 + Int(length)
                guard marker == 0xDA else { continue }
                guard let end = endOfScan(bytes, from: offset) else { return .incomplete }
                offset = end
            }
        }
        return .incomplete
    }

    /// Where the marker after the entropy-coded data begins; a 0xFF in the data is followed by 0 or a restart marker.
    private static func endOfScan(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var offset = start
        while offset + 1 < bytes.count {
            if bytes[offset] == 0xFF {
                let next = bytes[offset + 1]
                guard next == 0 || next == 0xFF || (0xD0...0xD7).contains(next) else { return offset }
                offset += next == 0xFF ? 1 : 2
            } else {
                offset += 1
            }
        }
        return nil
    }
}
