internal import Basis
internal import Conference

/// When each step of the last join was reached, from the press of the button.
struct JoinTimes {
    private var pressedAt: MonotonicInstant?
    private(set) var steps: [(milestone: Milestone, milliseconds: Double)] = []
    /// From the button to the first remote picture on the screen.
    private(set) var total: Double?

    mutating func begin(at now: MonotonicInstant) {
        pressedAt = now
        steps = []
        total = nil
    }

    /// The first time that a step is reached counts.
    mutating func reach(_ milestone: Milestone, at now: MonotonicInstant) {
        guard let pressedAt, !steps.contains(where: { $0.milestone == milestone }) else { return }
        let milliseconds = Double((now - pressedAt).wholeNanoseconds / 100_000) / 10
        steps.append((milestone, milliseconds))
        if milestone == .firstPicture { total = milliseconds }
    }
}
