package import Basis

/// Puts the Opus packets of one source in order and says what is to be played next, at the listener's pace.
///
/// Each sample has its moment: the timestamp, by the line's fastest packets, and the delay that hides how uneven the others
/// are (`DelayTarget`). A stretch of sound begins at its moment; while it lasts, whoever plays it makes it shorter or longer
/// by `surplus`. A jump of the timestamp without a gap in the sequence numbers is silence of the sender or packets that the
/// bridge left out, not loss (protocol section 8.6). All times are samples at 48 kHz.
package struct AudioJitterBuffer: Sendable {
    /// What is to be played next.
    package enum Playout: Equatable, Sendable {
        /// The buffer holds the packet to decode.
        case packet
        /// Nothing is there that should be: conceal so much.
        case lost(samples: Int)
        /// The buffer holds the packet after a lost one, whose redundancy restores `samples`; the first `skipping` of them
        /// have been concealed already. The packet itself comes next.
        case restored(samples: Int, skipping: Int)
        /// The sender is silent and said so: carry the noise of its room on for 10 ms.
        case comfort
        /// Nothing to play now: silence.
        case empty
    }

    /// Packets by what became of them, since the start.
    package struct Statistics: Equatable, Sendable {
        /// Packets taken in, whatever became of them.
        package var received = 0
        /// Packets that came after their moment.
        package var late = 0
        /// Packets that were there already.
        package var duplicates = 0
        /// Packets given up as lost, those restored included.
        package var lost = 0
        /// Lost packets that the one after them restored (RFC 6716 section 2.1.7), or a copy in another (RFC 2198).
        package var restored = 0
        /// Packets replaced by a redundant copy (RFC 2198).
        package var copied = 0
        /// Periods of 10 ms concealed because the next packet had not come yet.
        package var waited = 0
        /// Packets left out because far too many waited.
        package var skipped = 0
        /// Times the buffer started over: a long pause, or another numbering.
        package var resynchronised = 0
    }

    /// Packets held at most; a newer one pushes the oldest out.
    package static let capacity = 64
    /// Hardly any packet of speech is longer, in bytes.
    static let usualPayload = 320
    /// Longer payloads are refused.
    package static let largestPayload = 1_500
    /// 120 ms: what is made up at a stretch. After that there is nothing left to carry on.
    package static let longestConcealment = 5_760
    private static let longestPause = Duration.seconds(2)
    /// 1.2 s, three times what a silent sender lets pass between two signs of life.
    private static let longestComfort = 57_600
    /// A number this far back is a sender that started over.
    private static let restartDistance: Int64 = 1_000
    /// Beyond 400 ms too much, packets are left out: nobody waits until stretching has brought that down.
    private static let swamped: Int64 = 19_200
    /// 2.5 ms: less is a sender that rounds, not a gap.
    private static let shortestGap: Int64 = 120
    /// A period of the caller.
    private static let period = 480

    struct Slot {
        var sequence: Int64?
        var timestamp: Int64 = 0
        var payload: [UInt8] = []
    }

    var slots = [Slot](repeating: Slot(), count: capacity)
    var held = 0
    /// The highest extended sequence number; nil before the first packet.
    private var newest: Int64?
    private var newestTimestamp: Int64 = 0
    /// The extended sequence number to be played next.
    var next: Int64 = 0
    private var hasPlayed = false
    /// The timestamp that continues what was handed out last; nil while nothing is being played.
    var expected: Int64?
    /// Made up since the last packet: at a stretch, and of that what no timestamp stands for yet.
    private var concealedRun = 0
    private var waited = 0
    private var comfort: Int?
    private var lastArrival: MonotonicInstant?
    private var target = DelayTarget()

    /// Packets by what became of them, since the start.
    package internal(set) var statistics = Statistics()
    /// Samples of the packet played last.
    package private(set) var frameSamples = 960

    package init() {}

    /// How long a packet is held on purpose.
    package var targetDelay: Duration { .microseconds(target.samples * 1_000 / 48) }
    /// Packets waiting.
    package var count: Int { held }

    // MARK: - Taking in

    /// Takes a packet in.
    package mutating func insert(
        sequenceNumber: UInt16, timestamp: UInt32, payload: Span<UInt8>, at now: MonotonicInstant
    ) {
        guard !payload.isEmpty, payload.count <= Self.largestPayload else { return }
        statistics.received += 1
        if let lastArrival, now - lastArrival > Self.longestPause { resynchronise() }
        lastArrival = now
        var sequence = extend(sequenceNumber)
        if newest != nil, sequence < next - Self.restartDistance {
            resynchronise()
            sequence = Int64(sequenceNumber)
        }
        let time = extend(timestamp)
        let transit = Self.samples(now) &- time
        target.note(transit: transit)
        noteRestoration(by: payload, sequence, transit)
        guard let newest else {
            next = sequence
            (self.newest, newestTimestamp) = (sequence, time)
            return store(sequence, time, payload)
        }
        if sequence < next {
            // Before the first one is played, an earlier packet may still take its place.
            guard !hasPlayed, newest - sequence < Int64(Self.capacity) else {
                statistics.late += 1
                return
            }
            next = sequence
        }
        if sequence - next >= Int64(Self.capacity) { makeRoom(for: sequence) }
        if sequence > newest { (self.newest, newestTimestamp) = (sequence, time) }
        store(sequence, time, payload)
    }

    /// Takes a copy of an earlier packet in, which came with a later one: it fills a gap, if there is one.
    /// - Parameter distance: how many packets before `sequenceNumber` it was sent first.
    package mutating func insertCopy(
        sequenceNumber: UInt16, distance: UInt16, timestamp: UInt32, payload: Span<UInt8>, at now: MonotonicInstant
    ) {
        guard !payload.isEmpty, payload.count <= Self.largestPayload, let newest else { return }
        let sequence = extend(sequenceNumber) - Int64(distance)
        guard sequence >= next, sequence < newest, newest - sequence < Int64(Self.capacity), !isHeld(sequence) else {
            return
        }
        let time = newestTimestamp &+ Int64(Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: newestTimestamp)))
        target.noteRestored(transit: Self.samples(now) &- time)
        statistics.copied += 1
        store(sequence, time, payload)
    }

    /// What the packet before is worth that this one repeats: when all else is lost, it came now.
    private mutating func noteRestoration(by payload: Span<UInt8>, _ sequence: Int64, _ transit: Int64) {
        guard let newest, sequence > newest + 1, OpusPacket.hasRedundancy(payload) else { return }
        target.noteRestored(transit: transit &+ Int64(OpusPacket.duration(payload)))
    }

    private func extend(_ sequenceNumber: UInt16) -> Int64 {
        guard let newest else { return Int64(sequenceNumber) }
        return newest + Int64(Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: newest)))
    }

    private func extend(_ timestamp: UInt32) -> Int64 {
        guard newest != nil else { return Int64(timestamp) }
        return newestTimestamp &+ Int64(Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: newestTimestamp)))
    }

    static func samples(_ instant: MonotonicInstant) -> Int64 { instant.nanoseconds / 1_000 * 48 / 1_000 }

    // MARK: - Handing out

    /// Says what to play now; `buffer`, whose capacity is kept, receives the packet that the answer speaks of.
    /// - Parameter pending: samples that were handed out and are not played yet.
    package mutating func next(at now: MonotonicInstant, pending: Int, into buffer: inout [UInt8]) -> Playout {
        buffer.removeAll(keepingCapacity: true)
        guard var head = firstHeld() else { return underrun() }
        leaveOut(from: &head, at: now, pending: pending)
        let timestamp = slots[Self.index(head)].timestamp
        let isRipe = Self.samples(now) &+ Int64(pending) &- timestamp &- target.base >= target.samples
        guard let expected else {
            guard isRipe else { return pause() }
            return play(head, into: &buffer)
        }
        var gap = timestamp &- expected
        if head > next, waited > 0, gap > 0 {
            // What was made up while waiting stands for what did not come.
            gap -= min(Int64(waited), gap)
            self.expected = timestamp &- gap
            waited = 0
        }
        guard gap >= Self.shortestGap else { return play(head, into: &buffer) }
        if head == next || comfort != nil {
            // The sender was silent in between.
            return isRipe ? play(head, into: &buffer) : pause()
        }
        return conceal(gap, before: head, isRipe: isRipe, into: &buffer)
    }

    /// How much later than its moment the next sample is played; negative when it is too early. Nil while nothing is being
    /// played whose length could be changed.
    /// - Parameter pending: samples that were handed out and are not played yet.
    package func surplus(at now: MonotonicInstant, pending: Int) -> Int? {
        guard let expected, comfort == nil else { return nil }
        return Int(Self.samples(now) &+ Int64(pending) &- expected &- target.base &- target.samples)
    }

    /// Whether the packet that continues what was handed out last is there.
    package var hasContinuation: Bool {
        isHeld(next) && slots[Self.index(next)].timestamp == expected
    }

    private mutating func play(_ sequence: Int64, into buffer: inout [UInt8]) -> Playout {
        let index = Self.index(sequence)
        buffer.append(contentsOf: slots[index].payload)
        frameSamples = OpusPacket.duration(buffer.span)
        if expected != nil { statistics.lost += Int(clamping: sequence - next) }
        expected = slots[index].timestamp &+ Int64(frameSamples)
        comfort = OpusPacket.isPause(buffer.span) ? 0 : nil
        release(sequence)
        next = sequence + 1
        hasPlayed = true
        concealedRun = 0
        waited = 0
        return .packet
    }

    /// `gap` samples are missing before `head`.
    private mutating func conceal(
        _ gap: Int64, before head: Int64, isRipe: Bool, into buffer: inout [UInt8]
    ) -> Playout {
        let index = Self.index(head)
        let payload = slots[index].payload
        let frame = Int64(OpusPacket.duration(payload.span))
        let isRestorable = OpusPacket.hasRedundancy(payload.span)
        if isRestorable, gap <= frame {
            buffer.append(contentsOf: payload)
            statistics.lost += Int(clamping: head - next)
            statistics.restored += 1
            expected = slots[index].timestamp
            next = head
            concealedRun = 0
            return .restored(samples: Int(frame), skipping: Int(frame - gap))
        }
        guard concealedRun < Self.longestConcealment else {
            stop()
            return isRipe ? play(head, into: &buffer) : .empty
        }
        // What can be restored is left for the next call; Opus conceals multiples of 2.5 ms.
        let missing = isRestorable ? gap - frame : gap
        let count = min(max(120, missing / 120 * 120), Int64(frameSamples))
        expected = (expected ?? 0) &+ count
        if count >= Int64(frameSamples) {
            next += 1
            statistics.lost += 1
        }
        concealedRun += Int(count)
        return .lost(samples: Int(count))
    }

    /// Nothing is there. A short while it may only be late: what was heard is carried on, and the clock stands still; then
    /// it is a pause.
    private mutating func underrun() -> Playout {
        guard expected != nil, comfort == nil else { return pause() }
        guard concealedRun < Self.longestConcealment else {
            stop()
            return .empty
        }
        concealedRun += Self.period
        waited += Self.period
        statistics.waited += 1
        return .lost(samples: Self.period)
    }

    private mutating func pause() -> Playout {
        guard let lasting = comfort, lasting < Self.longestComfort else {
            comfort = nil
            if held == 0 { stop() }
            return .empty
        }
        comfort = lasting + Self.period
        return .comfort
    }

    mutating func stop() {
        expected = nil
        comfort = nil
        concealedRun = 0
        waited = 0
    }

    /// Leaves packets out when far too many wait.
    private mutating func leaveOut(from head: inout Int64, at now: MonotonicInstant, pending: Int) {
        let present = Self.samples(now) &+ Int64(pending) &- target.base &- target.samples
        guard expected != nil, head == next, present &- slots[Self.index(head)].timestamp > Self.swamped else { return }
        while isHeld(head + 1), present &- slots[Self.index(head)].timestamp > Self.swamped / 4 {
            release(head)
            head += 1
            statistics.skipped += 1
        }
        next = head
        expected = slots[Self.index(head)].timestamp
    }

    mutating func resynchronise() {
        for index in slots.indices { slots[index].sequence = nil }
        held = 0
        newest = nil
        hasPlayed = false
        stop()
        target.restart()
        statistics.resynchronised += 1
    }

    /// The first packet held that is not over.
    private func firstHeld() -> Int64? {
        guard held > 0, let newest, newest >= next else { return nil }
        var sequence = next
        while sequence <= newest {
            if isHeld(sequence) { return sequence }
            sequence += 1
        }
        return nil
    }
}
