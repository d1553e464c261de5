import Basis

/// Cuts encoded frames into payloads, with everything in the descriptor that the bridge wants.
///
/// Its counters belong to the SSRC, not to the encoder: they run on through restarts and mutes.
struct VP8Packetizer: Sendable {
    /// What `descriptor(isFirst:)` writes: X, I with M, L and T.
    static let descriptorLength = 6

    private var pictureID: UInt16
    /// TL0PICIDX: of the last frame of temporal layer 0.
    private var temporalLayerZeroIndex: UInt8
    private var place = TemporalPlace.base

    init(random: inout RandomSource) {
        pictureID = UInt16.random(in: 0...0x7FFF, using: &random)
        temporalLayerZeroIndex = UInt8.random(in: 0...255, using: &random)
    }

    /// How many payloads of at most `maximum` bytes a frame needs.
    static func packetCount(frameLength: Int, maximum: Int) -> Int {
        (frameLength + maximum - 1) / maximum
    }

    /// The part of the frame in packet `index` of `count`: parts of even size, so that no tiny last packet arises.
    static func part(_ index: Int, of count: Int, frameLength: Int) -> Range<Int> {
        frameLength * index / count..<frameLength * (index + 1) / count
    }

    /// The next frame's packets follow.
    mutating func beginFrame(_ place: TemporalPlace) {
        self.place = place
        pictureID = (pictureID &+ 1) & 0x7FFF
        if place.layer == 0 { temporalLayerZeroIndex &+= 1 }
    }

    func descriptor(isFirst: Bool) -> VP8PayloadDescriptor {
        VP8PayloadDescriptor(
            isNonReference: place.isNonReference, startsPartition: isFirst,
            pictureID: .init(value: pictureID, isExtended: true), temporalLayerZeroIndex: temporalLayerZeroIndex,
            temporalLayer: place.layer, isLayerSync: place.isLayerSync)
    }
}
