import Basis

/// The receiving side of one video source: assembly, requests for lost packets, requests for key frames.
struct VideoReceiver: Sendable {
    private var assembler = VideoAssembler()
    private var nack = NACKGenerator()
    private var requester = KeyframeRequester()
    private var frameRate = RateMeter()
    private var framesAssembled = 0
    private var nacksSent = 0
    private var keyframeRequestsSent = 0
    private var recovered = 0
    private(set) var duplicates = 0
    private var codec: VideoCodec?
    private var width = 0
    private var height = 0

    /// Takes a packet placed in the primary sequence, original or (`isRetransmission`) restored from RTX.
    mutating func receive(
        sequence: Int64, timestamp: UInt32, marker: Bool, codec: VideoCodec, payload: Span<UInt8>,
        isRetransmission: Bool, at now: MonotonicInstant
    ) {
        requester.noteTraffic()
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
        if !nack.receive(sequence, at: now) {
            assembler.reset()
            requester.demand(at: now)
        }
    }

    /// The next frame to decode.
    mutating func nextFrame(at now: MonotonicInstant) -> AssembledFrame? {
        if let frame = assembler.nextFrame() {
            framesAssembled += 1
            frameRate.add(1, at: now)
            codec = frame.codec
            if frame.isKeyframe {
                requester.satisfy()
                noteSize(of: frame)
            }
            return frame
        }
        assembler.updateBlockage(at: now)
        nack.forget(below: assembler.floor)
        return nil
    }

    /// Gives back the buffer of a frame that is done with.
    mutating func reuse(_ buffer: consuming [UInt8]) {
        assembler.reuse(buffer)
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

    /// How long a missing packet is waited for: three round trips of asking, within half a second.
    ///
    /// A key frame that is needed gets more: there is nothing else to show, and the bridge rations requests for another.
    private func patience(roundTrip: Duration) -> Duration {
        assembler.isAwaitingKeyframe ? .seconds(1) : min(.milliseconds(500), roundTrip * 3 + .milliseconds(150))
    }

    /// Gives up what is missing for too long. True when frames may have become complete by it.
    mutating func advance(roundTrip: Duration, at now: MonotonicInstant) -> Bool {
        guard let deadline = blockageDeadline(roundTrip: roundTrip), deadline <= now else { return false }
        assembler.giveUp()
        nack.forget(below: assembler.floor)
        requester.demand(at: now)
        return true
    }

    mutating func collectMissing(into request: inout [UInt16], roundTrip: Duration, at now: MonotonicInstant) {
        let before = request.count
        nack.collect(into: &request, roundTrip: roundTrip, at: now)
        if request.count > before { nacksSent += 1 }
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
        soonest.consider(requester.deadline, "PLI")
        soonest.consider(blockageDeadline(roundTrip: roundTrip), "missing video packet")
    }

    private func blockageDeadline(roundTrip: Duration) -> MonotonicInstant? {
        guard let missing = assembler.blockedAt else { return nil }
        return (nack.noticed(missing) ?? assembler.blockedSince) + patience(roundTrip: roundTrip)
    }

    func statistics(at now: MonotonicInstant) -> RTPStatistics.InboundVideo {
        RTPStatistics.InboundVideo(
            nacks: nacksSent, keyframeRequests: keyframeRequestsSent, packetsRecovered: recovered,
            framesAssembled: framesAssembled, framesDropped: assembler.framesDropped, codec: codec, width: width,
            height: height,
            framesPerSecond: frameRate.sum(at: now), bufferedBytes: assembler.storedBytes)
    }
}
