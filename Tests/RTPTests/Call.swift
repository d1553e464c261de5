import Basis
import LineModel
import Testing

@testable import RTP

/// Two sessions and the network between them, in virtual time. `near` sends, `far` receives.
struct Call {
    static let audioSSRC: UInt32 = 0xA0
    static let videoSSRC: UInt32 = 0xB0
    static let rtxSSRC: UInt32 = 0xB1

    var near: RTPSession
    var far: RTPSession
    var now = MonotonicInstant(nanoseconds: 5_000_000_000)
    var random: RandomSource
    var line = LineModel()
    /// Sees every RTP packet to `far`; false loses it.
    var passes: (RTPHeader) -> Bool = { _ in true }
    var nearEvents: [RTPEvent] = []
    var farEvents: [RTPEvent] = []
    var audioReceived = 0
    var sentRTCP: [[RTCPPacket]] = []
    private var filmed = 0
    private var buffer: [UInt8] = []

    init(seed: UInt64, hasRTX: Bool = true) {
        random = RandomSource(seed: seed)
        let extensions = RTPExtensionMap(audioLevel: 1, transportWideCC: 5, absSendTime: 3)
        let configuration = RTPSessionConfiguration(
            cname: "room", audioExtensions: extensions, videoExtensions: extensions, opusPayloadType: 111,
            vp8PayloadType: 100, rtxPayloadType: hasRTX ? 96 : nil, vp9PayloadType: 101,
            vp9RTXPayloadType: hasRTX ? 97 : nil, ntpOffset: .seconds(3_900_000_000))
        near = RTPSession(configuration: configuration, random: random.fork(), at: now)
        far = RTPSession(configuration: configuration, random: random.fork(), at: now)
        near.setOutboundAudio(ssrc: Self.audioSSRC)
        near.setOutboundVideo(ssrc: Self.videoSSRC, rtxSSRC: hasRTX ? Self.rtxSSRC : nil)
        far.addInbound(InboundSource(name: "n-a0", kind: .audio, ssrc: Self.audioSSRC), at: now)
        far.addInbound(
            InboundSource(name: "n-v0", kind: .video, ssrc: Self.videoSSRC, rtxSSRC: hasRTX ? Self.rtxSSRC : nil),
            at: now)
    }

    /// A frame that looks like VP8 and carries its number.
    static func frame(_ number: Int, isKeyframe: Bool, length: Int) -> [UInt8] {
        var bytes: [UInt8] =
            isKeyframe ? [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01] : [0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        bytes.append(uint32: UInt32(number))
        while bytes.count < length { bytes.append(UInt8(truncatingIfNeeded: bytes.count &+ number)) }
        return bytes
    }

    mutating func sendFrame(_ number: Int, isKeyframe: Bool, length: Int = 5000) {
        near.sendVideo(
            Self.frame(number, isKeyframe: isKeyframe, length: length).span,
            timestamp: UInt32(truncatingIfNeeded: 4_294_900_000 + number * 3000), isKeyframe: isKeyframe, at: now)
        drain()
    }

    mutating func drain() {
        while let kind = near.pollPacket(into: &buffer) { fly(kind, isToFar: true) }
        while let kind = far.pollPacket(into: &buffer) { fly(kind, isToFar: false) }
        while let event = near.pollEvent() { nearEvents.append(event) }
        while let event = far.pollEvent() { farEvents.append(event) }
    }

    private mutating func fly(_ kind: PacketKind, isToFar: Bool) {
        #expect(buffer.count <= 1200)
        if kind == .rtcp {
            let packets = RTCPCompound.parse(buffer)
            #expect(!packets.isEmpty)
            sentRTCP.append(packets)
        } else if isToFar {
            guard let header = RTPHeader.parse(buffer) else {
                Issue.record("malformed RTP sent")
                return
            }
            guard passes(header) else { return }
        }
        line.send(buffer, kind, isToFar: isToFar, at: now, using: &random)
    }

    /// Lets `duration` pass.
    mutating func run(_ duration: Duration) {
        let end = now + duration
        var idleSteps = 0
        while true {
            drain()
            var next = end
            if let instant = near.soonest.instant { next = min(next, instant) }
            if let instant = far.soonest.instant { next = min(next, instant) }
            if let instant = line.nextArrival { next = min(next, instant) }
            idleSteps = next <= now ? idleSteps + 1 : 0
            guard idleSteps < 5000 else {
                Issue.record("no progress: \(near.soonest.reason), \(far.soonest.reason)")
                return
            }
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

    private mutating func deliver(_ flight: LineModel.Flight) {
        switch (flight.isToFar, flight.kind) {
        case (true, .rtp):
            if case .audio = far.receiveRTP(flight.bytes, at: now) { audioReceived += 1 }
        case (true, .rtcp): far.receiveRTCP(flight.bytes.span, at: now)
        case (false, .rtp): _ = near.receiveRTP(flight.bytes, at: now)
        case (false, .rtcp): near.receiveRTCP(flight.bytes.span, at: now)
        }
    }

    /// The numbers of the frames that came out, whose bytes were right.
    var framesReceived: [Int] {
        farEvents.compactMap { event in
            guard case .videoFrame("n-v0", Self.videoSSRC, .vp8, let bytes, _, let isKeyframe) = event,
                let number = bytes.span.uint32(at: 10),
                bytes == Self.frame(Int(number), isKeyframe: isKeyframe, length: bytes.count)
            else { return nil }
            return Int(number)
        }
    }

    var keyframeRequests: Int {
        nearEvents.count { if case .keyframeRequested = $0 { true } else { false } }
    }

    /// A camera that sends as much as the estimate allows, at most `most` bit/s, for `duration`; the estimates each 100 ms.
    mutating func filmAdaptively(_ duration: Duration, most: Int = 2_500_000) -> [(at: Duration, estimate: Int)] {
        var estimates: [(Duration, Int)] = []
        let start = now
        var sampled = start
        while now - start < duration {
            let rate = min(near.estimatedBandwidth ?? 300_000, most)
            let length = max(200, rate / 240)
            let isKeyframe = filmed == 0
            sendFrame(filmed, isKeyframe: isKeyframe, length: length)
            near.sendAudio(
                [UInt8](repeating: 7, count: 80).span, timestamp: UInt32(filmed * 960), level: 30, marker: false,
                at: now)
            filmed += 1
            run(.nanoseconds(33_333_333))
            if now - sampled >= .milliseconds(100) {
                sampled = now
                estimates.append((now - start, near.estimatedBandwidth ?? 0))
            }
        }
        return estimates
    }

    /// A camera for `count` frames at 30 Hz, with an Opus packet each 20 ms; key frames on request.
    mutating func film(_ range: Range<Int>, length: Int = 5000) {
        var answered = keyframeRequests
        for number in range {
            let requests = keyframeRequests
            let isKeyframe = number == 0 || requests > answered
            answered = requests
            sendFrame(number, isKeyframe: isKeyframe, length: isKeyframe ? length * 4 : length)
            near.sendAudio([1, 2, 3].span, timestamp: UInt32(number * 960), level: 30, marker: number == 0, at: now)
            run(.nanoseconds(33_333_333))
        }
        run(.seconds(1))
    }
}
