import Basis

/// Everything kept about one received source.
struct InboundStream: Sendable {
    let source: InboundSource
    private(set) var tracker: ReceptionTracker
    /// Nil for audio.
    var video: VideoReceiver?
    private(set) var transit: TransitTime
    private(set) var packets = 0
    private(set) var bytes = 0
    private(set) var duplicates = 0
    private(set) var rate = RateMeter()
    /// What the last pictures were labelled with, where that was not negotiated.
    var unsupportedPayloadType: UInt8?
    private var lastSenderReport: UInt32 = 0
    private var lastSenderReportArrival = MonotonicInstant.zero

    init(source: InboundSource) {
        self.source = source
        tracker = ReceptionTracker(clockRate: source.kind.clockRate)
        transit = TransitTime(clockRate: source.kind.clockRate)
        video = source.kind == .video ? VideoReceiver(hasRTX: source.rtxSSRC != nil) : nil
    }

    mutating func count(packetLength: Int, at now: MonotonicInstant) {
        packets += 1
        bytes += packetLength
        rate.add(packetLength, at: now)
    }

    /// Places a packet of the primary SSRC; nil where it must not be used.
    mutating func track(_ header: RTPHeader, at now: MonotonicInstant) -> Int64? {
        switch tracker.receive(header.sequenceNumber) {
        case .accepted(let sequence):
            if !header.payload.isEmpty {
                tracker.measureJitter(timestamp: header.timestamp, at: now)
                transit.arrive(timestamp: header.timestamp, at: now)
            }
            return sequence
        case .restarted(let sequence):
            video?.restart()
            return sequence
        case .duplicate:
            duplicates += 1
            return nil
        case .suspicious:
            return nil
        }
    }

    mutating func receive(_ report: SenderReport, at now: MonotonicInstant) {
        lastSenderReport = report.ntp.middle
        lastSenderReportArrival = now
        transit.note(report)
    }

    mutating func reportBlock(at now: MonotonicInstant) -> ReportBlock? {
        var delay: UInt32 = 0
        if lastSenderReport != 0 {
            let milliseconds = (now - lastSenderReportArrival).wholeMilliseconds
            delay = UInt32(clamping: milliseconds &* 65_536 / 1000)
        }
        return tracker.report(
            ssrc: source.ssrc, lastSenderReport: lastSenderReport, delaySinceLastSenderReport: delay)
    }

    func statistics(at now: MonotonicInstant) -> RTPStatistics.Inbound {
        RTPStatistics.Inbound(
            name: source.name, kind: source.kind, ssrc: source.ssrc, packets: packets, bytes: bytes,
            lost: Int(tracker.cumulativeLost), fractionLost: Double(tracker.fractionLost) / 256,
            jitterMilliseconds: tracker.jitterMilliseconds, bitsPerSecond: 8 * rate.sum(at: now),
            duplicates: duplicates + (video?.duplicates ?? 0), video: video?.statistics(at: now))
    }
}
