import Basis

/// The receiving side of one video source: assembly, requests for lost packets, requests for key frames.
struct VideoReceiver: Sendable {
    /// More pictures than this are never held back.
    private static let mostWaiting = 64
    /// The end of a picture is asked for early while packets were lost so lately.
    private static let lossMemory = Duration.seconds(10)

    private struct Waiting {
        var frame: AssembledFrame
        var due: MonotonicInstant
        var isAfterLoss: Bool
    }

    private var assembler = VideoAssembler()
    private var nack: NACKGenerator
    private var tail = FrameTail()
    private var requester = KeyframeRequester()
    private var playout = PlayoutClock()
    /// In order of time.
    private var waiting: [Waiting] = []
    /// What becomes complete now had to wait for a packet that was asked for again.
    private var isMending = false
    private var dropsSeen = 0
    private var freezes = FreezeMeter()
    private var lastPacket: MonotonicInstant?
    private let hasRTX: Bool
    private var frameRate = RateMeter()
    private var framesAssembled = 0
    private var nacksSent = 0
    private var keyframeRequestsSent = 0
    private var recovered = 0
    private(set) var duplicates = 0
    private var codec: VideoCodec?
    private var width = 0
    private var height = 0

    init(hasRTX: Bool) {
        self.hasRTX = hasRTX
        nack = NACKGenerator(resendsInPlace: !hasRTX)
    }

    /// Takes a packet placed in the primary sequence, original or (`isRetransmission`) restored from RTX.
    /// - Returns: how long it took to come after it was asked for, where that is known.
    mutating func receive(
        sequence: Int64, timestamp: UInt32, marker: Bool, codec: VideoCodec, payload: Span<UInt8>,
        isRetransmission: Bool, roundTrip: Duration, at now: MonotonicInstant
    ) -> Duration? {
        requester.noteTraffic()
        noteTraffic(at: now)
        switch assembler.insert(
            sequence: sequence, timestamp: timestamp, marker: marker, codec: codec, payload: payload)
        {
        case .stored(let startsFrame):
            if isRetransmission { recovered += 1 }
            // Not at a frame's later packets: the beginning of a key frame may merely have been overtaken.
            if startsFrame, assembler.lacksKeyframe { requester.demand(at: now) }
        case .duplicate:
            duplicates += 1
        case .late:
            if isRetransmission { duplicates += 1 }
        case .malformed:
            break
        }
        let isNewest = nack.isNewest(sequence)
        let outcome = nack.receive(
            sequence, isRetransmission: isRetransmission, roundTrip: roundTrip, at: now)
        if isNewest, !payload.isEmpty { tail.note(timestamp: timestamp, marker: marker, at: now) }
        isMending = false
        switch outcome {
        case .expected: return nil
        case .unjustlySuspected:
            tail.noteError()
            return nil
        case .mends(let answer):
            isMending = true
            return answer
        case .hopeless:
            assembler.reset()
            requester.demand(at: now)
            return nil
        }
    }

    /// The bridge stops and goes on as it likes: a picture that stands meanwhile is not a frozen one.
    private mutating func noteTraffic(at now: MonotonicInstant) {
        if let lastPacket, now - lastPacket > .seconds(1) { freezes.pause() }
        lastPacket = now
    }

    /// The next frame to decode and show now.
    mutating func nextFrame(at now: MonotonicInstant) -> AssembledFrame? {
        while let frame = assembler.nextFrame() {
            framesAssembled += 1
            codec = frame.codec
            if frame.isKeyframe {
                requester.satisfy()
                noteSize(of: frame)
            }
            let due = playout.due(timestamp: frame.timestamp, isMended: isMending, at: now)
            let drops = assembler.framesDropped
            waiting.append(Waiting(frame: frame, due: due, isAfterLoss: drops > dropsSeen))
            dropsSeen = drops
        }
        assembler.updateBlockage(at: now)
        nack.forget(below: assembler.floor)
        guard let first = waiting.first, first.due <= now || waiting.count > Self.mostWaiting else { return nil }
        waiting.removeFirst()
        frameRate.add(1, at: now)
        freezes.note(timestamp: first.frame.timestamp, isAfterLoss: first.isAfterLoss, at: now)
        return first.frame
    }

