import Basis

// Who is in the room.
extension JitsiRoom {
    mutating func receivePresence(_ presence: XMLElement, at now: MonotonicInstant) {
        guard let from = presence["from"] else { return }
        let bare = JID.bare(from).lowercased()
        if let knocking = lobby, bare == knocking.jid {
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
            update(occupant, presence: presence, detail: detail)
        }
    }

    private mutating func enter(_ detail: MUCDetail, at now: MonotonicInstant) {
        phase = .joined
        joinRefusals = 0
        conflicts = 0
        leaveLobby()
        emit(.joined)
        // What changed since we asked to be let in.
        schedulePresence(at: now)
        setModerator(detail.isModerator)
        focusDeadline = focusNick == nil ? now + .seconds(30) : nil
        updateFacts(hasEntered: true)
        queryRoomInfo()
        if !hasExternalServices { queryExternalServices(namespace: Namespace.extdisco, isRetry: true) }
    }

    private mutating func setModerator(_ value: Bool) {
        guard value != isModerator else { return }
        isModerator = value
        emit(.roleChanged(isModerator: value))
    }

    private func isFocus(_ occupant: String, realJID: String?) -> Bool {
        guard let realJID, let focusJID else { return occupant == "focus" }
        return realJID == focusJID
    }

    private mutating func update(_ occupant: String, presence: XMLElement, detail: MUCDetail) {
        guard occupant.utf8.count <= 128 else { return }
        let focus = isFocus(occupant, realJID: detail.realJID)
        guard focus || occupants[occupant] != nil || occupants.count < Self.maximumOccupants else { return }
        if focus {
            focusNick = occupant
            focusDeadline = nil
            readFocusPresence(presence)
        }
        let hidden = isHidden(detail.realJID)
        let next = Occupant(
            info: ParticipantInfo(id: occupant, presence: presence),
            isShown: !focus && !hidden && presence.child("bot") == nil,
            isHidden: hidden, marks: OccupantMarks(presence, isHidden: hidden))
        let former = occupants.updateValue(next, forKey: occupant)
        if former == nil { arrivals.append(occupant) }
        updateFacts()
        guard former != next, next.isShown || former?.isShown == true else { return }
        emit(.participantsChanged)
        if next.isShown, next.info.raisedHand != nil, former?.info.raisedHand == nil { emit(.handRaised(id: occupant)) }
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
        guard let gone = occupants.removeValue(forKey: occupant) else { return }
        arrivals.removeAll { $0 == occupant }
        if occupant == focusNick {
            focusNick = nil
            ledger.sessions = [:]
            endSession(.focusLeft)
            reinviteDeadline = nil
            focusDeadline = now + .seconds(20)
            emit(.focusLeft)
        }
        dropSources { $0.owner == occupant }
        updateFacts()
        if gone.isShown { emit(.participantsChanged) }
    }

    private mutating func receiveOwnDeparture(_ detail: MUCDetail, at now: MonotonicInstant) {
        switch phase {
        case .leaving:
            clearRoom()
            phase = .ended
            emit(.left)
        case .joined:
            let moderator = detail.actor.flatMap { occupants[$0] }.map { $0.isShown ? $0.info.name : "" } ?? ""
            endSession(.roomLeft)
            clearRoom()
            if let destroyed = detail.destroyed {
                receiveDestruction(venue: destroyed.jid, reason: destroyed.reason, at: now)
            } else if detail.statuses.contains(301) {
                fail(.banned)
            } else if detail.statuses.contains(307) {
                phase = .ended
                emit(.kicked(by: moderator, reason: detail.reason))
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
