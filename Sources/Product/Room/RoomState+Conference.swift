internal import Basis

/// What the conference tells, and what time makes of the room.
extension RoomState {
    mutating func told(_ fact: ConferenceFact, of number: Int, at now: MonotonicInstant) -> RoomTransition {
        switch phase {
        case .joining(let attempt, _):
            attempt.number == number && !attempt.isBetweenTries ? told(fact, joining: attempt, at: now) : .none
        case .inCall(let call): call.attempt == number ? told(fact, in: call, at: now) : .none
        case .leaving(let attempt, let reason, _):
            attempt == number && fact.endsAttempt ? finishLeaving(reason, at: now) : .none
        case .starting, .idle, .ended, .fault: .none
        }
    }

    private mutating func told(
        _ fact: ConferenceFact, joining before: Attempt, at now: MonotonicInstant
    ) -> RoomTransition {
        var attempt = before
        switch fact {
        case .reached(let step):
            attempt.step = step
            attempt.waiting = nil
            return RoomTransition(to: .joining(attempt, until: now + Self.stepLimit))
        case .passwordRequired(let wrong): return wait(.password(wrong: wrong), attempt)
        case .waitingForHost: return wait(.host, attempt)
        case .inLobby: return wait(.lobby, attempt)
        case .moved(let destination):
            attempt.waiting = nil
            attempt.destination = destination
            return RoomTransition(to: .joining(attempt, until: now + Self.stepLimit))
        case .joined:
            return RoomTransition(
                to: .inCall(
                    Call(
                        attempt: attempt.number, room: attempt.room, since: now, pressedAt: attempt.pressedAt,
                        hasMedia: false, failures: attempt.failures)))
        case .refused(let fault), .lost(let fault): return fail(fault, attempt, at: now)
        case .kicked: return end(.kicked, attempt.number, at: now)
        case .roomClosed: return end(.roomClosed, attempt.number, at: now)
        case .left: return fail(.serverUnreachable, attempt, at: now)
        case .mediaConnected, .mediaEnded, .lineInterrupted, .lineRestored: return .none
        case .microphoneMutedByModerator, .cameraMutedByModerator: return mutedByModerator(fact)
        }
    }

    private mutating func told(_ fact: ConferenceFact, in before: Call, at now: MonotonicInstant) -> RoomTransition {
        var call = before
        switch fact {
        case .mediaConnected, .mediaEnded:
            call.hasMedia = fact == .mediaConnected
            if call.hasMedia { call.failures = 0 }
            return RoomTransition(to: .inCall(call))
        case .lineInterrupted, .lineRestored:
            call.isInterrupted = fact == .lineInterrupted
            return RoomTransition(to: .inCall(call))
        case .microphoneMutedByModerator, .cameraMutedByModerator: return mutedByModerator(fact)
        case .refused(let fault), .lost(let fault):
            // Being let in is no success where media never passes.
            let isBlocked = fault == .mediaBlocked
            let attempt = Attempt(
                number: call.attempt, room: call.room, failures: isBlocked ? call.failures : 0, pressedAt: now,
                step: .configuration, waiting: nil, isRejoining: !isBlocked)
            return fail(fault, attempt, at: now)
        case .kicked: return end(.kicked, call.attempt, at: now)
        case .roomClosed, .left: return end(.roomClosed, call.attempt, at: now)
        case .joined: return .none
        // The room is being entered anew by itself: the focus was gone, or the server removed us.
        case .reached(let step): return RoomTransition(to: .joining(call.rejoining(step), until: now + Self.stepLimit))
        case .passwordRequired(let wrong): return wait(.password(wrong: wrong), call.rejoining(.room))
        case .waitingForHost: return wait(.host, call.rejoining(.room))
        case .inLobby: return wait(.lobby, call.rejoining(.room))
        case .moved(let destination):
            return RoomTransition(to: .joining(call.moving(to: destination), until: now + Self.stepLimit))
        }
    }

    private func wait(_ waiting: Attempt.Waiting, _ before: Attempt) -> RoomTransition {
        var attempt = before
        attempt.waiting = waiting
        return RoomTransition(to: .joining(attempt, until: nil))
    }

    private mutating func mutedByModerator(_ fact: ConferenceFact) -> RoomTransition {
        if fact == .microphoneMutedByModerator {
            microphoneMuted = true
            return RoomTransition(to: nil, [.setMicrophone(muted: true)])
        }
        cameraOn = false
        return RoomTransition(to: nil, [.setCamera(on: false)])
    }

    // MARK: Ends

    /// A try failed: try again later when that can help, else say so.
    private mutating func fail(_ fault: RoomFault, _ before: Attempt, at now: MonotonicInstant) -> RoomTransition {
        let limit = before.isRejoining ? Self.maximumRejoinFailures : Self.maximumFailures
        let close = RoomEffect.closeConference(attempt: before.number)
        guard fault.isTransient, before.failures + 1 < limit else {
            return RoomTransition(to: .fault(fault, room: before.room), [close] + resetLocalMedia())
        }
        var attempt = before
        attempt.failures += 1
        attempt.waiting = .retry(fault)
        var chance = RandomSource(seed: jitterSeed &+ UInt64(attempt.number))
        let spread = Double(chance.next() % 500) * Double(attempt.failures)
        let delay = Duration.milliseconds(min(30_000, 500 << min(attempt.failures, 6)) + Int(spread))
        return RoomTransition(to: .joining(attempt, until: now + delay), [close])
    }

    private mutating func end(_ reason: LeaveReason, _ attempt: Int, at now: MonotonicInstant) -> RoomTransition {
        RoomTransition(
            to: .ended(reason, until: now + Self.endedCard), [.closeConference(attempt: attempt)] + resetLocalMedia())
    }

    private mutating func finishLeaving(_ reason: LeaveReason, at now: MonotonicInstant) -> RoomTransition {
        if case .switching(let room, let pressedAt) = reason {
            handRaised = false
            return beginAttempt(room: room, failures: 0, pressedAt: pressedAt, at: now)
        }
        return RoomTransition(to: .idle, resetLocalMedia())
    }

    // MARK: Time

    mutating func due(at now: MonotonicInstant) -> RoomTransition {
        guard let phaseDeadline, phaseDeadline <= now else { return .none }
        switch phase {
        case .joining(let attempt, _) where attempt.isBetweenTries:
            return beginAttempt(
                room: attempt.room, failures: attempt.failures, pressedAt: attempt.pressedAt,
                isRejoining: attempt.isRejoining, at: now)
        case .joining(let attempt, _): return fail(.serverUnreachable, attempt, at: now)
        case .leaving(let attempt, let reason, _):
            var transition = finishLeaving(reason, at: now)
            transition.effects.insert(.closeConference(attempt: attempt), at: 0)
            return transition
        case .ended: return RoomTransition(to: .idle)
        case .starting, .idle, .inCall, .fault: return .none
        }
    }
}
