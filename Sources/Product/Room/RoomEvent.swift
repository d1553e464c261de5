package import Devices

/// How far an attempt to join has come, in order; shown on the screen.
package enum JoinStep: Int, CaseIterable, Comparable, Sendable {
    /// Reading the deployment's configuration.
    case configuration
    /// Opening the signalling connection and authenticating.
    case signalling
    /// Asking the focus for the conference.
    case focus
    /// Entering the MUC.
    case room
    /// ICE, DTLS and the first media.
    case media

    package static func < (left: JoinStep, right: JoinStep) -> Bool { left.rawValue < right.rawValue }
}

/// What happens in a call attempt, as the conference reports it.
package enum ConferenceFact: Equatable, Sendable {
    case reached(JoinStep)
    /// We are in the room; alone or not.
    case joined
    case mediaConnected
    /// The bridge session ended while we stay in the room: alone, or moved to another bridge.
    case mediaEnded
    /// Nothing comes through any more; the conference does what it can. `lineRestored` follows when that succeeds.
    case lineInterrupted
    case lineRestored
    case passwordRequired(wrong: Bool)
    case waitingForHost
    case inLobby
    /// The meeting goes on in another room, which is being entered; empty for a room without name.
    case moved(to: String)
    case refused(RoomFault)
    /// The connection broke; trying again is right.
    case lost(RoomFault)
    case microphoneMutedByModerator
    case cameraMutedByModerator
    case kicked
    case roomClosed
    /// The leave is complete.
    case left

    /// Whether nothing more will come of the attempt.
    package var endsAttempt: Bool {
        switch self {
        case .refused, .lost, .kicked, .roomClosed, .left: true
        case .reached, .joined, .mediaConnected, .mediaEnded, .lineInterrupted, .lineRestored, .passwordRequired,
            .waitingForHost, .inLobby, .moved, .microphoneMutedByModerator, .cameraMutedByModerator:
            false
        }
    }
}

package enum RoomEvent: Equatable, Sendable {
    case started
    case button(ButtonRole, ButtonPress)
    /// Somebody used something that decides nothing here, such as the keys for loudness: the TV wakes all the same.
    case touched
    /// A fact about attempt number `attempt`; facts of earlier attempts are ignored.
    case conference(attempt: Int, ConferenceFact)
    /// The state's deadline has come.
    case deadline
}

/// What the appliance is to do. Repeating an effect does no harm.
package enum RoomEffect: Equatable, Sendable {
    case openConference(attempt: Int, room: Int)
    case closeConference(attempt: Int)
    case setMicrophone(muted: Bool)
    case setCamera(on: Bool)
    case setHand(raised: Bool)
    /// The TV's signal on, and the TV itself woken.
    case wakeDisplay
    /// Nobody needs the TV: signal off, and the TV may sleep.
    case restDisplay
    /// The appliance is to start anew, with what it remembers forgotten.
    case restart
}
