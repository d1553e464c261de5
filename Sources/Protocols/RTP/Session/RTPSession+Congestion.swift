import Basis

/// Turns the 24 bits of reference time in feedback packets into a clock that goes on (they wrap after 12 days).
struct FeedbackClock: Sendable {
    private var last: Int64?

    /// The reference time in µs.
    mutating func unwrap(_ reference: Int32) -> Int64 {
        let span: Int64 = 1 << 24
        var value = Int64(reference)
        if let last {
            value += (last - value + span / 2) / span * span
            // Integer division rounds towards zero.
            while value - last > span / 2 { value -= span }
            while last - value > span / 2 { value += span }
        }
        last = value
        return value * 64_000
    }
}

extension [PacketResult] {
    /// Nearly sorted as a rule: packets that overtook each other move by a few places. In place, stable.
    fileprivate mutating func sortByArrival() {
        for index in indices.dropFirst() {
            var place = index
            while place > 0, self[place - 1].arrival > self[place].arrival {
                swapAt(place - 1, place)
                place -= 1
            }
        }
    }
}

/// A probe on its way.
struct ActiveProbe: Sendable {
    var probe: BandwidthProbe
    var bytesLeft: Int
    var next: MonotonicInstant
}

/// Congestion control: what the peer tells of our packets, and what follows from it.
extension RTPSession {
    mutating func receive(_ feedback: TransportFeedback) {
        guard feedback.statusCount > 0 else { return }
        transportFractionLost = 1 - Double(feedback.arrivals.count) / Double(feedback.statusCount)
        hasTransportFeedback = true
        var clock = feedbackClock.unwrap(feedback.referenceTime)
        resultScratch.removeAll(keepingCapacity: true)
        var (lost, late) = (0, 0)
        var position: UInt16 = 0
        for arrival in feedback.arrivals {
            while position < arrival.offset {
                if sentPackets.noteLoss(feedback.baseSequence &+ position) { lost += 1 }
                position += 1
            }
            clock += Int64(arrival.delta) * 250
            switch sentPackets.noteArrival(feedback.baseSequence &+ arrival.offset) {
            case .first(let packet): resultScratch.append(PacketResult(packet: packet, arrival: clock))
            case .late(let packet):
                late += 1
                resultScratch.append(PacketResult(packet: packet, arrival: clock))
            case nil: break
            }
            position = arrival.offset &+ 1
        }
        while position < feedback.statusCount {
            if sentPackets.noteLoss(feedback.baseSequence &+ position) { lost += 1 }
            position += 1
        }
        resultScratch.sortByArrival()
        estimator.update(resultScratch, lost: lost, late: late, roundTrip: assumedRoundTrip, at: now)
        // What is sent again takes its part of the line.
        let bandwidth = estimator.bitsPerSecond - min(8 * resendRate.sum(at: now), estimator.bitsPerSecond / 3)
        if abs(bandwidth - toldBandwidth) > toldBandwidth / 20 {
            toldBandwidth = bandwidth
            emit(.bandwidth(bitsPerSecond: bandwidth))
        }
        // A probe waits until there is something to fill it with.
        if probe == nil, probingLayer != nil, let wanted = estimator.takeProbe(at: now) {
            probe = ActiveProbe(probe: wanted, bytesLeft: wanted.bytes, next: now)
        }
    }

    /// Puts a packet for the running probe into `packet` where there is nothing else to send: the newest of the video once
    /// more, as RTX, which the peer drops.
    mutating func fillProbe(_ packet: inout QueuedPacket) -> Bool {
        guard let layer = probingLayer, let rtxSSRC = videoLayers[layer].rtxSSRC,
            let entry = videoLayers[layer].history.latest,
            let payloadType = configuration.retransmissionType(for: entry.payloadType)
        else {
            probe = nil
            return false
        }
        let sequenceNumber = videoLayers[layer].nextRTXSequenceNumber()
        fillRetransmission(of: entry, payloadType: payloadType, ssrc: rtxSSRC, sequenceNumber, into: &packet)
        return true
    }

    /// A packet of so many bytes leaves while a probe runs.
    mutating func advanceProbe(_ bytes: Int) {
        guard var active = probe else { return }
        let size = max(1, bytes)
        active.bytesLeft -= size
        active.next += .nanoseconds(Int64(size) * 8_000_000_000 / Int64(max(1, active.probe.bitsPerSecond)))
        probe = active.bytesLeft > 0 ? active : nil
    }

    /// The largest layer that is being sent, or that ever was: its packets fill a probe soonest.
    private var probingLayer: Int? {
        videoLayers.lastIndex { $0.isSending(at: now) && $0.history.latest != nil && $0.rtxSSRC != nil }
            ?? videoLayers.lastIndex { $0.history.latest != nil && $0.rtxSSRC != nil }
    }
}
