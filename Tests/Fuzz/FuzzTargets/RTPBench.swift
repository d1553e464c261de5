import Basis
import RTP

/// A session with one source of each kind, in both directions, whose packets are looked at as they leave.
struct RTPBench {
    static let audioSSRC: UInt32 = 3001
    static let videoSSRC: UInt32 = 4001
    static let rtxSSRC: UInt32 = 4002
    static let ownAudioSSRC: UInt32 = 5001
    static let ownVideoSSRC: UInt32 = 5002
    static let configuration = RTPSessionConfiguration(
        cname: "fuzz", audioExtensions: RTPExtensionMap(audioLevel: 1, transportWideCC: 5),
        videoExtensions: RTPExtensionMap(transportWideCC: 5, absSendTime: 3), opusPayloadType: 111,
        vp8PayloadType: 100, rtxPayloadType: 96, redPayloadType: 112,
        vp9PayloadType: 101, vp9RTXPayloadType: 97, ntpOffset: .seconds(3_900_000_000))

    private(set) var session: RTPSession
    private(set) var now = MonotonicInstant.zero + .seconds(1)
    private var buffer: [UInt8] = []

    init() {
        session = RTPSession(configuration: Self.configuration, random: RandomSource(seed: 1), at: now)
        session.addInbound(InboundSource(name: "a-a0", kind: .audio, ssrc: Self.audioSSRC), at: now)
        session.addInbound(
            InboundSource(name: "a-v0", kind: .video, ssrc: Self.videoSSRC, rtxSSRC: Self.rtxSSRC), at: now)
        session.setOutboundAudio(ssrc: Self.ownAudioSSRC)
        session.setOutboundVideo(ssrc: Self.ownVideoSSRC, rtxSSRC: 5003)
    }

    /// One that has sent a few packets, which the peer may ask for again.
    static let sending: RTPBench = {
        var bench = RTPBench()
        for index in 0..<4 {
            let frame = [UInt8](repeating: 1, count: 3_000)
            bench.session.sendVideo(
                frame.span, timestamp: UInt32(index) * 3_000, isKeyframe: index == 0, at: bench.now)
            bench.session.sendAudio([1, 2, 3].span, timestamp: 960, level: 30, marker: false, at: bench.now)
            bench.now += .milliseconds(200)
            while bench.session.pollPacket(into: &bench.buffer) != nil {}
        }
        return bench
    }()

    mutating func receiveRTP(_ packet: [UInt8]) throws(BrokenProperty) {
        let result = session.receiveRTP(packet.span, at: now)
        if case .audio(let ssrc, _, _, let payload, let level) = result {
            try check(ssrc == Self.audioSSRC, "RTP: audio of the known source")
            try check(payload.lowerBound >= 12 && payload.upperBound <= packet.count, "RTP: payload in the packet")
            try check((level ?? 0) < 128, "RTP: seven bits of level")
        }
        if case .redundantAudio(_, _, _, let payload, _) = result {
            let parts = RedundantAudio(packet.span.extracting(payload))
            _ = try demand(parts, "RTP: what is told to have copies can be taken apart")
        }
        try drain()
    }

    mutating func receiveRTCP(_ packet: [UInt8]) throws(BrokenProperty) {
        session.receiveRTCP(packet.span, at: now)
        try drain()
    }

    /// Waits, waking whenever the session asks for it.
    mutating func wait(_ pause: Duration) throws(BrokenProperty) {
        let end = now + pause
        for _ in 0..<50 {
            guard let next = session.soonest.instant, next <= end else { break }
            now = max(now, next)
            session.advance(to: now)
            try drain()
        }
        now = max(now, end)
        session.advance(to: now)
        try drain()
    }

    private mutating func drain() throws(BrokenProperty) {
        while let kind = session.pollPacket(into: &buffer) {
            switch kind {
            case .rtp: try check(RTPHeader.parse(buffer.span) != nil, "RTP: sends RTP")
            case .rtcp:
                let packets = RTCPCompound.parse(buffer.span)
                let areKnown = packets.allSatisfy { if case .unknown = $0 { false } else { true } }
                try check(!packets.isEmpty && areKnown, "RTCP: understands what it sends")
            }
            try check(buffer.count <= 1500, "RTP: packets fit a path")
        }
        while let event = session.pollEvent() {
            switch event {
            case .videoFrame(_, let ssrc, let codec, let bytes, _, let isKeyframe):
                try check(ssrc == Self.videoSSRC, "RTP: video of the known source")
                switch codec {
                case .vp8:
                    let header = try demand(VP8FrameHeader.parse(bytes.span), "VP8: frames begin with a header")
                    try check(header.isKeyframe == isKeyframe, "VP8: key frames are those that say so")
                case .vp9:
                    let header = try demand(VP9FrameHeader.parse(bytes.span), "VP9: pictures begin with a header")
                    try check(header.isKeyframe || !isKeyframe, "VP9: key frames are those that say so")
                }
            case .unsupportedFormat(let ssrc, let payloadType):
                try check(ssrc == Self.videoSSRC || ssrc == Self.audioSSRC, "RTP: a format of a known source")
                try check(payloadType < 128, "RTP: payload types have seven bits")
            case .bitrateLimit(let limit): try check(limit >= 0, "REMB: no negative rate")
            case .bandwidth(let rate):
                try check((10_000...100_000_000).contains(rate), "TWCC: the estimate stays within reason")
            case .keyframeRequested, .senderReport: break
            }
        }
        for stream in session.statistics().inbound {
            try check((0...1).contains(stream.fractionLost), "RTP: a fraction is one")
            try check((stream.video?.bufferedBytes ?? 0) <= 4 << 20, "VP8: bounded memory")
            try check((stream.video?.bufferedBytes ?? 0) >= 0, "VP8: no negative memory")
        }
    }
}
