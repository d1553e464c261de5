import Basis

/// How the pictures of a stream are counted for the bridge, in VP8 and VP9 alike (RFC 7741 and RFC 9628, section 4.2).
struct PictureCounters: Sendable {
    /// PictureID, of 15 bits.
    private(set) var pictureID: UInt16
    /// TL0PICIDX: of the last frame of temporal layer 0.
    private(set) var temporalLayerZeroIndex: UInt8

    init(random: inout RandomSource) {
        pictureID = UInt16.random(in: 0...0x7FFF, using: &random)
        temporalLayerZeroIndex = UInt8.random(in: 0...255, using: &random)
    }

    mutating func beginFrame(_ place: TemporalPlace) {
        pictureID = (pictureID &+ 1) & 0x7FFF
        if place.layer == 0 { temporalLayerZeroIndex &+= 1 }
    }
}
