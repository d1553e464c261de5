package import Basis

/// What a session has to tell.
package enum RTPEvent: Equatable, Sendable {
    /// A frame in decoding order; after a gap always a key frame first.
    case videoFrame(
        name: String, ssrc: UInt32, codec: VideoCodec, bytes: [UInt8], timestamp: UInt32, isKeyframe: Bool)
    /// The bridge wants a key frame of that layer of ours; at most each 300 ms.
    case keyframeRequested(layer: Int)
    /// What the bridge can take from us (REMB).
    case bitrateLimit(bitsPerSecond: Int)
    /// How much may be sent in all by the peer's feedback on each packet; told when it changed by a twentieth.
    case bandwidth(bitsPerSecond: Int)
    /// The peer's wall clock `ntp` was `rtp` on the clock of `ssrc`; for lip sync.
    case senderReport(ssrc: UInt32, ntp: NTPTimestamp, rtp: UInt32)
    /// Pictures of `ssrc` come in a format that was not negotiated; said once for each payload type.
    case unsupportedFormat(ssrc: UInt32, payloadType: UInt8)
}

/// RTP and RTCP of one bundled transport: one microphone and one camera in up to three sizes out, many sources in.
///
/// Takes and gives plain packets; encryption is the caller's. After every input drain `pollPacket` and `pollEvent`, then
/// sleep until `soonest`.
package struct RTPSession: Sendable {
    /// What became of a packet that came.
    package enum Received: Equatable, Sendable {
        /// Opus in order of arrival; `payload` is a range of the packet given.
        case audio(ssrc: UInt32, sequenceNumber: UInt16, timestamp: UInt32, payload: Range<Int>, level: UInt8?)
        /// The same as a payload of RFC 2198, whose blocks are all Opus (`RedundantAudio`).
        case redundantAudio(ssrc: UInt32, sequenceNumber: UInt16, timestamp: UInt32, payload: Range<Int>, level: UInt8?)
        case consumed
        case unknownSSRC(UInt32)
        case malformed
    }

    /// More sources are not received.
    package static let maximumInboundSources = 128
    /// Simulcast layers of the camera.
    package static let maximumVideoLayers = 3
    static let maximumEvents = 512

    let configuration: RTPSessionConfiguration
    var random: RandomSource
    /// The present, as last told.
    private(set) var now: MonotonicInstant

    // Inbound
    var inbound: [InboundStream] = []
    /// Primary and RTX SSRCs to places in `inbound`.
    private var places: [UInt32: Int] = [:]
    var feedbackRecorder = TransportFeedbackRecorder()
    var repairTime = RepairTime()
    var lastMediaSSRC: UInt32 = 0

    // Outbound
    var audio: OutboundStream?
    /// The camera: one stream, or the simulcast layers from low to high.
    var videoLayers: [OutboundStream] = []
    var transportSequence: UInt16 = 0
    /// RTCP and audio.
    var urgent = PacketQueue(capacity: 512)
    /// Retransmissions: somebody's picture stands until they come, so they go before what is new.
    var resends = PacketQueue(capacity: 512)
    /// Bytes of retransmissions that left.
    var resendRate = RateMeter()
    /// Video.
    var paced = PacketQueue(capacity: 1024)
    var pacer = Pacer()
    var sentPackets = SentPacketLog()
    var estimator = BandwidthEstimator()
    /// While nothing gets through: what was known before.
    var estimatorBeforeInterruption: BandwidthEstimator?
    /// The arrival times of the last feedback, in µs of the peer's clock, that the next one continues.
    var feedbackClock = FeedbackClock()
    /// The probe being sent, what is left of it and when its next packet is due.
    var probe: ActiveProbe?
    var resultScratch: [PacketResult] = []
    var toldBandwidth = 0
    /// Whether the peer has ever told of our packets one by one.
    package internal(set) var hasTransportFeedback = false
    /// The packet being composed.
    var scratch = QueuedPacket()
    /// What RTCP is read into and written from, used again and again.
    var feedbackScratch = TransportFeedback()
    var nackPairs = GenericNACK(senderSSRC: 0, mediaSSRC: 0, pairs: [])
    var blockScratch: [ReportBlock] = []
    var nackScratch: [UInt16] = []
    /// Speaks for us while nothing is sent.
    let receiverSSRC: UInt32

    // Reports
    var reportDeadline: MonotonicInstant
    var roundTrip: Duration?

    private var events: [RTPEvent] = []
    private var eventsTaken = 0

    var malformedPackets = 0
    var unknownSSRCPackets = 0
    var unsupportedPackets = 0
    var outboundDropped = 0
    var transportFractionLost: Double?

    package init(configuration: RTPSessionConfiguration, random: RandomSource, at now: MonotonicInstant) {
        var random = random
        self.configuration = configuration
        self.now = now
        receiverSSRC = UInt32.random(in: 1...UInt32.max, using: &random)
        self.random = random
        reportDeadline = now + .seconds(1)
    }

    /// Time does not go back; an earlier instant counts as the present.
    mutating func arrive(at instant: MonotonicInstant) {
        if instant > now { now = instant }
    }

    // MARK: Sources

    /// Begins (or goes on) to send audio as `ssrc`.
    package mutating func setOutboundAudio(ssrc: UInt32) {
        if audio?.ssrc == ssrc { return }
        audio = OutboundStream(kind: .audio, ssrc: ssrc, rtxSSRC: nil, random: &random)
    }

    /// Begins (or goes on) to send video as `ssrc`, answering NACKs on `rtxSSRC` if there is one.
    package mutating func setOutboundVideo(ssrc: UInt32, rtxSSRC: UInt32?) {
        setOutboundVideo([OutboundVideo(ssrc: ssrc, rtxSSRC: rtxSSRC)])
    }

    /// Begins (or goes on) to send video in these layers, low to high (simulcast); three at most.
    package mutating func setOutboundVideo(_ layers: [OutboundVideo]) {
        var streams: [OutboundStream] = []
        for (index, layer) in layers.prefix(Self.maximumVideoLayers).enumerated() {
            if var known = videoLayers.first(where: { $0.ssrc == layer.ssrc }) {
                known.rtxSSRC = layer.rtxSSRC
                streams.append(known)
            } else {
                // Smaller pictures have fewer packets: those of the last seconds need less room.
                let held = 1024 >> (layers.count - 1 - index)
                streams.append(
                    OutboundStream(
                        kind: .video, ssrc: layer.ssrc, rtxSSRC: layer.rtxSSRC,
                        history: RetransmissionHistory(capacity: held), random: &random))
            }
        }
        videoLayers = streams
    }

    /// The layer of ours that has this SSRC.
    func videoLayer(of ssrc: UInt32) -> Int? {
        videoLayers.firstIndex { $0.ssrc == ssrc }
    }

    /// Expects packets of `source`. Takes the place of an equal SSRC; ignored beyond 128 sources.
    package mutating func addInbound(_ source: InboundSource, at now: MonotonicInstant) {
        arrive(at: now)
        if let index = inbound.firstIndex(where: { $0.source.ssrc == source.ssrc }) {
            if inbound[index].source == source { return }
            inbound.remove(at: index)
        }
        if inbound.count < Self.maximumInboundSources { inbound.append(InboundStream(source: source)) }
        rebuildPlaces()
    }

    /// Forgets the source of that name, and what waits of it.
    package mutating func removeInbound(name: String) {
        inbound.removeAll { $0.source.name == name }
        rebuildPlaces()
    }

    /// Forgets the source of that SSRC, and what waits of it.
    package mutating func removeInbound(ssrc: UInt32) {
        inbound.removeAll { $0.source.ssrc == ssrc }
        rebuildPlaces()
    }

    private mutating func rebuildPlaces() {
        places.removeAll(keepingCapacity: true)
        for (index, stream) in inbound.enumerated() {
            places[stream.source.ssrc] = index
            if let rtx = stream.source.rtxSSRC { places[rtx] = index }
        }
    }

    /// The place in `inbound` of a primary or RTX SSRC.
    func place(of ssrc: UInt32) -> Int? {
        places[ssrc]
    }

    // MARK: Time

    /// Does what is due.
    package mutating func advance(to now: MonotonicInstant) {
        arrive(at: now)
        for index in inbound.indices where inbound[index].video != nil {
            advanceVideo(at: index)
        }
        sendTransportFeedback()
        if reportDeadline <= self.now { sendReports() }
        for layer in videoLayers.indices {
            if let deadline = videoLayers[layer].keyframes.deadline, deadline <= self.now {
                emitKeyframeRequest(layer: layer)
            }
        }
    }

    /// When to call `advance(to:)` or `pollPacket(into:)` at the latest.
    package var soonest: Soonest {
        var soonest = Soonest()
        soonest.consider(reportDeadline, "RTCP report")
        soonest.consider(feedbackRecorder.deadline, "transport feedback")
        for layer in videoLayers.indices {
            soonest.consider(videoLayers[layer].keyframes.deadline, "key frame request")
        }
        if !urgent.isEmpty { soonest.consider(now, "packets to send") }
        if probe == nil, !paced.isEmpty || !resends.isEmpty { soonest.consider(max(now, pacer.deadline), "pacing") }
        soonest.consider(probe?.next, "probe")
        let patience = mendingTime
        for index in inbound.indices {
            inbound[index].video?.consider(&soonest, roundTrip: patience)
        }
        return soonest
    }

    /// How much may be sent, in bit/s, by the peer's transport-wide feedback; nil while it gives none.
    package var estimatedBandwidth: Int? {
        hasTransportFeedback ? estimator.bitsPerSecond : nil
    }

    /// The round trip to reckon with before one was measured.
    var assumedRoundTrip: Duration {
        roundTrip ?? .milliseconds(100)
    }

    // MARK: Events

    /// Queues an event; a caller that does not drain loses the oldest.
    mutating func emit(_ event: RTPEvent) {
        if events.count - eventsTaken >= Self.maximumEvents { eventsTaken += 1 }
        if eventsTaken > Self.maximumEvents {
            events.removeFirst(eventsTaken)
            eventsTaken = 0
        }
        events.append(event)
    }

    /// What happened since the last call, the oldest first; nil when there is nothing more.
    package mutating func pollEvent() -> RTPEvent? {
        guard eventsTaken < events.count else {
            if eventsTaken > 0 {
                events.removeAll(keepingCapacity: true)
                eventsTaken = 0
            }
            return nil
        }
        let event = events[eventsTaken]
        // The frame's bytes are the receiver's alone from here on.
        events[eventsTaken] = .keyframeRequested(layer: 0)
        eventsTaken += 1
        return event
    }

    /// A snapshot of all counters.
    package func statistics() -> RTPStatistics {
        RTPStatistics(
            inbound: inbound.map { $0.statistics(at: now) },
            outbound: (audio.map { [$0.statistics(at: now)] } ?? []) + videoLayers.map { $0.statistics(at: now) },
            roundTrip: roundTrip,
            transportFractionLost: transportFractionLost, malformedPackets: malformedPackets,
            unknownSSRCPackets: unknownSSRCPackets, unsupportedPackets: unsupportedPackets,
            outboundDropped: outboundDropped)
    }
}
