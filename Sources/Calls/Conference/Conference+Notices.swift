internal import Basis
internal import Jitsi
internal import Room

/// What the room is told once: chat, muting and unmuting, moderation, the focus and its bridges.
extension Conference {
    mutating func note(_ event: JitsiEvent, at now: MonotonicInstant) {
        switch event {
        case .chat(let message) where message.isPrivate:
            notify(.privateMessage(name: name(of: message.sender), text: message.text))
        case .chat(let message):
            outputs.append(.event(.chat(name: name(of: message.sender), text: message.text)))
        case .chatRetracted(let message):
            notify(.messageRetracted(name: name(of: message.sender), text: message.text))
        case .mutedByFocus(let kind, let by):
            notify(.muted(kind, by: by))
            outputs.append(emitted(kind == .audio ? .microphoneMutedByModerator : .cameraMutedByModerator))
        case .unmuteRefused(let kind):
            notify(.unmute(kind, .refused))
            outputs.append(emitted(kind == .audio ? .microphoneMutedByModerator : .cameraMutedByModerator))
        case .unmuteRequested(let kind): notify(.unmute(kind, .requested))
        case .unmuteApproved(let kind): notify(.unmute(kind, .approved))
        case .unmuteRevoked(let kind): notify(.unmute(kind, .revoked))
        case .unmuted(let kind):
            notify(.unmute(kind, .granted))
            guard kind == .video else { return }
            announceCamera(at: now)
            // What the camera made so far was held back.
            outputs.append(.event(.keyframeWanted(layer: nil)))
        case .moderation(let kind, let isOn, let by): notify(.moderation(kind, isOn: isOn, by: by))
        case .banned(let by, let reason): outputs.append(.event(.farewell(by: by, reason: reason)))
        case .moveProposed(let name): notify(.moveProposed(to: name))
        case .focusLeft: focusChanged(isThere: false, at: now)
        case .focusReturned: focusChanged(isThere: true, at: now)
        case .bridgeAvailability(let isAvailable):
            line.lacksBridge = !isAvailable
            if isAvailable { expectMedia(at: now) }
            notify(isAvailable ? .bridgeAvailable : .bridgeUnavailable)
            tellLine(at: now)
        default: break
        }
    }

    mutating func notify(_ notice: ConferenceNotice) {
        outputs.append(.event(.notice(notice)))
    }

    /// What people call the sender of a message; empty when the room does not know.
    private func name(of sender: RoomMessage.Sender) -> String {
        switch sender {
        case .occupant(let id): participants.first { $0.id == id }?.name ?? ""
        case .visitor(let name): name
        }
    }

    private mutating func focusChanged(isThere: Bool, at now: MonotonicInstant) {
        diagnose(.warning, isThere ? "focus-returned" : "focus-left")
        line.lacksFocus = !isThere
        if isThere { expectMedia(at: now) } else { line.lacksBridge = false }
        notify(isThere ? .focusReturned : .focusLeft)
        tellLine(at: now)
    }

    /// The focus can invite us again: until its offer stands the call counts as interrupted still.
    private mutating func expectMedia(at now: MonotonicInstant) {
        guard line.isTold, !isMediaFlowing else { return }
        line.renewingUntil = now + LineState.renewalPatience
    }

    /// Another room, or the same anew: what the focus of this one said is over.
    mutating func forgetFocus(at now: MonotonicInstant) {
        line.isInRoom = false
        line.lacksFocus = false
        line.lacksBridge = false
        tellLine(at: now)
    }
}
