package import Basis

/// One direction of a line: so many bits a second, behind a queue that drops what finds it full.
package struct NarrowLink {
    /// In bit/s.
    package var capacity: Int
    /// How long the queue may take to empty.
    package var limit: Duration
    /// When all that was given to it has left.
    private var free = MonotonicInstant.zero
    package private(set) var drops = 0
    package private(set) var bytesPassed = 0

    package init(capacity: Int, limit: Duration = .milliseconds(300)) {
        self.capacity = capacity
        self.limit = limit
    }

    /// When a packet of `size` bytes on the wire, given to the link now, has left it; nil where the queue is full.
    package mutating func pass(_ size: Int, at now: MonotonicInstant) -> MonotonicInstant? {
        let begins = max(now, free)
        guard begins - now <= limit else {
            drops += 1
            return nil
        }
        free = begins + .nanoseconds(Int64(size) * 8_000_000_000 / Int64(max(1, capacity)))
        bytesPassed += size
        return free
    }
}
