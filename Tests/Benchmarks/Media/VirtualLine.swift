import Basis
import LineModel
import RTP

/// Two sessions and a line between them, in virtual time: a bottleneck with a queue, delay, loss. `near` sends.
struct VirtualLine {
    private static let audioSSRC: UInt32 = 0xA0
    private static let videoSSRC: UInt32 = 0xB0
    private static let rtxSSRC: UInt32 = 0xB1
    private static let frameTime = Duration.nanoseconds(33_333_333)

    private(set) var now = MonotonicInstant(nanoseconds: 5_000_000_000)
    private(set) var near: RTPSession
    private(set) var far: RTPSession
    var line = LineModel()
    private var random: RandomSource
    private var buffer: [UInt8] = []
    private var frame: [UInt8] = []
    private var filmed = 0
    private var wantsKeyframe = true

    /// When a frame came out at the far end.
    private(set) var framesOut: [MonotonicInstant] = []
    /// How long the far end holds pictures back, in ms, at each frame sent.
    var playoutDelays: [Double] = []
    private(set) var keyframes = 0
    private(set) var bytesSent = 0
    private(set) var bytesRetransmitted = 0

    init(seed: UInt64) {
        random = RandomSource(seed: seed)
        (near, far) = Self.sessions(seed: seed, at: now)
    }

    static func sessions(seed: UInt64, at now: MonotonicInstant) -> (near: RTPSession, far: RTPSession) {
        var random = RandomSource(seed: seed)
        let extensions = RTPExtensionMap(audioLevel: 1, transportWideCC: 5, absSendTime: 3)
        let configuration = RTPSessionConfiguration(
            cname: "bench", audioExtensions: extensions, videoExtensions: extensions, opusPayloadType: 111,
            vp8PayloadType: 100, rtxPayloadType: 96, ntpOffset: .seconds(3_900_000_000))
        var near = RTPSession(configuration: configuration, random: random.fork(), at: now)
        var far = RTPSession(configuration: configuration, random: random.fork(), at: now)
        near.setOutboundAudio(ssrc: audioSSRC)
        near.setOutboundVideo(ssrc: videoSSRC, rtxSSRC: rtxSSRC)
        far.addInbound(InboundSource(name: "n-a0", kind: .audio, ssrc: audioSSRC), at: now)
        far.addInbound(InboundSource(name: "n-v0", kind: .video, ssrc: videoSSRC, rtxSSRC: rtxSSRC), at: now)
        return (near, far)
    }

    /// Makes `frame` look like VP8 (RFC 6386 section 9.1) and carry a number.
    static func mark(_ frame: inout [UInt8], number: Int, isKeyframe: Bool) {
        let head: [UInt8] =
            isKeyframe ? [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x00, 0x05, 0xD0, 0x02] : [0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        for (index, byte) in head.enumerated() where index < frame.count { frame[index] = byte }
        for index in 10..<min(14, frame.count) {
            frame[index] = UInt8(truncatingIfNeeded: number >> (8 * (index - 10)))
        }
    }

    /// A camera that sends `rate`, or as much as the estimate allows where that is less, with a voice, for `duration`.
    /// - Parameter each: called after each frame with the time since the beginning.
    mutating func film(
        _ duration: Duration, rate: Int, isAdaptive: Bool, each: (Duration, Int) -> Void = { _, _ in }
    ) {
        let start = now
        while now - start < duration {
            let allowed = isAdaptive ? min(near.estimatedBandwidth ?? 300_000, rate) : rate
            let isKeyframe = wantsKeyframe
            wantsKeyframe = false
            if isKeyframe { keyframes += 1 }
            // A key frame is four times a usual one.
            let length = max(200, allowed / 240 * (isKeyframe ? 4 : 1))
            frame.removeAll(keepingCapacity: true)
            while frame.count < length { frame.append(UInt8(truncatingIfNeeded: frame.count &* 7)) }
            Self.mark(&frame, number: filmed, isKeyframe: isKeyframe)
            let picture = frame
            near.sendVideo(
                picture.span, timestamp: UInt32(truncatingIfNeeded: filmed * 3_000), isKeyframe: isKeyframe, at: now)
            near.sendAudio(
                [UInt8](repeating: 7, count: 80).span, timestamp: UInt32(truncatingIfNeeded: filmed * 1_600), level: 30,
                marker: filmed == 0, at: now)
            filmed += 1
            run(Self.frameTime)
            let video = far.statistics().inbound.first { $0.kind == .video }?.video
            playoutDelays.append(Double((video?.playoutDelay ?? .zero).wholeNanoseconds) / 1e6)
            each(now - start, near.estimatedBandwidth ?? 0)
        }
    }

    private mutating func run(_ duration: Duration) {
        let end = now + duration
        var idleSteps = 0
        while true {
            drain()
            var next = end
            if let instant = near.soonest.instant { next = min(next, instant) }
            if let instant = far.soonest.instant { next = min(next, instant) }
            if let instant = line.nextArrival { next = min(next, instant) }
            idleSteps = next <= now ? idleSteps + 1 : 0
            guard idleSteps < 5_000 else { fail("no progress: \(near.soonest.reason), \(far.soonest.reason)") }
            now = max(now, next)
            if let flight = line.takeArrival(at: now) {
                deliver(flight)
            } else if now >= end {
                return
            }
            near.advance(to: now)
            far.advance(to: now)
        }
    }

    private mutating func drain() {
        while let kind = near.pollPacket(into: &buffer) { fly(kind, isToFar: true) }
        while let kind = far.pollPacket(into: &buffer) { fly(kind, isToFar: false) }
        while let event = near.pollEvent() { if case .keyframeRequested = event { wantsKeyframe = true } }
        while let event = far.pollEvent() { if case .videoFrame = event { framesOut.append(now) } }
    }

    private mutating func fly(_ kind: PacketKind, isToFar: Bool) {
        if isToFar {
            bytesSent += buffer.count
            if kind == .rtp, RTPHeader.parse(buffer.span)?.ssrc == Self.rtxSSRC { bytesRetransmitted += buffer.count }
        }
        line.send(buffer, kind, isToFar: isToFar, at: now, using: &random)
    }

    private mutating func deliver(_ flight: LineModel.Flight) {
        switch (flight.isToFar, flight.kind) {
        case (true, .rtp): _ = far.receiveRTP(flight.bytes.span, at: now)
        case (true, .rtcp): far.receiveRTCP(flight.bytes.span, at: now)
        case (false, .rtp): _ = near.receiveRTP(flight.bytes.span, at: now)
        case (false, .rtcp): near.receiveRTCP(flight.bytes.span, at: now)
        }
    }
}
