internal import Pixels

/// A pixel format's code, as in `V4L2_PIX_FMT_…` of linux/videodev2.h: four characters, the first in the low byte.
package struct FourCC: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The first four characters of `text`.
    package init(_ text: StaticString) {
        rawValue = text.withUTF8Buffer { bytes in
            bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    package static let motionJPEG = FourCC("MJPG")
    package static let jpeg = FourCC("JPEG")
    package static let yuyv = FourCC("YUYV")
    package static let nv12 = FourCC("NV12")
    package static let yuv420 = FourCC("YU12")

    /// The four characters, blanks cut off; a byte that is no printable ASCII shows as a dot.
    package var description: String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> ($0 * 8)) }
        let text = String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : 0x2E }, as: UTF8.self)
        return String(text.reversed().drop { $0 == " " }.reversed())
    }

    /// How a picture of this format becomes planar 4:2:0; nil when nothing here can read it.
    package var conversion: PictureConversion? {
        switch self {
        case .motionJPEG, .jpeg: .jpeg
        case .yuyv: .layout(.yuyv)
        case FourCC("UYVY"): .layout(.uyvy)
        case .nv12: .layout(.nv12)
        case FourCC("NV21"): .layout(.nv21)
        case .yuv420: .layout(.i420)
        case FourCC("YV12"): .layout(.yv12)
        default: oddBitsPerPixel.map { .library(bitsPerPixel: $0) }
        }
    }

    /// The uncompressed formats in one plane that libv4lconvert reads and nothing else here does. Its decoders of the
    /// vendors' own compressions are left out: several read on behind the end of a damaged picture.
    private var oddBitsPerPixel: Int? {
        switch self {
        case FourCC("GREY"), FourCC("BA81"), FourCC("GBRG"), FourCC("GRBG"), FourCC("RGGB"): 8
        case FourCC("YVYU"), FourCC("RGBP"), FourCC("Y16 "): 16
        case FourCC("BG10"), FourCC("GB10"), FourCC("BA10"), FourCC("RG10"): 16
        case FourCC("RGB3"), FourCC("BGR3"): 24
        case FourCC("RGB4"), FourCC("BGR4"), FourCC("BX24"), FourCC("XR24"), FourCC("BA24"), FourCC("AR24"): 32
        default: nil
        }
    }
}
