import Basis

/// The key frames that the peer asks of one stream; requests that come close together are told as one.
struct KeyframeAnswers: Sendable {
    /// Requests nearer together than this are answered by one key frame.
    private static let merge = Duration.milliseconds(300)

    private var toldAt: MonotonicInstant?
    private var isPending = false
    private var lastFIRSequence: UInt8?

    /// Whether a request that came now is to be told at once.
    mutating func request(at now: MonotonicInstant) -> Bool {
        if let toldAt, now - toldAt < Self.merge {
            isPending = true
            return false
        }
        tell(at: now)
        return true
    }

    /// Whether a full intra request is a new one: the same number is the same request, sent again (RFC 5104 section 4.3.1).
    mutating func isNew(fullIntraRequest sequence: UInt8) -> Bool {
        guard sequence != lastFIRSequence else { return false }
        lastFIRSequence = sequence
        return true
    }

    mutating func tell(at now: MonotonicInstant) {
        toldAt = now
        isPending = false
    }

    /// A key frame goes out.
    mutating func answered() {
        isPending = false
    }

    /// When a request that came too soon after the one before is told, unless a key frame goes out meanwhile.
    var deadline: MonotonicInstant? {
        guard isPending, let toldAt else { return nil }
        return toldAt + Self.merge
    }
}
