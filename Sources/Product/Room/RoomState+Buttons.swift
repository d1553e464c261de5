internal import Basis
internal import Devices

/// What the buttons do.
extension RoomState {
    mutating func pressed(_ button: ButtonRole, _ press: ButtonPress, at now: MonotonicInstant) -> RoomTransition {
        if press == .veryLong { return RoomTransition(to: nil, isBusy ? [] : [.restart]) }
        switch button {
        case .join(let room): return join(room, at: now)
        case .hangUp: return hangUp(at: now)
        case .mute:
            // A long press on the mute button raises the hand: boxes with two buttons have no other way.
            if press == .long { return toggleHand() }
            microphoneMuted.toggle()
            return RoomTransition(to: nil, [.setMicrophone(muted: microphoneMuted)])
        case .camera: return RoomTransition(to: nil, press == .long ? toggleAudioOnly() : toggleCamera())
        case .hand: return toggleHand()
        case .up, .left: return select(step: -1)
        case .down, .right: return select(step: 1)
        case .ok: return isBusy ? .none : join(selectedRoom, at: now)
        // Decided elsewhere; the TV wakes all the same.
        case .layout, .volumeUp, .volumeDown, .preset: return .none
        }
    }

    /// Whether a call is under way, or is coming or going.
    private var isBusy: Bool {
        switch phase {
        case .starting, .idle, .ended, .fault: false
        case .joining, .inCall, .leaving: true
        }
    }

    private mutating func select(step: Int) -> RoomTransition {
        if roomCount > 0 { selectedRoom = (selectedRoom + step + roomCount) % roomCount }
        return .none
    }

    private mutating func toggleHand() -> RoomTransition {
        guard case .inCall = phase else { return .none }
        handRaised.toggle()
        return RoomTransition(to: nil, [.setHand(raised: handRaised)])
    }

    private mutating func join(_ room: Int, at now: MonotonicInstant) -> RoomTransition {
        guard (0..<roomCount).contains(room) else { return .none }
        switch phase {
        case .starting, .idle, .ended, .fault: return beginAttempt(room: room, failures: 0, pressedAt: now, at: now)
        case .joining(let attempt, _) where attempt.room == room:
            return attempt.isBetweenTries ? beginAttempt(room: room, failures: 0, pressedAt: now, at: now) : .none
        case .joining(let attempt, _): return leave(attempt.number, .switching(room: room, pressedAt: now), at: now)
        case .inCall(let call) where call.room == room: return .none
        case .inCall(let call): return leave(call.attempt, .switching(room: room, pressedAt: now), at: now)
        case .leaving(let attempt, _, let until):
            return RoomTransition(
                to: .leaving(attempt: attempt, .switching(room: room, pressedAt: now), until: until))
        }
    }

    private mutating func hangUp(at now: MonotonicInstant) -> RoomTransition {
        switch phase {
        case .starting, .idle: .none
        case .ended, .fault: RoomTransition(to: .idle)
        case .joining(let attempt, _) where attempt.isBetweenTries: RoomTransition(to: .idle, resetLocalMedia())
        case .joining(let attempt, _): leave(attempt.number, .hungUp, at: now)
        case .inCall(let call): leave(call.attempt, .hungUp, at: now)
        case .leaving(let attempt, _, let until):
            RoomTransition(to: .leaving(attempt: attempt, .hungUp, until: until))
        }
    }

    private func leave(_ attempt: Int, _ reason: LeaveReason, at now: MonotonicInstant) -> RoomTransition {
        RoomTransition(
            to: .leaving(attempt: attempt, reason, until: now + Self.leaveLimit), [.closeConference(attempt: attempt)])
    }

    mutating func beginAttempt(
        room: Int, failures: Int, pressedAt: MonotonicInstant, isRejoining: Bool = false, at now: MonotonicInstant
    ) -> RoomTransition {
        attempts += 1
        let attempt = Attempt(
            number: attempts, room: room, failures: failures, pressedAt: pressedAt, step: .configuration, waiting: nil,
            isRejoining: isRejoining)
        return RoomTransition(
            to: .joining(attempt, until: now + Self.stepLimit),
            [
                .openConference(attempt: attempts, room: room), .setMicrophone(muted: microphoneMuted),
                .setCamera(on: cameraOn), .setHand(raised: handRaised), .wakeDisplay,
            ])
    }

    /// After a call the room is as it was delivered: the next one is seen and heard.
    mutating func resetLocalMedia() -> [RoomEffect] {
        microphoneMuted = false
        audioOnly = startsAudioOnly
        cameraOn = !startsAudioOnly
        cameraWasOn = true
        handRaised = false
        return [.setMicrophone(muted: false), .setCamera(on: cameraOn), .setHand(raised: false)]
    }
}
