package import Basis

package enum LeaveReason: Equatable, Sendable {
    case hungUp
    case kicked
    case roomClosed
    /// Another meeting was asked for.
    case switching(room: Int, pressedAt: MonotonicInstant)
}

package enum RoomPhase: Equatable, Sendable {
    case starting
    case idle
    case joining(Attempt, until: MonotonicInstant?)
    case inCall(Call)
    case leaving(attempt: Int, LeaveReason, until: MonotonicInstant)
    /// A call ended by others: said on the screen for a while, then idle.
    case ended(LeaveReason, until: MonotonicInstant)
    case fault(RoomFault, room: Int)
}

/// The appliance as a reducer: what the room is doing, and what each event makes of it.
package struct RoomState: Equatable, Sendable {
    /// Assigned by `handle` alone, once for each event.
    package private(set) var phase: RoomPhase = .starting
    package internal(set) var microphoneMuted = false
    package internal(set) var cameraOn = true
    /// Nobody is looked at and the own camera is off: for the sound alone.
    package internal(set) var audioOnly: Bool
    package internal(set) var handRaised = false
    /// The meeting that `ButtonRole.ok` joins.
    package internal(set) var selectedRoom = 0
    private var idleDisplay: IdleDisplay
    let roomCount: Int
    let jitterSeed: UInt64
    let startsAudioOnly: Bool
    /// Whether the camera was on before all pictures were given up.
    var cameraWasOn = true
    var attempts = 0

    /// How long a leave may take before the connection is simply cut (our own unavailable presence comes within 5 s).
    package static let leaveLimit = Duration.seconds(3)
    /// How long "the meeting was closed" stays on the screen.
    package static let endedCard = Duration.seconds(15)
    /// Tries after which a transient fault is shown as a fault; the join button starts anew.
    package static let maximumFailures = 8
    /// The same for a call that was lost: about half an hour.
    package static let maximumRejoinFailures = 50
    /// A conference that reports nothing new for so long is given up and tried again.
    package static let stepLimit = Duration.seconds(30)

    /// `jitterSeed` differs from box to box, so that forty of them do not knock together after a power cut.
    ///
    /// - Parameters:
    ///   - displayDimDelay: the time without a call or a press after which the screen is dimmed; nil for never.
    ///   - displayRestDelay: the same for the TV's sleep.
    ///   - startsAudioOnly: whether each call begins without pictures.
    package init(
        roomCount: Int, jitterSeed: UInt64 = 0, displayDimDelay: Duration? = nil, displayRestDelay: Duration? = nil,
        startsAudioOnly: Bool = false
    ) {
        self.roomCount = roomCount
        self.jitterSeed = jitterSeed
        self.startsAudioOnly = startsAudioOnly
        idleDisplay = IdleDisplay(dimDelay: displayDimDelay, offDelay: displayRestDelay)
        audioOnly = startsAudioOnly
        cameraOn = !startsAudioOnly
    }

    /// How bright the screen is.
    package var displayLight: IdleLight { idleDisplay.light }

    /// When `RoomEvent.deadline` is due; the host arms exactly one timer.
    package var deadline: MonotonicInstant? {
        [phaseDeadline, idleDisplay.deadline].compactMap { $0 }.min()
    }

    var phaseDeadline: MonotonicInstant? {
        switch phase {
        case .joining(_, let until): until
        case .leaving(_, _, let until), .ended(_, let until): until
        case .starting, .idle, .inCall, .fault: nil
        }
    }

    /// The configured room that is being joined or is open.
    package var currentRoom: Int? {
        switch phase {
        case .joining(let attempt, _): attempt.room
        case .inCall(let call): call.room
        case .fault(_, let room): room
        case .leaving(_, .switching(let room, _), _): room
        case .starting, .idle, .leaving, .ended: nil
        }
    }

    package mutating func handle(_ event: RoomEvent, at now: MonotonicInstant) -> [RoomEffect] {
        let isTouched =
            switch event {
            case .button, .touched: true
            case .started, .conference, .deadline: false
            }
        let transition = transition(on: event, at: now)
        phase = transition.phase ?? phase
        let isNeeded =
            switch phase {
            case .idle, .fault: false
            case .starting, .joining, .inCall, .leaving, .ended: true
            }
        return transition.effects + idleDisplay.settle(isNeeded: isNeeded, isTouched: isTouched, at: now)
    }

    private mutating func transition(on event: RoomEvent, at now: MonotonicInstant) -> RoomTransition {
        switch event {
        case .started: if case .starting = phase { RoomTransition(to: .idle) } else { .none }
        case .button(let button, let press): pressed(button, press, at: now)
        case .touched: .none
        case .conference(let attempt, let fact): told(fact, of: attempt, at: now)
        case .deadline: due(at: now)
        }
    }
}

/// What an event makes of the room.
struct RoomTransition {
    /// Nil: the phase stays.
    var phase: RoomPhase?
    var effects: [RoomEffect]

    init(to phase: RoomPhase? = nil, _ effects: [RoomEffect] = []) {
        self.phase = phase
        self.effects = effects
    }

    /// Nothing happens.
    static let none = RoomTransition()
}
