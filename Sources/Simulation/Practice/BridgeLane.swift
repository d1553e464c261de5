import Basis
import RTP

/// One participant's media on its way to one client, with the retransmissions and reports of that leg.
///
/// Of a camera that is sent in several sizes, one goes on: the largest that comes and is not larger than what the client
/// asked for. From one to another it goes at a key frame.
struct BridgeLane {
    /// A size that brings no picture for so long is off.
    private static let layerPatience = Duration.seconds(1)
    private static let requestSpacing = Duration.milliseconds(500)

    let owner: String
    let audioSSRC: UInt32?
    let videoSSRC: UInt32?
    let videoName: String?
    var rtp: RTPSession
    /// The SSRCs of the camera from low to high, and when each brought a picture last.
    private let layers: [UInt32]
    private var seen: [MonotonicInstant?]
    private var current = 0
    /// The size that the client wants, as a place in `layers`.
    private var wanted = 0
    private var askedAt: MonotonicInstant?
    /// Whether the client is to have the video.
    private(set) var isForwarding = false
    private var awaitsKeyframe = true

    /// The first audio and the first video source are forwarded: nobody here has more.
    init(owner: String, set: SourceSet, random: RandomSource, at now: MonotonicInstant) {
        self.owner = owner
        let streams = set.streams
        let audio = streams.first { $0.kind == .audio }
        let video = streams.first { $0.kind == .video }
        audioSSRC = audio?.ssrc
        videoSSRC = video?.ssrc
        videoName = video?.name
        layers = video.map { set.layers(of: $0.ssrc) } ?? []
        seen = [MonotonicInstant?](repeating: nil, count: layers.count)
        // A packet that is sent again without RTX must not differ from itself: then it has no number to be stamped.
        rtp = RTPSession(
            configuration: BridgeFormat.configuration(cname: owner, stampsVideo: video?.rtxSSRC != nil),
            random: random, at: now)
        if let audio { rtp.setOutboundAudio(ssrc: audio.ssrc) }
        if let video { rtp.setOutboundVideo(ssrc: video.ssrc, rtxSSRC: video.rtxSSRC) }
    }

    func carries(_ set: SourceSet) -> Bool {
        let streams = set.streams
        let video = streams.first { $0.kind == .video }?.ssrc
        return audioSSRC == streams.first { $0.kind == .audio }?.ssrc && videoSSRC == video
            && layers == video.map { set.layers(of: $0) } ?? []
    }

    func hasLayer(_ ssrc: UInt32) -> Bool { layers.contains(ssrc) }

    /// The SSRC of which a key frame helps the client.
    var requestedSSRC: UInt32? { layers.indices.contains(current) ? layers[current] : videoSSRC }

    /// True when a key frame is needed for it.
    /// - Parameter height: of what the client wants; the layers are taken to be 180, 360 and 720 high.
    mutating func setForwarding(_ isForwarding: Bool, height: Int) -> Bool {
        wanted = min(max(0, layers.count - 1), height >= 720 ? 2 : height >= 360 ? 1 : 0)
        guard isForwarding != self.isForwarding else { return false }
        self.isForwarding = isForwarding
        awaitsKeyframe = true
        return isForwarding
    }

    /// Passes a picture on, or notes that its layer comes. Returns the SSRC of which a key frame is to be asked for.
    mutating func forwardVideo(
        _ frame: Span<UInt8>, codec: VideoCodec, ssrc: UInt32, timestamp: UInt32, isKeyframe: Bool,
        at now: MonotonicInstant
    ) -> UInt32? {
        guard let layer = layers.firstIndex(of: ssrc) else { return nil }
        seen[layer] = now
        guard isForwarding else { return nil }
        let coming = layers.indices.filter { seen[$0].map { now - $0 < Self.layerPatience } ?? false }
        let target = coming.last { $0 <= wanted } ?? coming.first ?? layer
        if target != current, layer == target {
            guard isKeyframe else { return shouldAsk(at: now) ? ssrc : nil }
            current = target
            awaitsKeyframe = true
        }
        guard layer == current, isKeyframe || !awaitsKeyframe else { return nil }
        awaitsKeyframe = false
        rtp.sendVideo(frame, codec: codec, timestamp: timestamp, isKeyframe: isKeyframe, at: now)
        return nil
    }

    private mutating func shouldAsk(at now: MonotonicInstant) -> Bool {
        if let askedAt, now - askedAt < Self.requestSpacing { return false }
        askedAt = now
        return true
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
