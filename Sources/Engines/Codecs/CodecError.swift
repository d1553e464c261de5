/// Why a codec gave nothing back.
package enum CodecError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The library could not make or set up a context; `code` is the library's.
    case unavailable(codec: String, code: Int)
    /// The library refused an input of ours; `code` is the library's.
    case refused(codec: String, code: Int)
    /// The bytes are not a frame of this codec, or a damaged one.
    case malformed
    /// The picture is empty or larger than this client ever decodes.
    case unsupportedSize(width: Int, height: Int)
    /// All decoders together hold as much memory as they may; this picture would be too much.
    case outOfMemory(width: Int, height: Int)
    /// A predicted frame came where only a key frame can be decoded.
    case needsKeyframe

    package var description: String {
        switch self {
        case .unavailable(let codec, let code): "\(codec) is unavailable (\(code))"
        case .refused(let codec, let code): "\(codec) refused its input (\(code))"
        case .malformed: "the bytes are not a whole frame"
        case .unsupportedSize(let width, let height): "a picture of \(width)x\(height) is not supported"
        case .outOfMemory(let width, let height): "there is no memory left for a picture of \(width)x\(height)"
        case .needsKeyframe: "a key frame is needed first"
        }
    }
}
