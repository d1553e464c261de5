import Basis

/// How long a lost packet takes to come once it is asked for: the round trip as retransmissions see it.
///
/// Reports tell the round trip of what we send; who listens with microphone and camera off gets none. The answers to our
/// own requests tell it always, with what the peer's queues add. Smoothed after RFC 6298; only packets that were asked for
/// once count, for nobody knows which request another one answers.
struct RepairTime: Sendable {
    private static let longest = Duration.seconds(2)
    private static let leastPause = Duration.milliseconds(10)
    private static let leastMargin = Duration.milliseconds(4)

    private(set) var smoothed: Duration?
    private var deviation = Duration.zero

    mutating func note(_ sample: Duration) {
        guard sample > .zero, sample < Self.longest else { return }
        guard let old = smoothed else {
            smoothed = sample
            deviation = sample / 8
            return
        }
        let error = sample - old
        smoothed = old + error / 8
        deviation += ((error < .zero ? .zero - error : error) - deviation) / 4
    }

    /// How long to wait for an answer before a packet is asked for again.
    /// - Parameter roundTrip: what reports tell, to begin with.
    func pause(roundTrip: Duration) -> Duration {
        let margin = max(Self.leastMargin, deviation * 2)
        return max(Self.leastPause, (smoothed ?? roundTrip) + margin)
    }
}
