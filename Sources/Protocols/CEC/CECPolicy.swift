/// How much of the TV is ours to command.
package enum CECPolicy: String, CaseIterable, Comparable, Sendable {
    /// The wire is left alone.
    case off
    /// Questions are answered, and the TV's remote control has its buttons.
    case watch
    /// Besides, the TV is woken and switched to us when a call comes up.
    case wake
    /// Besides, it is sent to sleep after a long idle time: only if we woke it or are what it shows.
    case full

    private var level: Int {
        switch self {
        case .off: 0
        case .watch: 1
        case .wake: 2
        case .full: 3
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.level < right.level
    }
}
