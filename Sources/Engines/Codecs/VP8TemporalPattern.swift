internal import CVPX

/// Where a compressed frame stands in the temporal layers of its stream.
package struct VP8TemporalPlace: Equatable, Sendable {
    /// 0…2: leaving out 2 halves the rate of pictures, leaving out 1 and 2 quarters it.
    package let layer: Int
    /// Predicted from layer 0 alone.
    package let isLayerSync: Bool
    /// Nothing is predicted from it.
    package let isNonReference: Bool

    /// A frame of the base layer, which every other may refer to.
    package static let base = VP8TemporalPlace(layer: 0, isLayerSync: false, isNonReference: false)
}

/// Three temporal layers in the order 0 2 1 2, as browsers send them.
///
/// Layer 0 lives in the buffer of the last frame, layer 1 in the golden one; the entropy contexts are those of layer 0, so
/// that a decoder which never sees the rest reads it all the same.
struct VP8TemporalPattern {
    private static let onlyLast = VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF
    private static let keepsNothing =
        VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY

    private var position = 0

    /// Where the next frame stands, unless it becomes a key frame.
    var place: VP8TemporalPlace {
        switch position {
        case 1: VP8TemporalPlace(layer: 2, isLayerSync: true, isNonReference: true)
        case 2: VP8TemporalPlace(layer: 1, isLayerSync: true, isNonReference: false)
        case 3: VP8TemporalPlace(layer: 2, isLayerSync: false, isNonReference: true)
        default: .base
        }
    }

    /// What the encoder is told of it.
    var flags: Int32 {
        switch position {
        case 1: Self.onlyLast | Self.keepsNothing
        case 2:
            Self.onlyLast | VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY
        case 3: VP8_EFLAG_NO_REF_ARF | Self.keepsNothing
        default: Self.onlyLast | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF
        }
    }

    /// The next frame is to stand alone, or did.
    mutating func restart() { position = 0 }

    mutating func advance() { position = (position + 1) % 4 }
}
