package import Basis
package import Devices

/// What the room lamp shows: the signal asked for, unless the microphone is off.
///
/// A machine: signals in, the present light and one deadline out.
package struct RoomLamp: Sendable {
    private var signal: LampSignal
    private var number = 0
    private var isMuted = false
    private var start: MonotonicInstant
    /// The idle lamp stays dark, for rooms where people wish that.
    private let isDarkWhenIdle: Bool

    /// Begins with `.booting`.
    package init(isDarkWhenIdle: Bool = false, at now: MonotonicInstant) {
        signal = .booting
        start = now
        self.isDarkWhenIdle = isDarkWhenIdle
    }

    /// The signal that is seen; muted wins over every other.
    package var shown: LampSignal { isMuted ? .inCallMuted : signal }

    package mutating func show(_ signal: LampSignal, number: Int, at now: MonotonicInstant) {
        let before = (shown, self.number)
        self.signal = signal
        self.number = number
        // Repeating a signal must not break its rhythm.
        if before != (shown, number) { start = now }
    }

    package mutating func setMuted(_ isMuted: Bool, at now: MonotonicInstant) {
        let before = shown
        self.isMuted = isMuted
        if before != shown { start = now }
    }

    /// The light of a lamp with three colours.
    package func light(at now: MonotonicInstant) -> LampLight {
        if isDark { return Self.dark }
        return LampPattern.light(of: shown, number: number, after: now - start)
    }

    /// The light of a lamp with one colour.
    package func blink(at now: MonotonicInstant) -> LampLight {
        if isDark { return Self.dark }
        return LampPattern.blink(of: shown, number: number, after: now - start)
    }

    /// When `light`, as it is at `now`, changes next; the instant that its `change` means.
    package func instant(of change: Duration?) -> MonotonicInstant? {
        change.map { start + $0 }
    }

    private var isDark: Bool { isDarkWhenIdle && shown == .idle }

    private static let dark = LampLight(colour: .green, level: 0, isLit: false, change: nil)
}
