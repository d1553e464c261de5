internal import CTurboJPEG
package import Devices

/// Decodes JPEG pictures (motion JPEG of cameras and clips) to I420 in video range.
///
/// JPEG holds 0–255 values (JFIF); encoders and screens of this client expect 16–235 (ITU-R BT.601), so that the values
/// are brought there on the way.
package struct JPEGDecoder: ~Copyable {
    /// Whether the last picture had wrong or missing data inside and shows it. Stray bytes between markers are no damage.
    package private(set) var isDamaged = false
    private let context: tjhandle
    private var planes: [UInt8] = []

    package init() throws(CodecError) {
        guard let context = tjInitDecompress() else { throw .unavailable(codec: "JPEG", code: -1) }
        self.init(context: context)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(context: tjhandle) {
        self.context = context
    }

    deinit {
        tjDestroy(context)
    }

    /// - Returns: the picture, or nil when `pool` has no buffer left.
    package mutating func decode(_ bytes: Span<UInt8>, pool: FramePool) throws(CodecError) -> VideoFrame? {
        let context = self.context
        var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let header = bytes.withUnsafeBufferPointer { input in
            tjDecompressHeader3(
                context, input.baseAddress, UInt(input.count), &width, &height, &sampling, &colours)
        }
        guard header == 0, let layout = ChromaLayout(sampling: sampling),
            colours == Int32(TJCS_YCbCr.rawValue) || colours == Int32(TJCS_GRAY.rawValue)
        else { throw .malformed }
        guard (2...4096).contains(width), (2...4096).contains(height),
            Int(width) * Int(height) <= LibVPXDecoder.largestArea
        else { throw .unsupportedSize(width: Int(width), height: Int(height)) }
        let size = PictureSize(width: Int(width), height: Int(height))
        let strides = (0..<3).map { $0 == 0 || layout != .grey ? Int(tjPlaneWidth(Int32($0), width, sampling)) : 0 }
        let heights = (0..<3).map { $0 == 0 || layout != .grey ? Int(tjPlaneHeight(Int32($0), height, sampling)) : 0 }
        guard strides.allSatisfy({ $0 >= 0 }), heights.allSatisfy({ $0 >= 0 }) else { throw .malformed }
        let offsets = [0, strides[0] * heights[0], strides[0] * heights[0] + strides[1] * heights[1]]
        planes.resize(to: offsets[2] + strides[2] * heights[2])
        let status = bytes.withUnsafeBufferPointer { input in
            planes.withUnsafeMutableBufferPointer { output -> Int32 in
                guard let base = output.baseAddress else { return -1 }
                var pointers: [UnsafeMutablePointer<UInt8>?] = [base, base + offsets[1], base + offsets[2]]
                var rowBytes = strides.map { Int32($0) }
                return tjDecompressToYUVPlanes(
                    context, input.baseAddress, UInt(input.count), &pointers, width, &rowBytes, height,
                    TJFLAG_FASTDCT)
            }
        }
        // A warning leaves a usable picture: many cameras put stray bytes between markers.
        guard status == 0 || tjGetErrorCode(context) == Int32(TJERR_WARNING.rawValue) else { throw .malformed }
        isDamaged = status != 0 && Self.tellsOfDamage(tjGetErrorStr2(context))
        guard var frame = pool.frame(size: size) else { return nil }
        let (chromaStride, chromaHeight) = (frame.chromaStride, frame.chromaHeight)
        let targets = [frame.uOffset, frame.vOffset]
        planes.withUnsafeBufferPointer { input in
            frame.storage.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                for row in 0..<size.height {
                    let (source, target) = (from + row * strides[0], to + row * size.width)
                    for column in 0..<size.width { target[column] = UInt8((UInt16(source[column]) * 220) >> 8) + 16 }
                }
                for plane in 1...2 {
                    let target = to + targets[plane - 1]
                    guard layout != .grey else {
                        target.update(repeating: 128, count: chromaStride * chromaHeight)
                        continue
                    }
                    let source = ChromaPlane(
                        samples: from + offsets[plane], stride: strides[plane], width: strides[plane],
                        height: heights[plane])
                    for row in 0..<chromaHeight {
                        source.reduce(row: row, layout: layout, into: target + row * chromaStride, width: chromaStride)
                    }
                }
            }
        }
        return frame
    }

    /// Reads the library's last warning (libjpeg's jerror.h, JWRN_HUFF_BAD_CODE, JWRN_HIT_MARKER, JWRN_MUST_RESYNC): it has
    /// no numbers for them.
    private static func tellsOfDamage(_ warning: UnsafeMutablePointer<CChar>?) -> Bool {
        guard let warning else { return false }
        let text = String(cString: warning)
        return ["bad Huffman code", "premature end of data", "instead of RST"].contains { text.contains($0) }
    }
}

/// How many luma samples one chroma sample stands for, across and down.
private enum ChromaLayout {
    case grey, s444, s422, s420, s440, s411

    init?(sampling: Int32) {
        switch TJSAMP(rawValue: UInt32(bitPattern: sampling)) {
        case TJSAMP_GRAY: self = .grey
        case TJSAMP_444: self = .s444
        case TJSAMP_422: self = .s422
        case TJSAMP_420: self = .s420
        case TJSAMP_440: self = .s440
        case TJSAMP_411: self = .s411
        default: return nil
        }
    }

    var halvesRows: Bool { self == .s444 || self == .s422 || self == .s411 }
}

private struct ChromaPlane {
    let samples: UnsafePointer<UInt8>
    let stride: Int
    let width: Int
    let height: Int

    /// Writes one row of the 4:2:0 plane, averaging what lies denser in the source.
    func reduce(row: Int, layout: ChromaLayout, into target: UnsafeMutablePointer<UInt8>, width targetWidth: Int) {
        let upper = samples + min(layout.halvesRows ? 2 * row : row, height - 1) * stride
        let lower = samples + min(layout.halvesRows ? 2 * row + 1 : row, height - 1) * stride
        switch layout {
        case .s422, .s420:
            for column in 0..<min(targetWidth, width) {
                target[column] = Self.videoRange((UInt16(upper[column]) + UInt16(lower[column]) + 1) >> 1)
            }
        case .s444, .s440:
            for column in 0..<targetWidth {
                let (left, right) = (min(2 * column, width - 1), min(2 * column + 1, width - 1))
                let sum = UInt16(upper[left]) + UInt16(upper[right]) + UInt16(lower[left]) + UInt16(lower[right])
                target[column] = Self.videoRange((sum + 2) >> 2)
            }
        case .s411, .grey:
            for column in 0..<targetWidth {
                let source = min(column / 2, width - 1)
                target[column] = Self.videoRange((UInt16(upper[source]) + UInt16(lower[source]) + 1) >> 1)
            }
        }
    }

    private static func videoRange(_ value: UInt16) -> UInt8 {
        UInt8((value * 225) >> 8) + 16
    }
}
