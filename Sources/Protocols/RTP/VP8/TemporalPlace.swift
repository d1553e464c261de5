/// Where a frame stands in the temporal layers of its stream (RFC 7741 section 4.2, RFC 9628 section 4.2).
package struct TemporalPlace: Equatable, Sendable {
    /// TID: 0 is the layer that all others build upon.
    package var layer: UInt8
    /// How many the stream has: 1, or 3 in the order 0 2 1 2.
    package var layers: UInt8
    /// The Y bit: it is predicted from layer 0 alone, so that a receiver may begin with its layer here.
    package var isLayerSync: Bool
    /// The N bit: no other frame is predicted from it.
    package var isNonReference: Bool

    /// A frame of a stream without layers.
    package static let base = TemporalPlace(layer: 0)

    package init(layer: UInt8, of layers: UInt8 = 1, isLayerSync: Bool = false, isNonReference: Bool = false) {
        self.layer = layer & 3
        self.layers = layers
        self.isLayerSync = isLayerSync
        self.isNonReference = isNonReference
    }
}
