package import Basis

/// One attempt to be in a meeting.
package struct Attempt: Equatable, Sendable {
    /// Counts from 1 over the life of the process.
    package var number: Int
    /// Index of the configured room.
    package var room: Int
    /// Tries that failed since the button was pressed.
    package var failures: Int
    package var pressedAt: MonotonicInstant
    package var step: JoinStep
    package var waiting: Waiting?
    /// Where the meeting goes on, when we are on the way from one of its rooms to another; empty for a room without name.
    package var destination: String?
    /// Whether we were in the meeting before: nobody need press a button to come back.
    package var isRejoining = false

    /// Something that only a person or time can end.
    package enum Waiting: Equatable, Sendable {
        case password(wrong: Bool)
        case host
        case lobby
        /// The last try failed; the next begins at the deadline.
        case retry(RoomFault)
    }
}

package struct Call: Equatable, Sendable {
    package var attempt: Int
    package var room: Int
    package var since: MonotonicInstant
    package var pressedAt: MonotonicInstant
    package var hasMedia: Bool
    /// The line is cut, for a while perhaps: the call waits for it.
    package var isInterrupted = false
    /// Tries that failed since the button was pressed and media last came.
    package var failures: Int
}

extension Call {
    /// The attempt that this call becomes while it enters its room again.
    func rejoining(_ step: JoinStep) -> Attempt {
        Attempt(number: attempt, room: room, failures: 0, pressedAt: pressedAt, step: step, waiting: nil)
    }

    /// The attempt that this call becomes while it follows the meeting into another room.
    func moving(to destination: String) -> Attempt {
        var attempt = rejoining(.focus)
        attempt.destination = destination
        return attempt
    }
}

extension Attempt {
    var isBetweenTries: Bool {
        if case .retry = waiting { true } else { false }
    }
}
