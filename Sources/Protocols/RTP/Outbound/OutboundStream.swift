import Basis

/// Everything kept about one SSRC we send.
struct OutboundStream: Sendable {
    let kind: MediaKind
    let ssrc: UInt32
    var rtxSSRC: UInt32?
    private(set) var sequenceNumber: UInt16
    private var rtxSequenceNumber: UInt16
    private(set) var packets = 0
    /// Payload bytes, as sender reports count them.
    private(set) var octets = 0
    private(set) var retransmissions = 0
    private(set) var rate = RateMeter()
    private(set) var lastSent: MonotonicInstant?
    private var lastTimestamp: UInt32 = 0
    private var remoteFractionLost: Double?
    private var remoteJitter: UInt32 = 0
    var history: RetransmissionHistory
    /// Of video; a stream of sound has no use for it.
    var vp8: VP8Packetizer
    var vp9: VP9Packetizer
    /// Of the last frame.
    var codec: VideoCodec?
    var keyframes = KeyframeAnswers()

    init(
        kind: MediaKind, ssrc: UInt32, rtxSSRC: UInt32?, history: RetransmissionHistory = RetransmissionHistory(),
        random: inout RandomSource
    ) {
        self.kind = kind
        self.ssrc = ssrc
        self.rtxSSRC = rtxSSRC
        self.history = history
        // RFC 3711 section 3.3.1 wishes a first number far from the wrap.
        sequenceNumber = UInt16.random(in: 0...0x7FFF, using: &random)
        rtxSequenceNumber = UInt16.random(in: 0...0x7FFF, using: &random)
        let counters = PictureCounters(random: &random)
        vp8 = VP8Packetizer(counters)
        vp9 = VP9Packetizer(counters)
    }

    mutating func nextSequenceNumber() -> UInt16 {
        defer { sequenceNumber &+= 1 }
        return sequenceNumber
    }

    mutating func nextRTXSequenceNumber() -> UInt16 {
        defer { rtxSequenceNumber &+= 1 }
        retransmissions += 1
        return rtxSequenceNumber
    }

    mutating func countResend() {
        retransmissions += 1
    }

    mutating func count(payloadLength: Int, timestamp: UInt32, at now: MonotonicInstant) {
        packets += 1
        octets += payloadLength
        rate.add(payloadLength, at: now)
        lastSent = now
        lastTimestamp = timestamp
    }

    mutating func receive(_ block: ReportBlock) {
        remoteFractionLost = Double(block.fractionLost) / 256
        remoteJitter = block.jitter
    }

    /// 0...1, as last reported by the peer.
    var reportedLoss: Double? { remoteFractionLost }

    /// Whether a sender report is due to it: it sent within the last reporting intervals.
    func isSending(at now: MonotonicInstant) -> Bool {
        guard let lastSent else { return false }
        return now - lastSent < .seconds(3)
    }

    func senderReport(ntp: NTPTimestamp, at now: MonotonicInstant) -> SenderReport {
        let since = MonotonicInstant(nanoseconds: now.nanoseconds &- (lastSent ?? now).nanoseconds)
        return SenderReport(
            ssrc: ssrc, ntp: ntp, rtpTimestamp: lastTimestamp &+ RTPClock.units(since, rate: kind.clockRate),
            packetCount: UInt32(truncatingIfNeeded: packets), octetCount: UInt32(truncatingIfNeeded: octets))
    }

    func statistics(at now: MonotonicInstant) -> RTPStatistics.Outbound {
        RTPStatistics.Outbound(
            kind: kind, codec: codec, ssrc: ssrc, packets: packets, bytes: octets, bitsPerSecond: 8 * rate.sum(at: now),
            retransmissions: retransmissions, isSending: isSending(at: now),
            // What was reported of a stream that is silent by now says nothing of the path.
            remoteFractionLost: isSending(at: now) ? remoteFractionLost : nil,
            remoteJitterMilliseconds: Double(remoteJitter) * 1000 / Double(kind.clockRate))
    }
}
