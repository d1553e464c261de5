import Basis
import RTP

/// One participant's media on its way to one client, with the retransmissions and reports of that leg.
struct BridgeLane {
    let owner: String
    let audioSSRC: UInt32?
    let videoSSRC: UInt32?
    let videoName: String?
    var rtp: RTPSession
    /// Whether the client is to have the video.
    private(set) var isForwarding = false
    private var awaitsKeyframe = true

    /// The first audio and the first video source are forwarded: nobody here has more.
    init(owner: String, streams: [InboundSource], random: RandomSource, at now: MonotonicInstant) {
        self.owner = owner
        let audio = streams.first { $0.kind == .audio }
        let video = streams.first { $0.kind == .video }
        audioSSRC = audio?.ssrc
        videoSSRC = video?.ssrc
        videoName = video?.name
        // A packet that is sent again without RTX must not differ from itself: then it has no number to be stamped.
        rtp = RTPSession(
            configuration: BridgeFormat.configuration(cname: owner, stampsVideo: video?.rtxSSRC != nil),
            random: random, at: now)
        if let audio { rtp.setOutboundAudio(ssrc: audio.ssrc) }
        if let video { rtp.setOutboundVideo(ssrc: video.ssrc, rtxSSRC: video.rtxSSRC) }
    }

    func carries(_ streams: [InboundSource]) -> Bool {
        audioSSRC == streams.first { $0.kind == .audio }?.ssrc && videoSSRC == streams.first { $0.kind == .video }?.ssrc
    }

    /// True when a key frame is needed for it.
    mutating func setForwarding(_ isForwarding: Bool) -> Bool {
        guard isForwarding != self.isForwarding else { return false }
        self.isForwarding = isForwarding
        awaitsKeyframe = true
        return isForwarding
    }

    mutating func forwardVideo(_ frame: Span<UInt8>, timestamp: UInt32, isKeyframe: Bool, at now: MonotonicInstant) {
        guard isForwarding, isKeyframe || !awaitsKeyframe else { return }
        awaitsKeyframe = false
        rtp.sendVideo(frame, timestamp: timestamp, isKeyframe: isKeyframe, at: now)
    }

    /// True when the sender is to make a key frame.
    mutating func drainKeyframeRequests() -> Bool {
        var isWanted = false
        while let event = rtp.pollEvent() {
            if case .keyframeRequested = event { isWanted = isForwarding }
        }
        return isWanted
    }
}
