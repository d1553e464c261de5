import Basis

/// Which packets of a stream are missing and when to ask for each (again).
///
/// A request may get lost as well: where more than a few packets do, each is sent twice, some milliseconds apart. A peer
/// answers once within a round trip, so that the second costs its own bytes alone.
struct NACKGenerator: Sendable {
    private struct Missing {
        var sequence: Int64
        var noticed: MonotonicInstant
        var due: MonotonicInstant
        /// When the second copy of the last request goes; nil when it went, or none is to go.
        var echo: MonotonicInstant?
        var asked: MonotonicInstant?
        var tries = 0
        var isGuess = false
    }

    /// What came of an arrival.
    enum Outcome: Equatable {
        case expected
        /// It fills a hole; how long after it was asked for, where it was asked for once.
        case mends(after: Duration?)
        /// It was suspected to be lost and only came later.
        case unjustlySuspected
        /// The hole before it is too large to mend.
        case hopeless
    }

    static let maximumTries = 10
    /// Of a packet that nobody knows to have been sent.
    private static let maximumGuesses = 3
    /// A hole of more is not mended but answered by a key frame.
    static let maximumMissing = 512
    /// Of sequence numbers in one request: each may cost four bytes of the datagram.
    static let maximumPerRequest = 250
    /// How long a packet may merely be late: what was seen lately, within these bounds.
    private static let toleranceRange = Duration.milliseconds(1)...Duration.milliseconds(40)
    /// Each packet in order weakens what was learnt of disorder by so much.
    private static let toleranceMemory = 0.999
    /// From this loss on requests go twice.
    private static let lossy = 0.02
    /// The share lost is that of about so many packets.
    private static let lossMemory = 1.0 / 256

    /// Lost packets come again in the place of the originals: without RTX.
    private let resendsInPlace: Bool
    /// Ascending.
    private var missing: [Missing] = []
    private var highest: Int64?
    private(set) var loss = 0.0
    private(set) var lostAt: MonotonicInstant?
    private(set) var tolerance = Duration.milliseconds(3)

    init(resendsInPlace: Bool = false) {
        self.resendsInPlace = resendsInPlace
    }

    /// Notes an arrival, original or retransmitted.
    mutating func receive(_ sequence: Int64, isRetransmission: Bool, roundTrip: Duration, at now: MonotonicInstant)
        -> Outcome
    {
        guard let highest else {
            self.highest = sequence
            return .expected
        }
        guard sequence > highest else {
            guard let index = index(of: sequence) else { return .expected }
            return fill(index, isRetransmission: isRetransmission, roundTrip: roundTrip, at: now)
        }
        self.highest = sequence
        let guess = missing.last.map { $0.sequence > highest ? missing.count - 1 : nil } ?? nil
        if sequence == highest + 1 {
            loss -= loss * Self.lossMemory
            tolerance = max(Self.toleranceRange.lowerBound, tolerance * Self.toleranceMemory)
            guard let guess else { return .expected }
            return fill(guess, isRetransmission: isRetransmission, roundTrip: roundTrip, at: now)
        }
        guard sequence - highest - 1 <= Int64(Self.maximumMissing - missing.count) else {
            missing.removeAll(keepingCapacity: true)
            return .hopeless
        }
        lostAt = now
        for lost in highest + 1..<sequence {
            loss += (1 - loss) * Self.lossMemory
            if guess != nil, lost == highest + 1 { continue }
            missing.append(Missing(sequence: lost, noticed: now, due: now + tolerance))
        }
        return .expected
    }

    private mutating func fill(
        _ index: Int, isRetransmission: Bool, roundTrip: Duration, at now: MonotonicInstant
    ) -> Outcome {
        let entry = missing.remove(at: index)
        let answered = entry.asked.map { now - $0 }
        // Nobody asked, or it came faster than any answer, or is no answer: it was only overtaken.
        if !isRetransmission, !resendsInPlace || answered.map({ $0 < roundTrip / 2 }) ?? true {
            if entry.isGuess { return .unjustlySuspected }
            loss = max(0, loss - Self.lossMemory)
            let late = now - entry.noticed + .milliseconds(1)
            if late > tolerance { tolerance = min(late, Self.toleranceRange.upperBound) }
            return .expected
        }
        return .mends(after: entry.tries == 1 ? answered : nil)
    }

    func isNewest(_ sequence: Int64) -> Bool {
        highest.map { sequence > $0 } ?? true
    }

    /// The packet after the newest one should have come by now.
    mutating func suspectNext(at now: MonotonicInstant) {
        guard let highest, missing.count < Self.maximumMissing, missing.last.map({ $0.sequence <= highest }) ?? true
        else { return }
        missing.append(Missing(sequence: highest + 1, noticed: now, due: now, isGuess: true))
    }

    /// When the loss of `sequence` was noticed.
    func noticed(_ sequence: Int64) -> MonotonicInstant? {
        index(of: sequence).map { missing[$0].noticed }
    }

    mutating func forget(below floor: Int64) {
        guard let first = missing.first, first.sequence < floor else { return }
        missing.removeAll { $0.sequence < floor }
    }

    mutating func reset() {
        missing.removeAll(keepingCapacity: true)
        highest = nil
    }

    /// Appends the sequence numbers to be asked for now, in ascending order; what exceeds one request stays due.
    /// - Parameter pause: how long an answer takes, with a margin.
    mutating func collect(into request: inout [UInt16], pause: Duration, at now: MonotonicInstant) {
        for index in missing.indices {
            guard request.count < Self.maximumPerRequest else { return }
            if canAsk(missing[index]), missing[index].due <= now {
                missing[index].tries += 1
                if missing[index].asked == nil { missing[index].asked = now }
                missing[index].due = now + pause
                missing[index].echo =
                    loss >= Self.lossy ? now + min(.milliseconds(12), max(.milliseconds(3), pause / 6)) : nil
            } else if let echo = missing[index].echo, echo <= now {
                missing[index].echo = nil
            } else {
                continue
            }
            request.append(UInt16(truncatingIfNeeded: missing[index].sequence))
        }
    }

    var deadline: MonotonicInstant? {
        var earliest: MonotonicInstant?
        for entry in missing {
            if canAsk(entry) { earliest = earliest.map { min($0, entry.due) } ?? entry.due }
            if let echo = entry.echo { earliest = earliest.map { min($0, echo) } ?? echo }
        }
        return earliest
    }

    private func canAsk(_ entry: Missing) -> Bool {
        entry.tries < (entry.sequence > highest ?? .max ? Self.maximumGuesses : Self.maximumTries)
    }

    private func index(of sequence: Int64) -> Int? {
        var low = 0
        var high = missing.count
        while low < high {
            let middle = (low + high) / 2
            if missing[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < missing.count && missing[low].sequence == sequence ? low : nil
    }
}
