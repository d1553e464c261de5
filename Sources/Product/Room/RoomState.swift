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
    package private(set) var phase: RoomPhase = .starting
    package private(set) var microphoneMuted = false
    package internal(set) var cameraOn = true
    /// Nobody is looked at and the own camera is off: for the sound alone.
    package internal(set) var audioOnly: Bool
    package private(set) var handRaised = false
    /// The meeting that `RoomButton.ok` joins.
    package private(set) var selectedRoom = 0
    private var idleDisplay: IdleDisplay
    private let roomCount: Int
    private let jitterSeed: UInt64
    private let startsAudioOnly: Bool
    /// Whether the camera was on before all pictures were given up.
    var cameraWasOn = true
    private var attempts = 0

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
    package var displayLight: IdleDisplay.Light { idleDisplay.light }

    /// When `RoomEvent.deadline` is due; the host arms exactly one timer.
    package var deadline: MonotonicInstant? {
        [phaseDeadline, idleDisplay.deadline].compactMap { $0 }.min()
    }

    private var phaseDeadline: MonotonicInstant? {
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
        let effects = react(to: event, at: now)
        let isNeeded =
            switch phase {
            case .idle, .fault: false
            case .starting, .joining, .inCall, .leaving, .ended: true
            }
        return effects + idleDisplay.settle(isNeeded: isNeeded, isTouched: isTouched, at: now)
    }

    private mutating func react(to event: RoomEvent, at now: MonotonicInstant) -> [RoomEffect] {
        switch event {
        case .started:
            guard case .starting = phase else { return [] }
            phase = .idle
            return []
        case .button(let button, let press): return handle(button, press, at: now)
        case .touched: return []
        case .conference(let attempt, let fact): return handle(fact, of: attempt, at: now)
        case .deadline: return handleDeadline(at: now)
        }
    }

    // MARK: Buttons

    private mutating func handle(_ button: RoomButton, _ press: ButtonPress, at now: MonotonicInstant) -> [RoomEffect] {
        if press == .veryLong {
            switch phase {
            case .starting, .idle, .ended, .fault: return [.restart]
            case .joining, .inCall, .leaving: return []
            }
        }
        switch button {
        case .join(let room): return join(room, at: now)
        case .hangUp: return hangUp(at: now)
        case .mute:
            // A long press on the mute button raises the hand: boxes with two buttons have no other way.
            if press == .long { return toggleHand() }
            microphoneMuted.toggle()
            return [.setMicrophone(muted: microphoneMuted)]
        case .camera: return press == .long ? toggleAudioOnly() : toggleCamera()
        case .hand: return toggleHand()
        case .select(let step):
            guard roomCount > 0 else { return [] }
            let next = (selectedRoom + step.signum()) % roomCount
            selectedRoom = next < 0 ? next + roomCount : next
            return []
        case .ok:
            switch phase {
            case .starting, .idle, .ended, .fault: return join(selectedRoom, at: now)
            case .joining, .inCall, .leaving: return []
            }
        }
    }

    private mutating func toggleHand() -> [RoomEffect] {
        guard case .inCall = phase else { return [] }
        handRaised.toggle()
        return [.setHand(raised: handRaised)]
    }

    private mutating func join(_ room: Int, at now: MonotonicInstant) -> [RoomEffect] {
        guard (0..<roomCount).contains(room) else { return [] }
        switch phase {
        case .starting, .idle, .ended, .fault:
            return beginAttempt(room: room, failures: 0, pressedAt: now, at: now)
        case .joining(let attempt, _):
            if attempt.room == room {
                guard case .retry = attempt.waiting else { return [] }
                return beginAttempt(room: room, failures: 0, pressedAt: now, at: now)
            }
            phase = .leaving(
                attempt: attempt.number, .switching(room: room, pressedAt: now), until: now + Self.leaveLimit)
            return [.closeConference(attempt: attempt.number)]
        case .inCall(let call):
            guard call.room != room else { return [] }
            phase = .leaving(
                attempt: call.attempt, .switching(room: room, pressedAt: now), until: now + Self.leaveLimit)
            return [.closeConference(attempt: call.attempt)]
        case .leaving(let attempt, _, let until):
            phase = .leaving(attempt: attempt, .switching(room: room, pressedAt: now), until: until)
            return []
        }
    }

    private mutating func hangUp(at now: MonotonicInstant) -> [RoomEffect] {
        switch phase {
        case .starting, .idle: return []
        case .ended, .fault:
            phase = .idle
            return []
        case .joining(let attempt, _):
            if case .retry = attempt.waiting {
                phase = .idle
                return resetLocalMedia()
            }
            phase = .leaving(attempt: attempt.number, .hungUp, until: now + Self.leaveLimit)
            return [.closeConference(attempt: attempt.number)]
        case .inCall(let call):
            phase = .leaving(attempt: call.attempt, .hungUp, until: now + Self.leaveLimit)
            return [.closeConference(attempt: call.attempt)]
        case .leaving(let attempt, _, let until):
            phase = .leaving(attempt: attempt, .hungUp, until: until)
            return []
        }
    }

    private mutating func beginAttempt(
        room: Int, failures: Int, pressedAt: MonotonicInstant, isRejoining: Bool = false, at now: MonotonicInstant
    ) -> [RoomEffect] {
        attempts += 1
        let attempt = Attempt(
            number: attempts, room: room, failures: failures, pressedAt: pressedAt, step: .configuration, waiting: nil,
            isRejoining: isRejoining)
        phase = .joining(attempt, until: now + Self.stepLimit)
        return [
            .openConference(attempt: attempts, room: room), .setMicrophone(muted: microphoneMuted),
            .setCamera(on: cameraOn), .setHand(raised: handRaised), .wakeDisplay,
        ]
    }

    /// After a call the room is as it was delivered: the next one is seen and heard.
    private mutating func resetLocalMedia() -> [RoomEffect] {
        microphoneMuted = false
        audioOnly = startsAudioOnly
        cameraOn = !startsAudioOnly
        cameraWasOn = true
        handRaised = false
        return [.setMicrophone(muted: false), .setCamera(on: cameraOn), .setHand(raised: false)]
    }

    // MARK: Conference

    private mutating func handle(_ fact: ConferenceFact, of number: Int, at now: MonotonicInstant) -> [RoomEffect] {
        switch phase {
        case .joining(var attempt, _):
            guard attempt.number == number, !attempt.isBetweenTries else { return [] }
            switch fact {
            case .reached(let step):
                attempt.step = step
                attempt.waiting = nil
                phase = .joining(attempt, until: now + Self.stepLimit)
                return []
            case .passwordRequired(let wrong): return wait(.password(wrong: wrong), attempt)
            case .waitingForHost: return wait(.host, attempt)
            case .inLobby: return wait(.lobby, attempt)
            case .moved(let destination):
                attempt.waiting = nil
                attempt.destination = destination
                phase = .joining(attempt, until: now + Self.stepLimit)
                return []
            case .joined:
                phase = .inCall(
                    Call(
                        attempt: number, room: attempt.room, since: now, pressedAt: attempt.pressedAt, hasMedia: false,
                        failures: attempt.failures))
                return []
            case .refused(let fault): return fail(fault, attempt, at: now)
            case .lost(let fault): return fail(fault, attempt, at: now)
            case .kicked: return end(.kicked, at: now)
            case .roomClosed: return end(.roomClosed, at: now)
            case .left: return fail(.serverUnreachable, attempt, at: now)
            case .mediaConnected, .mediaEnded, .handLowered, .lineInterrupted, .lineRestored: return []
            case .microphoneMutedByModerator, .cameraMutedByModerator: return mutedByModerator(fact)
            }
        case .inCall(var call):
            guard call.attempt == number else { return [] }
            switch fact {
            case .mediaConnected, .mediaEnded:
                call.hasMedia = fact == .mediaConnected
                if call.hasMedia { call.failures = 0 }
                phase = .inCall(call)
                return []
            case .lineInterrupted, .lineRestored:
                call.isInterrupted = fact == .lineInterrupted
                phase = .inCall(call)
                return []
            case .microphoneMutedByModerator, .cameraMutedByModerator: return mutedByModerator(fact)
            case .handLowered:
                handRaised = false
                return []
            case .refused(let fault), .lost(let fault):
                // Being let in is no success where media never passes.
                let failures = fault == .mediaBlocked ? call.failures : 0
                let attempt = Attempt(
                    number: number, room: call.room, failures: failures, pressedAt: now, step: .configuration,
                    waiting: nil, isRejoining: fault != .mediaBlocked)
                return fail(fault, attempt, at: now)
            case .kicked: return end(.kicked, at: now)
            case .roomClosed: return end(.roomClosed, at: now)
            case .left: return end(.roomClosed, at: now)
            case .joined: return []
            // The room is being entered anew by itself: the focus was gone, or the server removed us.
            case .reached(let step):
                phase = .joining(call.rejoining(step), until: now + Self.stepLimit)
                return []
            case .passwordRequired(let wrong): return wait(.password(wrong: wrong), call.rejoining(.room))
            case .waitingForHost: return wait(.host, call.rejoining(.room))
            case .inLobby: return wait(.lobby, call.rejoining(.room))
            case .moved(let destination):
                phase = .joining(call.moving(to: destination), until: now + Self.stepLimit)
                return []
            }
        case .leaving(let attempt, let reason, _):
            guard attempt == number else { return [] }
            switch fact {
            case .left, .refused, .lost, .kicked, .roomClosed: return finishLeaving(reason, at: now)
            default: return []
            }
        case .starting, .idle, .ended, .fault: return []
        }
    }

    private mutating func wait(_ waiting: Attempt.Waiting, _ attempt: Attempt) -> [RoomEffect] {
        var attempt = attempt
        attempt.waiting = waiting
        phase = .joining(attempt, until: nil)
        return []
    }

    private mutating func mutedByModerator(_ fact: ConferenceFact) -> [RoomEffect] {
        if fact == .microphoneMutedByModerator {
            microphoneMuted = true
            return [.setMicrophone(muted: true)]
        }
        cameraOn = false
        return [.setCamera(on: false)]
    }

    /// A try failed: try again later when that can help, else say so.
    private mutating func fail(_ fault: RoomFault, _ attempt: Attempt, at now: MonotonicInstant) -> [RoomEffect] {
        let most = attempt.isRejoining ? Self.maximumRejoinFailures : Self.maximumFailures
        guard fault.isTransient, attempt.failures + 1 < most else {
            phase = .fault(fault, room: attempt.room)
            return [.closeConference(attempt: attempt.number)] + resetLocalMedia()
        }
        var attempt = attempt
        attempt.failures += 1
        attempt.waiting = .retry(fault)
        var chance = RandomSource(seed: jitterSeed &+ UInt64(attempt.number))
        let spread = Double(chance.next() % 500) * Double(attempt.failures)
        let delay = Duration.milliseconds(min(30_000, 500 << min(attempt.failures, 6)) + Int(spread))
        phase = .joining(attempt, until: now + delay)
        return [.closeConference(attempt: attempt.number)]
    }

    private mutating func end(_ reason: LeaveReason, at now: MonotonicInstant) -> [RoomEffect] {
        let number: Int? =
            switch phase {
            case .joining(let attempt, _): attempt.number
            case .inCall(let call): call.attempt
            default: nil
            }
        phase = .ended(reason, until: now + Self.endedCard)
        return (number.map { [.closeConference(attempt: $0)] } ?? []) + resetLocalMedia()
    }

    private mutating func finishLeaving(_ reason: LeaveReason, at now: MonotonicInstant) -> [RoomEffect] {
        if case .switching(let room, let pressedAt) = reason {
            handRaised = false
            return beginAttempt(room: room, failures: 0, pressedAt: pressedAt, at: now)
        }
        phase = .idle
        return resetLocalMedia()
    }

    // MARK: Time

    private mutating func handleDeadline(at now: MonotonicInstant) -> [RoomEffect] {
        guard let phaseDeadline, phaseDeadline <= now else { return [] }
        switch phase {
        case .joining(let attempt, _):
            if case .retry = attempt.waiting {
                return beginAttempt(
                    room: attempt.room, failures: attempt.failures, pressedAt: attempt.pressedAt,
                    isRejoining: attempt.isRejoining, at: now)
            }
            return fail(.serverUnreachable, attempt, at: now)
        case .leaving(let attempt, let reason, _):
            return [.closeConference(attempt: attempt)] + finishLeaving(reason, at: now)
        case .ended:
            phase = .idle
            return []
        case .starting, .idle, .inCall, .fault: return []
        }
    }
}
