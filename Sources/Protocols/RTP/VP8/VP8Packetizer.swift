/// Cuts encoded frames into payloads, with everything in the descriptor that the bridge wants.
///
/// Its counters belong to the SSRC, not to the encoder: they run on through restarts and mutes.
struct VP8Packetizer: Sendable {
    /// What `descriptor(isFirst:)` writes: X, I with M, L and T.
    static let descriptorLength = 6

    private var counters: PictureCounters
    private var place = TemporalPlace.base

    init(_ counters: PictureCounters) {
        self.counters = counters
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
        counters.beginFrame(place)
    }

    func descriptor(isFirst: Bool) -> VP8PayloadDescriptor {
        VP8PayloadDescriptor(
            isNonReference: place.isNonReference, startsPartition: isFirst,
            pictureID: .init(value: counters.pictureID, isExtended: true),
            temporalLayerZeroIndex: counters.temporalLayerZeroIndex,
            temporalLayer: place.layer, isLayerSync: place.isLayerSync)
    }
}
