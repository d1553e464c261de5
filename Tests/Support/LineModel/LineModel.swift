package import Basis
package import RTP

/// A line between two RTP sessions in virtual time: delay, loss, jitter, and a bottleneck with a queue on the way to the far
/// one. Packets go in when they are sent and come out when they arrive.
package struct LineModel {
    package struct Flight {
        package var arrival: MonotonicInstant
        package var isToFar: Bool
        package var kind: PacketKind
        package var bytes: [UInt8]
    }

    /// IPv4, UDP and the SRTP tag count on the line.
    private static let overhead = 38

    /// One way.
    package var delay = Duration.milliseconds(25)
    /// Added evenly at random: reorders.
    package var jitter = Duration.zero
    /// Of packets, in both directions, 0...1.
    package var loss = 0.0
    /// What passes to the far end, in bit/s, through a queue of `queueLimit`; nil for any amount.
    package var bottleneck: Int?
    package var queueLimit = Duration.milliseconds(300)
    /// How long each packet stood in the queue.
    package var queueDelays: [(at: MonotonicInstant, delay: Duration)] = []
    package private(set) var queueDrops = 0
    /// What came through the bottleneck, in bytes.
    package private(set) var bytesPassed = 0
    /// The same on the way back, with a queue of its own.
    package var returnBottleneck: Int?
    /// When the bottleneck has sent all that was given to it, each way.
    private var free = MonotonicInstant.zero
    private var returnFree = MonotonicInstant.zero
    /// What is on its way.
    package private(set) var flights: [Flight] = []

    package init() {}

    package var nextArrival: MonotonicInstant? { flights.map(\.arrival).min() }

    package mutating func send(
        _ bytes: [UInt8], _ kind: PacketKind, isToFar: Bool, at now: MonotonicInstant, using random: inout RandomSource
    ) {
        guard Double.random(in: 0..<1, using: &random) >= loss else { return }
        let extra = Int64.random(in: 0...max(0, jitter.wholeNanoseconds), using: &random)
        var leaves = now
        if isToFar, let bottleneck {
            let begins = max(now, free)
            guard begins - now <= queueLimit else {
                queueDrops += 1
                return
            }
            let size = bytes.count + Self.overhead
            leaves = begins + .nanoseconds(Int64(size) * 8_000_000_000 / Int64(bottleneck))
            free = leaves
            queueDelays.append((now, leaves - now))
            bytesPassed += size
        }
        if !isToFar, let returnBottleneck {
            let begins = max(now, returnFree)
            guard begins - now <= queueLimit else { return }
            leaves = begins + .nanoseconds(Int64(bytes.count + Self.overhead) * 8_000_000_000 / Int64(returnBottleneck))
            returnFree = leaves
        }
        flights.append(
            Flight(arrival: leaves + delay + .nanoseconds(extra), isToFar: isToFar, kind: kind, bytes: bytes))
    }

    /// The packet that has arrived first; nil when none has by `now`.
    package mutating func takeArrival(at now: MonotonicInstant) -> Flight? {
        guard let first = flights.indices.min(by: { flights[$0].arrival < flights[$1].arrival }),
            flights[first].arrival <= now
        else { return nil }
        return flights.remove(at: first)
    }
}
