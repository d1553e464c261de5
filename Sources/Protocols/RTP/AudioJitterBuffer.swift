package import Basis

/// Puts the Opus packets of one source in order and hands them out at the listener's pace.
///
/// The delay follows the observed variation of arrival (20 to 200 ms). A jump of the timestamp without a gap in the
/// sequence numbers is silence of the sender or packets that the bridge left out, not loss (protocol section 8.6).
package struct AudioJitterBuffer: Sendable {
    /// What is to be played next.
    package enum Playout: Equatable, Sendable {
        /// The buffer holds the packet to decode.
        case packet
        /// A packet is missing: conceal `frameSamples`. With `nextHasFEC` the buffer holds the packet after it, whose
        /// redundancy may rebuild the missing one; that packet comes again at the next call.
        case lost(nextHasFEC: Bool)
        /// Nothing to play now: silence.
        case empty
    }

    package struct Statistics: Equatable, Sendable {
        /// Packets taken in, whatever became of them.
        package var received = 0
        /// Packets that came after their moment.
        package var late = 0
        package var duplicates = 0
        /// Packets given up as lost.
        package var lost = 0
        /// Moments concealed because the next packet had not come yet.
        package var stretched = 0
        /// Packets left out to bring the delay down.
        package var skipped = 0
        /// Times the buffer started over: a long pause, or another numbering.
        package var resynchronised = 0
    }

    /// Packets held at most; a newer one pushes the oldest out.
    package static let capacity = 64
    /// Longer payloads are refused.
    package static let largestPayload = 1_500
    private static let longestPause = Duration.seconds(2)
    /// A number this far back is a sender that started over.
    private static let restartDistance: Int64 = 1_000
    private static let clockRate: Int64 = 48_000
    private static let mostStretches = 3

    private struct Slot {
        var sequence: Int64?
        var timestamp: UInt32 = 0
        var arrival = MonotonicInstant.zero
        var payload: [UInt8] = []
    }

    private var slots = [Slot](repeating: Slot(), count: capacity)
    private var held = 0
    /// The highest extended sequence number; nil before the first packet.
    private var newest: Int64?
    /// The extended sequence number to be played next.
    private var next: Int64 = 0
    private var hasPlayed = false
    private var isPlaying = false
    /// The timestamp that continues what was played last.
    private var expected: UInt32?
    private var stretches = 0
    private var stretchIsDue = false
    private var lastArrival: MonotonicInstant?
    private var fewestHeld = Int.max
    private var playedSinceSkip = 0
    private var variation = ArrivalVariation()

    package private(set) var statistics = Statistics()
    /// Samples of the packet played last: how much to conceal for a lost one.
    package private(set) var frameSamples = 960

    package init() {}

    /// How long a packet is held on purpose.
    package var targetDelay: Duration { variation.target }
    /// When the newest packet came.
    package var lastInsertion: MonotonicInstant? { lastArrival }
    /// Packets waiting.
    package var count: Int { held }

    /// Takes a packet in. `timestamp` counts 48 kHz samples.
    package mutating func insert(
        sequenceNumber: UInt16, timestamp: UInt32, payload: Span<UInt8>, at now: MonotonicInstant
    ) {
        guard !payload.isEmpty, payload.count <= Self.largestPayload else { return }
        statistics.received += 1
        if let lastArrival, now - lastArrival > Self.longestPause { resynchronise() }
        lastArrival = now
        var sequence = Int64(sequenceNumber)
        if let newest {
            sequence =
                newest + Int64(Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: newest)))
            if sequence < next - Self.restartDistance {
                resynchronise()
                sequence = Int64(sequenceNumber)
            }
        }
        variation.note(timestamp: timestamp, at: now)
        guard let newest else {
            next = sequence
            self.newest = sequence
            return store(sequence, timestamp, payload, now)
        }
        if sequence < next {
            // Before the first one is played, an earlier packet may still take its place.
            guard !hasPlayed, newest - sequence < Int64(Self.capacity) else {
                statistics.late += 1
                stretchIsDue = isPlaying && levelDuration < variation.target
                return
            }
            next = sequence
        }
        if sequence - next >= Int64(Self.capacity) { makeRoom(for: sequence) }
        self.newest = max(newest, sequence)
        store(sequence, timestamp, payload, now)
    }

    /// Says what to play now; `buffer`, whose capacity is kept, receives the packet that the answer speaks of.
    ///
    /// Call it whenever the samples of the answer before have been played.
    package mutating func next(at now: MonotonicInstant, into buffer: inout [UInt8]) -> Playout {
        buffer.removeAll(keepingCapacity: true)
        guard held > 0, let newest, let head = (next...max(next, newest)).first(where: { isHeld($0) }) else {
            return underrun()
        }
        let arrival = slots[Self.index(head)].arrival
        let isRipe = now - arrival >= variation.target
        if !isPlaying {
            guard isRipe else { return .empty }
            isPlaying = true
            expected = nil
            next = head
        }
        if stretchIsDue {
            stretchIsDue = false
            statistics.stretched += 1
            return .lost(nextHasFEC: false)
        }
        guard head == next else { return skipLost(head: head, into: &buffer) }
        if let expected, !isRipe, Int32(bitPattern: slots[Self.index(head)].timestamp &- expected) > 0 {
            return .empty
        }
        play(shrunk(head), into: &buffer)
        return .packet
    }

    // MARK: - Playing

    private mutating func play(_ sequence: Int64, into buffer: inout [UInt8]) {
        let index = Self.index(sequence)
        buffer.append(contentsOf: slots[index].payload)
        frameSamples = Self.duration(ofOpusPacket: buffer.span)
        expected = slots[index].timestamp &+ UInt32(frameSamples)
        release(sequence)
        next = sequence + 1
        hasPlayed = true
        stretches = 0
    }

    private mutating func skipLost(head: Int64, into buffer: inout [UInt8]) -> Playout {
        next += 1
        statistics.lost += 1
        let continuation = expected.map { $0 &+ UInt32(frameSamples) }
        expected = continuation
        let slot = slots[Self.index(head)]
        guard head == next, continuation == nil || continuation == slot.timestamp else {
            return .lost(nextHasFEC: false)
        }
        buffer.append(contentsOf: slot.payload)
        return .lost(nextHasFEC: true)
    }

    /// Nothing is there. A short while it may only be late: what was heard is carried on; then it is a pause.
    private mutating func underrun() -> Playout {
        guard isPlaying else { return .empty }
        stretchIsDue = false
        stretches += 1
        guard stretches <= Self.mostStretches else {
            isPlaying = false
            stretches = 0
            return .empty
        }
        statistics.stretched += 1
        return .lost(nextHasFEC: false)
    }

    /// The packet to play when `head` is due: one further on, at most once a second, when too much waits all the time.
    private mutating func shrunk(_ head: Int64) -> Int64 {
        fewestHeld = min(fewestHeld, held)
        playedSinceSkip += 1
        let isSwamped = levelDuration > variation.target + .milliseconds(300)
        guard isSwamped || playedSinceSkip >= 50 else { return head }
        let lowest = duration(ofPackets: isSwamped ? held : fewestHeld)
        playedSinceSkip = 0
        fewestHeld = .max
        var chosen = head
        var excess = lowest - variation.target
        while excess > .milliseconds(40), isHeld(chosen + 1) {
            release(chosen)
            chosen += 1
            statistics.skipped += 1
            guard isSwamped else { break }
            excess -= duration(ofPackets: 1)
        }
        return chosen
    }

    private var levelDuration: Duration { duration(ofPackets: held) }

    private func duration(ofPackets packets: Int) -> Duration {
        .microseconds(Int64(packets) * Int64(frameSamples) * 1_000_000 / Self.clockRate)
    }

    // MARK: - Storage

    private static func index(_ sequence: Int64) -> Int {
        // Negative extended numbers exist: a packet reordered before the very first one.
        Int(((sequence % Int64(capacity)) + Int64(capacity)) % Int64(capacity))
    }

    private func isHeld(_ sequence: Int64) -> Bool {
        slots[Self.index(sequence)].sequence == sequence
    }

    private mutating func store(
        _ sequence: Int64, _ timestamp: UInt32, _ payload: Span<UInt8>, _ now: MonotonicInstant
    ) {
        guard !isHeld(sequence) else {
            statistics.duplicates += 1
            return
        }
        let index = Self.index(sequence)
        slots[index].sequence = sequence
        slots[index].timestamp = timestamp
        slots[index].arrival = now
        slots[index].payload.removeAll(keepingCapacity: true)
        slots[index].payload.append(copying: payload)
        held += 1
    }

    private mutating func release(_ sequence: Int64) {
        slots[Self.index(sequence)].sequence = nil
        held -= 1
    }

    /// Lets the oldest go until `sequence` fits into the window.
    private mutating func makeRoom(for sequence: Int64) {
        let lowest = sequence - Int64(Self.capacity) + 1
        var first: Int64?
        for index in slots.indices {
            guard let occupant = slots[index].sequence else { continue }
            if occupant < lowest {
                release(occupant)
                statistics.skipped += 1
            } else {
                first = min(first ?? occupant, occupant)
            }
        }
        next = first ?? sequence
        expected = nil
    }

    private mutating func resynchronise() {
        for index in slots.indices { slots[index].sequence = nil }
        held = 0
        newest = nil
        hasPlayed = false
        isPlaying = false
        expected = nil
        stretches = 0
        stretchIsDue = false
        fewestHeld = .max
        playedSinceSkip = 0
        variation = ArrivalVariation()
        statistics.resynchronised += 1
    }

    /// Samples at 48 kHz in an Opus packet, from its first two bytes (RFC 6716 sections 3.1 and 3.2).
    package static func duration(ofOpusPacket packet: Span<UInt8>) -> Int {
        guard let toc = packet.uint8(at: 0) else { return 960 }
        let configuration = Int(toc >> 3)
        let frame =
            switch configuration {
            case ..<12: configuration & 3 == 3 ? 2_880 : 480 << (configuration & 3)
            case ..<16: 480 << (configuration & 1)
            default: 120 << (configuration & 3)
            }
        let frames =
            switch toc & 3 {
            case 0: 1
            case 1, 2: 2
            default: Int((packet.uint8(at: 1) ?? 1) & 0x3F)
            }
        return min(max(120, frame * frames), 5_760)
    }
}

