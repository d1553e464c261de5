/// Puts the descriptor before the parts of encoded VP9 frames: one spatial layer, non-flexible mode, the order of the temporal
/// layers in the scalability structure of each key frame.
///
/// Its counters belong to the SSRC, not to the encoder: they run on through restarts and mutes.
struct VP9Packetizer: Sendable {
    /// The longest that `descriptor` writes: with the structure in the first packet of a key frame, and without it.
    static func descriptorLength(isKeyframe: Bool) -> Int {
        isKeyframe ? 5 + 1 + 4 + 1 + group.reduce(0) { $0 + 1 + $1.references.count } : 5
    }

    /// The order 0 2 1 2: each picture is predicted from the last of layer 0, and the last of all also from that of layer 1.
    private static let group: [VP9ScalabilityStructure.Picture] = [
        .init(temporalLayer: 0, isSwitchingUpPoint: true, references: [4]),
        .init(temporalLayer: 2, isSwitchingUpPoint: true, references: [1]),
        .init(temporalLayer: 1, isSwitchingUpPoint: true, references: [2]),
        .init(temporalLayer: 2, isSwitchingUpPoint: true, references: [1, 3]),
    ]
    /// One layer: each picture is predicted from the one before.
    private static let plainGroup: [VP9ScalabilityStructure.Picture] = [
        .init(temporalLayer: 0, isSwitchingUpPoint: true, references: [1])
    ]

    private var counters: PictureCounters
    private var place = TemporalPlace.base
    private var isKeyframe = false
    private var structure: VP9ScalabilityStructure?

    init(_ counters: PictureCounters) {
        self.counters = counters
    }

    /// The next frame's packets follow.
    mutating func beginFrame(_ frame: Span<UInt8>, _ place: TemporalPlace, isKeyframe: Bool) {
        self.place = place
        self.isKeyframe = isKeyframe
        structure = isKeyframe ? Self.structure(of: frame, place) : nil
        counters.beginFrame(place)
    }

    func descriptor(isFirst: Bool, isLast: Bool) -> VP9PayloadDescriptor {
        VP9PayloadDescriptor(
            pictureID: .init(value: counters.pictureID, isExtended: true), isInterPicturePredicted: !isKeyframe,
            startsFrame: isFirst, endsFrame: isLast, isNotReferenceForUpperLayers: true,
            layers: .init(temporal: place.layer, isSwitchingUpPoint: true),
            temporalLayerZeroIndex: counters.temporalLayerZeroIndex, structure: isFirst ? structure : nil)
    }

    private static func structure(of frame: Span<UInt8>, _ place: TemporalPlace) -> VP9ScalabilityStructure? {
        guard let header = VP9FrameHeader.parse(frame), header.isKeyframe else { return nil }
        return VP9ScalabilityStructure(
            sizes: [.init(width: UInt16(clamping: header.width), height: UInt16(clamping: header.height))],
            group: place.layers > 1 ? group : plainGroup)
    }
}
