internal import Basis
internal import Conference

/// When each step of the last join was reached, from the press of the button.
struct JoinTimes {
    private var pressedAt: MonotonicInstant?
    private var steps: [(Milestone, Duration)] = []
    /// From the button to the first remote picture on the screen.
    private(set) var total: Duration?

    mutating func begin(at now: MonotonicInstant) {
        pressedAt = now
        steps = []
        total = nil
    }

    /// The first time that a step is reached counts.
    mutating func reach(_ milestone: Milestone, at now: MonotonicInstant) {
        guard let pressedAt, !steps.contains(where: { $0.0 == milestone }) else { return }
        steps.append((milestone, now - pressedAt))
        if milestone == .firstPicture { total = now - pressedAt }
    }

    var json: JSONValue {
        .object(steps.map { JSONMember($0.0.rawValue, .number(Double($0.1.wholeNanoseconds / 100_000) / 10)) })
    }
}
