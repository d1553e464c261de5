internal import Basis
internal import Devices

/// The pictures of a YUV4MPEG2 file in 4:2:0, one after the other for ever.
struct Y4MClip: ~Copyable {
    /// From the stream header: `YUV4MPEG2 W1280 H720 F30:1 Ip A1:1 C420jpeg` and a line feed.
    struct Header: Equatable {
        let size: PictureSize
        let rateNumerator: Int
        let rateDenominator: Int
        /// Bytes of the header, line feed included.
        let length: Int

        init?(_ bytes: Span<UInt8>) {
            guard let end = bytes.firstIndex(of: 0x0A), let line = bytes.bytes(at: 0, count: end) else { return nil }
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.first == "YUV4MPEG2" else { return nil }
            var (width, height, rate) = (0, 0, (30, 1))
            for word in words.dropFirst() {
                let value = word.dropFirst()
                switch word.first {
                case "W": width = Int(value) ?? 0
                case "H": height = Int(value) ?? 0
                case "F":
                    let parts = value.split(separator: ":").compactMap { Int($0) }
                    guard parts.count == 2, (1...1_000_000).contains(parts[0]), (1...1_000_000).contains(parts[1])
                    else { return nil }
                    rate = (parts[0], parts[1])
                case "C":
                    // Deeper samples are called 420p10 and so on; they take two bytes each.
                    guard value.hasPrefix("420"), !value.hasPrefix("420p") || value == "420paldv" else { return nil }
                default: break
                }
            }
            guard (16...7680).contains(width), (16...4320).contains(height) else { return nil }
            size = PictureSize(width: width, height: height)
            (rateNumerator, rateDenominator) = rate
            length = end + 1
        }
    }

    let header: Header
    private let file: ByteFile
    private var position: Int
    private var marker = [UInt8](repeating: 0, count: 128)
    private var picture: [UInt8]

    private init(file: consuming ByteFile, header: Header) {
        self.file = file
        self.header = header
        picture = [UInt8](repeating: 0, count: VideoFrame.byteCount(header.size))
        position = header.length
    }

    /// Opens a clip and reads its first picture, so that a cut-off file is refused before the call.
    static func checked(path: String) throws(DeviceError) -> Y4MClip {
        let file = try ByteFile.reading(path)
        var start = [UInt8](repeating: 0, count: 512)
        let count = try file.read(into: &start, at: 0)
        start.removeLast(start.count - count)
        guard let header = Header(start.span) else { throw unsuitable(path) }
        var clip = Y4MClip(file: file, header: header)
        try clip.readPicture()
        clip.position = header.length
        return clip
    }

    private static func unsuitable(_ path: String) -> DeviceError {
        DeviceError(
            "open", device: path,
            detail: "expected a YUV4MPEG2 clip (.y4m) with 8-bit 4:2:0 pictures (C420) and at least one whole frame",
            severity: .permanent)
    }

    /// Replaces the content of `frame`, which has the clip's size, by the next picture.
    mutating func read(into frame: inout VideoFrame) throws(DeviceError) {
        try readPicture()
        swap(&frame.storage, &picture)
    }

    private mutating func readPicture() throws(DeviceError) {
        // The end, or a last frame cut off: once more from the beginning.
        if try readPictureHere() { return }
        position = header.length
        guard try readPictureHere() else { throw Self.unsuitable(file.path) }
    }

    private mutating func readPictureHere() throws(DeviceError) -> Bool {
        let count = try file.read(into: &marker, at: position)
        guard count > 5, marker[..<5].elementsEqual("FRAME".utf8),
            let end = marker[..<count].firstIndex(of: 0x0A)
        else { return false }
        guard try file.read(into: &picture, at: position + end + 1) == picture.count else { return false }
        position += end + 1 + picture.count
        return true
    }
}

extension Span<UInt8> {
    func firstIndex(of byte: UInt8) -> Int? {
        indices.first { self[$0] == byte }
    }
}
