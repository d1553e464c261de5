import Basis

/// Sequence numbers, losses and jitter of one received SSRC (RFC 3550 appendices A.1, A.3, A.8).
struct ReceptionTracker: Sendable {
    enum Outcome: Equatable {
        /// Extended to 64 bits.
        case accepted(Int64)
        case duplicate
        /// Far from what was expected; believed when its successor follows.
        case suspicious
        /// The source began a new sequence; the number continues the extended ones.
        case restarted(Int64)
    }

    /// A jump by more is a new sequence rather than loss.
    static let maximumDropout = 3000
    /// More than a second of video: without RTX the bridge resends this far back on the primary SSRC.
    static let maximumMisorder = 1000

    private let clockRate: Int64
    private(set) var highest: Int64?
    private var base: Int64 = 0
    private var received: Int64 = 0
    private var expectedPrior: Int64 = 0
    private var receivedPrior: Int64 = 0
    private var successorOfSuspect: UInt16?
    /// Bit n: `highest - n` came.
    private var recent: UInt64 = 0
    private var lastTransit: UInt32?
    private var lastTimestamp: UInt32 = 0
    /// Sixteen times the jitter, in clock units (A.8).
    private var scaledJitter: Int64 = 0
    private(set) var fractionLost: UInt8 = 0
    private(set) var receivedSinceReport = false

    init(clockRate: Int64) {
        self.clockRate = clockRate
    }

    mutating func receive(_ sequenceNumber: UInt16) -> Outcome {
        guard let highest else {
            return .accepted(begin(Int64(sequenceNumber) + 0x1_0000))
        }
        let extended = SequenceUnwrapper.extend(sequenceNumber, near: highest)
        let distance = extended - highest
        if distance > 0, distance < Self.maximumDropout {
            recent = distance < 64 ? recent << UInt64(distance) | 1 : 1
            self.highest = extended
        } else if distance <= 0, distance > -Int64(Self.maximumMisorder) {
            if distance > -64 {
                let bit = UInt64(1) << UInt64(-distance)
                if recent & bit != 0 { return .duplicate }
                recent |= bit
            }
        } else if successorOfSuspect == sequenceNumber {
            let cycles = (highest >> 16) + 2
            return .restarted(begin(cycles << 16 | Int64(sequenceNumber)))
        } else {
            successorOfSuspect = sequenceNumber &+ 1
            return .suspicious
        }
        successorOfSuspect = nil
        received += 1
        receivedSinceReport = true
        return .accepted(extended)
    }

    private mutating func begin(_ extended: Int64) -> Int64 {
        highest = extended
        base = extended
        received = 1
        expectedPrior = 0
        receivedPrior = 0
        successorOfSuspect = nil
        recent = 1
        lastTransit = nil
        receivedSinceReport = true
        return extended
    }

    /// Feeds the jitter estimate; packets of one video frame share a timestamp and count once.
    mutating func measureJitter(timestamp: UInt32, at now: MonotonicInstant) {
        if lastTransit != nil, timestamp == lastTimestamp { return }
        let transit = RTPClock.units(now, rate: clockRate) &- timestamp
        if let lastTransit {
            let difference = Int64(Int32(bitPattern: transit &- lastTransit).magnitude)
            // The bridge lets timestamps jump when it resumes a stream: that is no jitter.
            if difference < 5 * clockRate {
                scaledJitter += difference - (scaledJitter + 8) >> 4
            }
        }
        lastTransit = transit
        lastTimestamp = timestamp
    }

    /// In clock units.
    var jitter: UInt32 {
        UInt32(truncatingIfNeeded: max(0, scaledJitter >> 4))
    }

    var jitterMilliseconds: Double {
        Double(scaledJitter) / 16 * 1000 / Double(clockRate)
    }

    /// Negative where duplicates outnumber losses.
    var cumulativeLost: Int64 {
        guard let highest else { return 0 }
        return highest - base + 1 - received
    }

    /// Closes a reporting interval. Nil before the first packet.
    mutating func report(
        ssrc: UInt32, lastSenderReport: UInt32, delaySinceLastSenderReport: UInt32
    ) -> ReportBlock? {
        guard let highest else { return nil }
        let expected = highest - base + 1
        let expectedInterval = expected - expectedPrior
        let lostInterval = expectedInterval - (received - receivedPrior)
        expectedPrior = expected
        receivedPrior = received
        receivedSinceReport = false
        fractionLost =
            expectedInterval > 0 && lostInterval > 0 ? UInt8(min(255, lostInterval * 256 / expectedInterval)) : 0
        return ReportBlock(
            ssrc: ssrc, fractionLost: fractionLost,
            cumulativeLost: Int32(min(0x7F_FFFF, max(-0x80_0000, cumulativeLost))),
            extendedHighestSequence: UInt32(truncatingIfNeeded: highest - 0x1_0000), jitter: jitter,
            lastSenderReport: lastSenderReport, delaySinceLastSenderReport: delaySinceLastSenderReport)
    }
}
