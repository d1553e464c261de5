import Basis
package import RTP

/// A camera and a microphone on one end of a shared line, and who sees and hears them on the other.
package struct MediaFlow {
    static let audioSSRC: UInt32 = 0xA0
    static let videoSSRC: UInt32 = 0xB0
    static let rtxSSRC: UInt32 = 0xB1
    private static let frameTime = Duration.nanoseconds(33_333_333)
    private static let soundTime = Duration.milliseconds(20)
    /// What the sound and the headers of it take of the estimate, in bit/s, as the product reckons.
    private static let soundShare = 60_000
    private static let leastRate = 60_000

    /// Towards the far side of the line, or back.
    package let isForth: Bool
    /// One way, without any queue.
    package let delay: Duration
    /// The most that the camera has to send, in bit/s.
    package var most: Int
    package var isPaused = false
    package private(set) var near: RTPSession
    package private(set) var far: RTPSession
    /// Bytes of it that came through, on the wire, by tenths of a second.
    package internal(set) var passed: [Int] = []
    /// How long each packet stood in the queue, in ms, with the time in seconds.
    package internal(set) var queued: [(at: Double, delay: Double)] = []
    /// What may be sent, in bit/s, by tenths of a second.
    package internal(set) var estimates: [Int] = []
    package private(set) var framesSeen = 0
    private var random: RandomSource
    private var nextFrame: MonotonicInstant
    private var nextSound: MonotonicInstant
    private var filmed = 0
    private var spoken = 0
    private var wantsKeyframe = true
    private var frame: [UInt8] = []
    /// When the last packet came, each way: packets of a flow do not overtake each other.
    var latest = [MonotonicInstant.zero, .zero]

    init(
        isForth: Bool, delay: Duration, most: Int, from start: MonotonicInstant, random: RandomSource
    ) {
        var random = random
        (self.isForth, self.delay, self.most) = (isForth, delay, most)
        let extensions = RTPExtensionMap(audioLevel: 1, transportWideCC: 5, absSendTime: 3)
        let configuration = RTPSessionConfiguration(
            cname: "flow", audioExtensions: extensions, videoExtensions: extensions, opusPayloadType: 111,
            vp8PayloadType: 100, rtxPayloadType: 96, ntpOffset: .seconds(3_900_000_000))
        near = RTPSession(configuration: configuration, random: random.fork(), at: start)
        far = RTPSession(configuration: configuration, random: random.fork(), at: start)
        near.setOutboundAudio(ssrc: Self.audioSSRC)
        near.setOutboundVideo(ssrc: Self.videoSSRC, rtxSSRC: Self.rtxSSRC)
        far.addInbound(InboundSource(name: "n-a0", kind: .audio, ssrc: Self.audioSSRC), at: start)
        far.addInbound(
            InboundSource(name: "n-v0", kind: .video, ssrc: Self.videoSSRC, rtxSSRC: Self.rtxSSRC), at: start)
        // Not all cameras film at the same moment.
        nextFrame = start + .nanoseconds(Int64.random(in: 0...33_000_000, using: &random))
        nextSound = start + .nanoseconds(Int64.random(in: 0...20_000_000, using: &random))
        self.random = random
    }

    var deadline: MonotonicInstant {
        var next = min(nextFrame, nextSound)
        if let instant = near.soonest.instant { next = min(next, instant) }
        if let instant = far.soonest.instant { next = min(next, instant) }
        return next
    }

    mutating func advance(to now: MonotonicInstant) {
        while nextSound <= now {
            nextSound += Self.soundTime
            if isPaused { continue }
            near.sendAudio(
                [UInt8](repeating: 7, count: 80).span, timestamp: UInt32(truncatingIfNeeded: spoken * 960), level: 30,
                marker: spoken == 0, at: now)
            spoken += 1
        }
        while nextFrame <= now {
            nextFrame += Self.frameTime
            if !isPaused { film(at: now) }
        }
        near.advance(to: now)
        far.advance(to: now)
    }

    private mutating func film(at now: MonotonicInstant) {
        let allowed = min(max(Self.leastRate, (near.estimatedBandwidth ?? 360_000) - Self.soundShare), most)
        let isKeyframe = wantsKeyframe
        wantsKeyframe = false
        // An encoder does not hit its mark with each picture; a key frame is three.
        let size = Double(allowed) / 240 * Double.random(in: 0.8...1.2, using: &random) * (isKeyframe ? 3 : 1)
        let head: [UInt8] =
            isKeyframe ? [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x00, 0x05, 0xD0, 0x02] : [0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        frame.removeAll(keepingCapacity: true)
        frame.append(contentsOf: head)
        frame.append(contentsOf: repeatElement(0x55, count: max(0, Int(size) - head.count)))
        let picture = frame
        near.sendVideo(
            picture.span, timestamp: UInt32(truncatingIfNeeded: filmed * 3_000), isKeyframe: isKeyframe, at: now)
        filmed += 1
    }

    /// The next packet of either end.
    mutating func poll(into buffer: inout [UInt8]) -> (kind: PacketKind, isToFar: Bool)? {
        if let kind = near.pollPacket(into: &buffer) { return (kind, true) }
        if let kind = far.pollPacket(into: &buffer) { return (kind, false) }
        while let event = near.pollEvent() { if case .keyframeRequested = event { wantsKeyframe = true } }
        while let event = far.pollEvent() { if case .videoFrame = event { framesSeen += 1 } }
        return nil
    }

    mutating func deliver(_ bytes: [UInt8], _ kind: PacketKind, isToFar: Bool, at now: MonotonicInstant) {
        switch (isToFar, kind) {
        case (true, .rtp): _ = far.receiveRTP(bytes.span, at: now)
        case (true, .rtcp): far.receiveRTCP(bytes.span, at: now)
        case (false, .rtp): _ = near.receiveRTP(bytes.span, at: now)
        case (false, .rtcp): near.receiveRTCP(bytes.span, at: now)
        }
    }
}
