import Basis

// Who is in the room.
extension JitsiRoom {
    mutating func receivePresence(_ presence: XMLElement, at now: MonotonicInstant) {
        guard let from = presence["from"] else { return }
        let bare = JID.bare(from).lowercased()
        if let lobby = entry.lobby, bare == lobby.jid {
            receiveLobbyPresence(presence, nick: JID.resource(from) ?? "", at: now)
        } else if bare == roomJID {
            switch presence["type"] {
            case "error": receiveJoinError(presence, at: now)
            case "unavailable":
                if let occupant = JID.resource(from) { receiveUnavailable(presence, occupant: occupant, at: now) }
            case nil:
                if let occupant = JID.resource(from) { receiveAvailable(presence, occupant: occupant, at: now) }
            default: break
            }
        }
    }

    private mutating func receiveAvailable(_ presence: XMLElement, occupant: String, at now: MonotonicInstant) {
        let detail = MUCDetail(presence)
        switch phase {
        case .joining:
            if detail.statuses.contains(110) {
                // Status 210: the server gave us another nick.
                if detail.statuses.contains(210) { nick = occupant }
                if occupant == nick { return enter(detail, at: now) }
            }
        case .joined: break
        default: return
        }
        if occupant == nick {
            setModerator(detail.isModerator)
        } else {
            update(occupant, presence: presence, detail: detail, at: now)
        }
    }

    mutating func setModerator(_ value: Bool) {
        guard value != media.isModerator else { return }
        media.isModerator = value
        outbox.emit(.roleChanged(isModerator: value))
    }

    private mutating func update(
        _ occupant: String, presence: XMLElement, detail: MUCDetail, at now: MonotonicInstant
    ) {
        guard occupant.utf8.count <= 128 else { return }
        let isFocus = focus.recognizes(occupant, detail)
        guard isFocus || occupants[occupant] != nil || !occupants.isFull else { return }
        if isFocus { receiveFocus(presence, nick: occupant, detail, at: now) }
        let isHidden = isHidden(detail.realJID)
        let next = Occupant(
            info: ParticipantInfo(id: occupant, presence: presence),
            isShown: !isFocus && !isHidden && presence.child("bot") == nil,
            isHidden: isHidden, marks: OccupantMarks(presence, isHidden: isHidden))
        let former = occupants.update(occupant, next)
        updateFacts()
        guard former != next, next.isShown || former?.isShown == true else { return }
        outbox.emit(.participantsChanged)
        if next.isShown, next.info.raisedHand != nil, former?.info.raisedHand == nil {
            outbox.emit(.handRaised(id: occupant))
        }
    }

    // MARK: Departure

    private mutating func receiveUnavailable(_ presence: XMLElement, occupant: String, at now: MonotonicInstant) {
        if occupant == nick {
            receiveOwnDeparture(MUCDetail(presence), at: now)
        } else if phase == .joined || isJoining {
            remove(occupant, at: now)
        }
    }

    private var isJoining: Bool {
        if case .joining = phase { true } else { false }
    }

    private mutating func remove(_ occupant: String, at now: MonotonicInstant) {
        guard let gone = occupants.remove(occupant) else { return }
        if occupant == focus.nick { focusLeft(at: now) }
        dropSources { $0.owner == occupant }
        updateFacts()
        if gone.isShown { outbox.emit(.participantsChanged) }
    }

    private mutating func receiveOwnDeparture(_ detail: MUCDetail, at now: MonotonicInstant) {
        switch phase {
        case .leaving:
            clearRoom()
            phase = .ended
            outbox.emit(.left)
        case .joined:
            let moderator = detail.actor.map { occupants.name(of: $0) } ?? ""
            endSession(.roomLeft)
            clearRoom()
            if let destroyed = detail.destroyed {
                receiveDestruction(venue: destroyed.jid, reason: destroyed.reason, at: now)
            } else if detail.statuses.contains(301) {
                outbox.emit(.banned(by: moderator, reason: detail.reason))
                fail(.banned)
            } else if detail.statuses.contains(307) {
                phase = .ended
                outbox.emit(.kicked(by: moderator, reason: detail.reason))
            } else if detail.statuses.contains(322) {
                // Members only from now on: through the lobby.
                requestConference(at: now)
            } else {
                retry(.removedFromRoom, seconds: 10...30, at: now)
            }
        default: break
        }
    }
}
