package import Pixels

/// The way from a camera's format to planar 4:2:0.
package enum PictureConversion: Equatable, Sendable {
    /// Rearranging what is YCbCr already.
    case layout(PictureLayout)
    /// Decoding JPEG pictures.
    case jpeg
    /// libv4lconvert; `bitsPerPixel` is the format's, without gaps between rows.
    case library(bitsPerPixel: Int)

    /// What it costs relative to the others: 4:2:0 is copied, 4:2:2 halved, JPEG decoded, the rest computed.
    var cost: Int {
        switch self {
        case .layout(.nv12), .layout(.nv21), .layout(.i420), .layout(.yv12): 0
        case .layout(.yuyv), .layout(.uyvy): 1
        case .jpeg: 2
        case .library: 3
        }
    }

    var isLibrary: Bool {
        if case .library = self { true } else { false }
    }
}