/// How unevenly packets come, and the delay that hides most of it.
///
/// The spread of one-way times (arrival less timestamp) over the last packets: the delay covers 97 of 100.
private struct ArrivalVariation: Sendable {
    private static let window = 128
    private static let bins = 21

    private var transits: [Int64] = []
    private var position = 0
    private var notedSinceUpdate = 0
    private var extendedTimestamp: Int64?
    private(set) var target = Duration.milliseconds(20)

    init() {
        transits.reserveCapacity(Self.window)
    }

    mutating func note(timestamp: UInt32, at now: MonotonicInstant) {
        var extended = Int64(timestamp)
        if let previous = extendedTimestamp {
            extended = previous + Int64(Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: previous)))
        }
        extendedTimestamp = extended
        let transit = now.nanoseconds / 1_000 * 48 / 1_000 &- extended
        if let last = transits.last, abs(transit &- last) > 48_000 {
            // Another time line: what was learnt says nothing about it.
            transits.removeAll(keepingCapacity: true)
            position = 0
        }
        if transits.count < Self.window {
            transits.append(transit)
        } else {
            transits[position] = transit
            position = (position + 1) % Self.window
        }
        notedSinceUpdate += 1
        if notedSinceUpdate >= 8 || transits.count < 16 {
            notedSinceUpdate = 0
            update()
        }
    }

    private mutating func update() {
        guard let least = transits.min() else { return }
        var histogram = InlineArray<21, Int>(repeating: 0)
        for transit in transits { histogram[min(Int((transit - least) / 480), Self.bins - 1)] += 1 }
        var remaining = transits.count * 97 / 100
        var bin = 0
        while bin < Self.bins - 1, remaining > histogram[bin] {
            remaining -= histogram[bin]
            bin += 1
        }
        target = .milliseconds(min(max(20, (bin + 1) * 10), 200))
    }
}
