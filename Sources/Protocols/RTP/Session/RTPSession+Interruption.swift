/// A line that is cut for a while and then is what it was: what got lost meanwhile says nothing of what it carries.
extension RTPSession {
    /// Nothing gets through at present.
    package mutating func beginInterruption() {
        if estimatorBeforeInterruption == nil { estimatorBeforeInterruption = estimator }
    }

    /// The line is back: the estimate is that of before, and feedback on what was sent into the void is passed over.
    package mutating func endInterruption() {
        guard let former = estimatorBeforeInterruption else { return }
        estimatorBeforeInterruption = nil
        estimator = former
        sentPackets = SentPacketLog()
        probe = nil
        guard hasTransportFeedback else { return }
        toldBandwidth = estimator.bitsPerSecond
        emit(.bandwidth(bitsPerSecond: toldBandwidth))
    }
}
