internal import Basis
internal import RTP

/// The SSRCs of one media session of ours: random ones that nobody in the conference uses.
struct OwnSSRCs: Equatable {
    let audio: UInt32
    /// From low to high.
    let video: [OutboundVideo]

    init(videoLayers: Int, hasRTX: Bool, avoiding taken: Set<UInt32>, random: inout RandomSource) {
        var taken = taken
        func draw() -> UInt32 {
            while true {
                let ssrc = UInt32.random(in: 1...UInt32.max, using: &random)
                if taken.insert(ssrc).inserted { return ssrc }
            }
        }
        audio = draw()
        var layers: [OutboundVideo] = []
        for _ in 0..<videoLayers {
            let ssrc = draw()
            layers.append(OutboundVideo(ssrc: ssrc, rtxSSRC: hasRTX ? draw() : nil))
        }
        video = layers
    }
}
