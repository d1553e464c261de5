import Basis

/// Notices that the end of a picture does not come, without waiting for the next picture to tell.
///
/// Packets of a picture follow each other closely. When the last one that came is not the end and nothing has followed for
/// longer than was usual lately, the next was lost; or the sender is slow, from which is learnt.
struct FrameTail: Sendable {
    private static let least = Duration.milliseconds(6)
    /// Beyond that the next picture tells as soon.
    private static let longest = Duration.milliseconds(28)
    private static let mostCaution = 8.0

    private var timestamp: UInt32?
    private var latest = MonotonicInstant.zero
    private var isOpen = false
    /// The longest pause between two packets of a picture lately, in ns.
    private var spacing = 0.0
    private var caution = 0.0

    /// The newest packet so far came.
    mutating func note(timestamp: UInt32, marker: Bool, at now: MonotonicInstant) {
        if timestamp == self.timestamp {
            spacing = max(Double((now - latest).wholeNanoseconds), spacing * 0.99)
        }
        if marker, isOpen { caution *= 0.95 }
        self.timestamp = timestamp
        latest = now
        isOpen = !marker
    }

    /// When the next packet is to be thought lost.
    var deadline: MonotonicInstant? {
        guard isOpen else { return nil }
        let patience = max(Self.least, .nanoseconds(Int64(min(spacing, 1e8) * 2))) * (1 + caution)
        return patience > Self.longest ? nil : latest + patience
    }

    /// Whether the next packet is to be asked for now; said once.
    mutating func poll(at now: MonotonicInstant) -> Bool {
        guard let deadline, deadline <= now else { return false }
        isOpen = false
        return true
    }

    /// What was thought lost came by itself.
    mutating func noteError() {
        caution = min(caution + 1, Self.mostCaution)
    }
}
