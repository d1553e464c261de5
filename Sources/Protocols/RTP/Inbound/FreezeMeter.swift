import Basis

/// How long a picture stood where others should have followed.
///
/// A sender that films seldom, or that the bridge holds back, does not freeze: only what is missing does.
struct FreezeMeter: Sendable {
    /// A picture that stands for longer is seen to stand.
    private static let least = Duration.milliseconds(150)
    /// So much later than the sender meant it.
    private static let excess = Duration.milliseconds(60)

    private var shownAt: MonotonicInstant?
    private var timestamp: UInt32 = 0
    private(set) var frozen = Duration.zero

    /// - Parameter isAfterLoss: pictures before it were given up.
    mutating func note(timestamp: UInt32, isAfterLoss: Bool, at now: MonotonicInstant) {
        if let shownAt {
            let stood = now - shownAt
            let meant = Duration.nanoseconds(
                Int64(Int32(bitPattern: timestamp &- self.timestamp)) * 100_000 / 9)
            if stood > Self.least, isAfterLoss || stood > meant + Self.excess { frozen += stood }
        }
        shownAt = now
        self.timestamp = timestamp
    }

    /// What was counted, and the picture that stands now.
    /// - Parameter isBlocked: packets came, and the next picture cannot be made of them.
    func total(isBlocked: Bool, at now: MonotonicInstant) -> Duration {
        guard isBlocked, let shownAt, now - shownAt > Self.least else { return frozen }
        return frozen + (now - shownAt)
    }

    /// Nothing was to come meanwhile.
    mutating func pause() {
        shownAt = nil
    }
}