    /// Gives back the buffer of a frame that is done with.
    mutating func reuse(_ buffer: consuming [UInt8]) {
        assembler.reuse(buffer)
    }

    /// Pictures are shown so much later at least than they could be.
    mutating func holdBack(_ duration: Duration) {
        playout.least = duration
    }

    private mutating func noteSize(of frame: AssembledFrame) {
        switch frame.codec {
        case .vp8:
            guard let header = VP8FrameHeader.parse(frame.bytes.span) else { return }
            (width, height) = (header.width, header.height)
        case .vp9:
            guard let size = VP9Superframe.size(of: frame.bytes.span) else { return }
            (width, height) = size
        }
    }

    /// How long a missing packet is waited for: five round trips of asking, within 700 ms.
    ///
    /// A key frame that is needed gets more: there is nothing else to show, and the bridge rations requests for another.
    private func patience(roundTrip: Duration) -> Duration {
        assembler.isAwaitingKeyframe ? .seconds(1) : min(.milliseconds(700), roundTrip * 5 + .milliseconds(100))
    }

    /// Gives up what is missing for too long. True when frames may have become complete by it.
    mutating func advance(roundTrip: Duration, at now: MonotonicInstant) -> Bool {
        guard let deadline = blockageDeadline(roundTrip: roundTrip), deadline <= now else { return false }
        isMending = false
        assembler.giveUp()
        nack.forget(below: assembler.floor)
        requester.demand(at: now)
        return true
    }

    /// - Parameter pause: how long an answer takes.
    mutating func collectMissing(into request: inout [UInt16], pause: Duration, at now: MonotonicInstant) {
        if tailDeadline.map({ $0 <= now }) ?? false, tail.poll(at: now) { nack.suspectNext(at: now) }
        let before = request.count
        nack.collect(into: &request, pause: pause, at: now)
        if request.count > before { nacksSent += 1 }
    }

    private var tailDeadline: MonotonicInstant? {
        // Where retransmissions look like originals, nobody could learn from errors.
        guard hasRTX, let lost = nack.lostAt, let deadline = tail.deadline, deadline - lost < Self.lossMemory else {
            return nil
        }
        return deadline
    }

    mutating func demandKeyframe(at now: MonotonicInstant) {
        requester.demand(at: now)
    }

    mutating func pollKeyframeRequest(at now: MonotonicInstant) -> Bool {
        guard requester.poll(at: now) else { return false }
        keyframeRequestsSent += 1
        return true
    }

    /// Begins anew with a source that began a new sequence.
    mutating func restart() {
        assembler.reset()
        nack.reset()
    }

    func consider(_ soonest: inout Soonest, roundTrip: Duration) {
        soonest.consider(nack.deadline, "NACK")
        soonest.consider(tailDeadline, "end of a picture")
        soonest.consider(waiting.first?.due, "picture to show")
        soonest.consider(requester.deadline, "PLI")
        soonest.consider(blockageDeadline(roundTrip: roundTrip), "missing video packet")
    }

    private func blockageDeadline(roundTrip: Duration) -> MonotonicInstant? {
        guard let missing = assembler.blockedAt else { return nil }
        return (nack.noticed(missing) ?? assembler.blockedSince) + patience(roundTrip: roundTrip)
    }

    func statistics(at now: MonotonicInstant) -> RTPStatistics.InboundVideo {
        let isBlocked =
            (assembler.blockedAt != nil || assembler.lacksKeyframe)
            && lastPacket.map { now - $0 < .seconds(1) } ?? false
        return RTPStatistics.InboundVideo(
            nacks: nacksSent, keyframeRequests: keyframeRequestsSent, packetsRecovered: recovered,
            framesAssembled: framesAssembled, framesDropped: assembler.framesDropped, codec: codec, width: width,
            height: height,
            framesPerSecond: frameRate.sum(at: now), bufferedBytes: assembler.storedBytes,
            playoutDelay: playout.delay, frozen: freezes.total(isBlocked: isBlocked, at: now))
    }
}
