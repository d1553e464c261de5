package import Basis
package import RTP

/// A room's microphone and camera in three layers, the bridge, and somebody who looks at the largest layer that comes, in
/// virtual time. What is sent in each layer is told by whoever runs it; sizes of pictures are those of an encoder that films
/// texture and noise.
package struct RoomOnALine {
    private static let audioSSRC: UInt32 = 0xA0
    private static let frameTime = Duration.nanoseconds(33_333_333)
    private static let soundTime = Duration.milliseconds(20)
    /// As libwebrtc counts a freeze, roughly.
    private static let freeze = 0.2
    /// A layer of which nothing came for so long is not looked at.
    private static let gone = Duration.milliseconds(300)
    /// Bytes of the smallest key frame that the encoder can make of such a picture, by layer.
    private static let leastKeyframe = [5_000, 14_000, 40_000]

    package private(set) var now = MonotonicInstant(nanoseconds: 5_000_000_000)
    package var line = LineModel()
    package private(set) var near: RTPSession
    package private(set) var far: RTPSession
    /// Bits per second of each layer, low to high, 0 for one that is not sent, for what the estimate allows.
    private let plan: (_ bandwidth: Int?, _ now: MonotonicInstant) -> [Int]
    private var random: RandomSource
    private var nextFrame: MonotonicInstant
    private var nextSound: MonotonicInstant
    private var filmed = 0
    private var spoken = 0
    private var isSent = [false, false, false]
    private var wantsKeyframe = [true, true, true]
    /// Bits that each layer's encoder has spent beyond its budget.
    private var debt = [0.0, 0.0, 0.0]
    private var buffer: [UInt8] = []
    // What the far side sees.
    private var layerSeenAt = [MonotonicInstant?](repeating: nil, count: 3)
    private var watched: Int?
    private var keyframeAsked: MonotonicInstant?
    /// When pictures of what is looked at came.
    package private(set) var shown: [MonotonicInstant] = []
    package private(set) var soundsSent = 0
    package private(set) var soundsHeard = 0
    package private(set) var bytesHeard = 0
    package private(set) var keyframes = 0
    package private(set) var retransmittedBytes = 0
    /// The bandwidth as it was told last, as the product's rim has it.
    private var told: Int?

    package init(seed: UInt64, plan: @escaping (_ bandwidth: Int?, _ now: MonotonicInstant) -> [Int]) {
        random = RandomSource(seed: seed)
        let extensions = RTPExtensionMap(audioLevel: 1, transportWideCC: 5, absSendTime: 3)
        let configuration = RTPSessionConfiguration(
            cname: "room", audioExtensions: extensions, videoExtensions: extensions, opusPayloadType: 111,
            vp8PayloadType: 100, rtxPayloadType: 96, ntpOffset: .seconds(3_900_000_000))
        near = RTPSession(configuration: configuration, random: random.fork(), at: now)
        far = RTPSession(configuration: configuration, random: random.fork(), at: now)
        near.setOutboundAudio(ssrc: Self.audioSSRC)
        near.setOutboundVideo((0..<3).map { OutboundVideo(ssrc: Self.video($0), rtxSSRC: Self.video($0) + 1) })
        far.addInbound(InboundSource(name: "n-a0", kind: .audio, ssrc: Self.audioSSRC), at: now)
        for layer in 0..<3 {
            far.addInbound(
                InboundSource(
                    name: "n-v\(layer)", kind: .video, ssrc: Self.video(layer), rtxSSRC: Self.video(layer) + 1), at: now
            )
        }
        nextFrame = now
        nextSound = now
        self.plan = plan
    }

    private static func video(_ layer: Int) -> UInt32 { 0xB0 + UInt32(layer) * 0x10 }

    /// Lets `duration` pass.
    package mutating func run(_ duration: Duration) {
        let end = now + duration
        while true {
            drain()
            var next = min(end, nextFrame, nextSound)
            if let instant = near.soonest.instant { next = min(next, instant) }
            if let instant = far.soonest.instant { next = min(next, instant) }
            if let instant = line.nextArrival { next = min(next, instant) }
            now = max(now, next)
            if let flight = line.takeArrival(at: now) { deliver(flight) } else if now >= end { return }
            speak()
            film()
            near.advance(to: now)
            far.advance(to: now)
        }
    }

    private mutating func speak() {
        while nextSound <= now {
            nextSound += Self.soundTime
            near.sendAudio(
                [UInt8](repeating: 7, count: 80).span, timestamp: UInt32(truncatingIfNeeded: spoken * 960), level: 30,
                marker: spoken == 0, at: now)
            spoken += 1
            soundsSent += 1
        }
    }

    private mutating func film() {
        while nextFrame <= now {
            nextFrame += Self.frameTime
            let rates = plan(told, now)
            for layer in 0..<3 {
                let rate = layer < rates.count ? rates[layer] : 0
                if rate > 0 { encode(layer, rate) } else { stop(layer) }
            }
            filmed += 1
        }
    }

    private mutating func stop(_ layer: Int) {
        isSent[layer] = false
        wantsKeyframe[layer] = true
        debt[layer] = 0
    }

    /// A picture as libvpx at a constant bitrate makes it: it misses its mark by a fifth, a key frame takes up to nine pictures'
    /// worth or what it needs, and pictures are left out while too much has been spent.
    private mutating func encode(_ layer: Int, _ rate: Int) {
        isSent[layer] = true
        let mean = Double(rate) / 30
        debt[layer] = max(debt[layer] - mean, -Double(rate) * 0.5)
        let isKeyframe = wantsKeyframe[layer]
        // The buffer of 600 ms is optimal, at 30 % of it pictures are dropped.
        if !isKeyframe, debt[layer] > 0.4 * Double(rate) { return }
        wantsKeyframe[layer] = false
        if isKeyframe { keyframes += 1 }
        let bits =
            isKeyframe
            ? max(Double(Self.leastKeyframe[layer] * 8), 9 * mean)
            : mean * Double.random(in: 0.75...1.15, using: &random)
        debt[layer] += bits
        let head: [UInt8] =
            isKeyframe ? [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x00, 0x05, 0xD0, 0x02] : [0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let picture = head + [UInt8](repeating: 0x55, count: max(0, Int(bits / 8) - head.count))
        near.sendVideo(
            picture.span, layer: layer, timestamp: UInt32(truncatingIfNeeded: filmed * 3_000), isKeyframe: isKeyframe,
            at: now)
    }

    private mutating func drain() {
        while let kind = near.pollPacket(into: &buffer) {
            if kind == .rtp, let header = RTPHeader.parse(buffer.span), header.payloadType == 96 {
                retransmittedBytes += buffer.count
            }
            line.send(buffer, kind, isToFar: true, at: now, using: &random)
        }
        while let kind = far.pollPacket(into: &buffer) {
            line.send(buffer, kind, isToFar: false, at: now, using: &random)
        }
        while let event = near.pollEvent() {
            switch event {
            case .keyframeRequested(let layer): wantsKeyframe[layer] = true
            case .bandwidth(let bitsPerSecond): told = bitsPerSecond
            default: break
            }
        }
        while let event = far.pollEvent() {
            if case .videoFrame(_, let ssrc, _, _, _, let isKeyframe) = event {
                see(Int((ssrc - 0xB0) / 0x10), isKeyframe)
            }
        }
    }

    /// The bridge forwards the largest layer that comes, from a key frame on.
    private mutating func see(_ layer: Int, _ isKeyframe: Bool) {
        layerSeenAt[layer] = now
        if let current = watched, layerSeenAt[current].map({ now - $0 > Self.gone }) ?? true { watched = nil }
        if watched.map({ layer > $0 }) ?? true {
            guard isKeyframe else {
                // Whoever looks asks, as often as a bridge lets through.
                if keyframeAsked.map({ now - $0 > .milliseconds(300) }) ?? true {
                    keyframeAsked = now
                    wantsKeyframe[layer] = true
                }
                return
            }
            watched = layer
        }
        if watched == layer { shown.append(now) }
    }

    private mutating func deliver(_ flight: LineModel.Flight) {
        switch (flight.isToFar, flight.kind) {
        case (true, .rtp):
            bytesHeard += flight.bytes.count
            if case .audio = far.receiveRTP(flight.bytes.span, at: now) { soundsHeard += 1 }
        case (true, .rtcp): far.receiveRTCP(flight.bytes.span, at: now)
        case (false, .rtp): _ = near.receiveRTP(flight.bytes.span, at: now)
        case (false, .rtcp): near.receiveRTCP(flight.bytes.span, at: now)
        }
    }

    /// What came of a stretch of time.
    package struct Figures {
        /// bit/s of RTP that arrived.
        package var rate: Double
        /// Pictures a second of the layer that was looked at.
        package var pictures: Double
        /// The share of time, 0…1, in which a picture stood.
        package var frozen: Double
        /// The share of the speech, 0…1, that did not come.
        package var lost: Double
        package var estimate: Int
        /// Key frames and the share of retransmissions in all bytes.
        package var keyframes: Int
        package var retransmitted: Double
        /// ms, 95 of 100 packets stood for less in the line's queue.
        package var queue: Double
    }

    /// Lets `duration` pass and tells what came of it.
    package mutating func measure(_ duration: Duration) -> Figures {
        let (begin, bytes, sent, heard) = (now, bytesHeard, soundsSent, soundsHeard)
        let (keys, again) = (keyframes, retransmittedBytes)
        shown.removeAll(keepingCapacity: true)
        line.queueDelays.removeAll(keepingCapacity: true)
        run(duration)
        let seconds = Double(duration.wholeNanoseconds) / 1e9
        let times = shown.map { Double(($0 - begin).wholeNanoseconds) / 1e9 }
        let gaps = zip([0] + times, times + [seconds]).map { $1 - $0 }
        let delays = line.queueDelays.map { Double($0.delay.wholeNanoseconds) / 1e6 }.sorted()
        return Figures(
            rate: Double(bytesHeard - bytes) * 8 / seconds, pictures: Double(times.count) / seconds,
            frozen: gaps.filter { $0 > Self.freeze }.reduce(0, +) / seconds,
            lost: 1 - Double(soundsHeard - heard) / Double(max(1, soundsSent - sent)),
            estimate: near.estimatedBandwidth ?? 0, keyframes: keyframes - keys,
            retransmitted: Double(retransmittedBytes - again) / Double(max(1, bytesHeard - bytes)),
            queue: delays.isEmpty ? 0 : delays[min(delays.count - 1, delays.count * 95 / 100)])
    }
}
