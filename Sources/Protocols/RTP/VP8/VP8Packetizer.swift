import Basis

/// Cuts encoded frames into payloads of one temporal layer, with everything in the descriptor that the bridge wants.
///
/// Its counters belong to the SSRC, not to the encoder: they run on through restarts and mutes.
struct VP8Packetizer: Sendable {
    /// What `descriptor(isFirst:)` writes: X, I with M, L and T.
    static let descriptorLength = 6

    private var pictureID: UInt16
    private var temporalLayerZeroIndex: UInt8

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

    func descriptor(isFirst: Bool) -> VP8PayloadDescriptor {
        VP8PayloadDescriptor(
            startsPartition: isFirst, pictureID: .init(value: pictureID, isExtended: true),
            temporalLayerZeroIndex: temporalLayerZeroIndex, temporalLayer: 0)
    }

    mutating func finishFrame() {
        pictureID = (pictureID &+ 1) & 0x7FFF
        temporalLayerZeroIndex &+= 1
    }
}
