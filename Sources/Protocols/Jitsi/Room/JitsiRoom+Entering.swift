import Basis

// From the bound session to our own presence in the room: components, conference request, join and its errors.
extension JitsiRoom {
    // MARK: Server

    mutating func queryExternalServices(namespace: String, isRetry: Bool) {
        outbox.query(
            .externalServices(isRetry: isRetry),
            iq("get", to: configuration.xmppDomain, XMLElement("services", namespace: namespace)))
    }

    mutating func receiveServerInfo(_ answer: IQAnswer, at now: MonotonicInstant) {
        if case .result(let iq) = answer, let info = iq.child("query", namespace: Namespace.discoInfo) {
            components.read(info)
        } else {
            outbox.note(.notice, "disco-failed")
        }
        settleComponents(at: now)
    }

    /// Handles the messages that came before we knew whom to trust.
    mutating func settleComponents(at now: MonotonicInstant) {
        for message in components.settle() { receiveComponentMessage(message, at: now) }
    }

    mutating func receiveExternalServices(_ answer: IQAnswer, isRetry: Bool) {
        if case .result(let iq) = answer, let list = iq.child("services") {
            report(services: list)
        } else if !isRetry {
            queryExternalServices(namespace: Namespace.extdiscoOld, isRetry: true)
        } else {
            outbox.note(.notice, "no-external-services")
        }
    }

    mutating func report(services list: XMLElement) {
        let services = list.children("service").prefix(16).compactMap { element in
            ExternalService(
                type: element["type"], host: element["host"], port: element["port"], transport: element["transport"],
                username: element["username"], password: element["password"])
        }
        report(services)
    }

    mutating func report(_ services: [ExternalService]) {
        guard !services.isEmpty else { return }
        components.hasExternalServices = true
        outbox.emit(.externalServices(services))
    }

    // MARK: Conference request

    mutating func requestConference(at now: MonotonicInstant) {
        phase = .requesting
        request.ask(room: roomJID, .conferenceRequest, &outbox)
    }

    mutating func receiveConference(_ outcome: ConferenceRequest.Outcome, at now: MonotonicInstant) {
        guard phase == .requesting else { return }
        switch outcome {
        case .ready(let jid):
            if let jid { focus.expectedJID = jid }
            join(at: now)
        case .backOff(let failure):
            let delay = request.backOff()
            phase = .retrying(at: now + delay)
            outbox.emit(.retrying(failure, after: delay))
        case .retry(let failure, let seconds): retry(failure, seconds: seconds, at: now)
        case .failed(let failure): fail(failure)
        }
    }

    // MARK: Join

    private mutating func join(at now: MonotonicInstant) {
        phase = .joining(until: now + .seconds(30))
        let published = media.publish(at: now)
        outbox.emit(.joining)
        outbox.send(
            PresenceWriter.join(
                to: occupantJID, endpoint: nick, identity: identity, media: published, password: entry.password))
    }

    /// Our own presence came back: we are inside.
    mutating func enter(_ detail: MUCDetail, at now: MonotonicInstant) {
        phase = .joined
        entry.succeeded()
        leaveLobby()
        outbox.emit(.joined)
        // What changed since we asked to be let in.
        schedulePresence(at: now)
        setModerator(detail.isModerator)
        reportUnmet()
        if focus.lacksBridge { bridge.planRetry(at: now) }
        if focus.nick == nil { focus.arrivalDeadline = now + FocusMember.arrivalPatience }
        updateFacts(hasEntered: true)
        queryRoomInfo()
        if !components.hasExternalServices { queryExternalServices(namespace: Namespace.extdisco, isRetry: true) }
    }

    /// Once more through the conference request, three times at most.
    mutating func refuseJoin(_ failure: JitsiFailure, at now: MonotonicInstant) {
        if entry.refused() {
            retry(failure, seconds: 1...3, at: now)
        } else if isElsewhere {
            change(to: breakout.mainRoom, at: now)
        } else {
            fail(failure)
        }
    }

    mutating func receiveJoinError(_ presence: XMLElement, at now: MonotonicInstant) {
        guard case .joining = phase, JID.resource(presence["from"] ?? "") ?? nick == nick else {
            outbox.note(.notice, "presence-refused", presence.child("error")?.elements.first?.name ?? "")
            return
        }
        let refusal = JoinRefusal(presence)
        switch refusal {
        // A breakout room that is closed to us, or full: the meeting itself goes on.
        case .notAllowed, .full:
            if isElsewhere { return change(to: breakout.mainRoom, at: now) }
        default: break
        }
        switch refusal {
        case .passwordRequired:
            phase = .passwordRequired
            outbox.emit(.passwordRequired(wrong: entry.password != nil))
        case .membersOnly(let lobby, let waitingForHost):
            guard let lobby, lobby != roomJID else { return refuseJoin(.notAllowed(""), at: now) }
            knock(at: lobby, waitingForHost: waitingForHost)
        case .authenticationRequired: fail(.authenticationRequired)
        case .full: retry(.roomFull, seconds: 20...40, at: now)
        case .notAllowed(let text):
            let onGuestDomain = entry.isAnonymous && configuration.anonymousDomain == JID.domain(ownJID)
            refuseJoin(onGuestDomain ? .authenticationRequired : .notAllowed(text), at: now)
        case .conflict:
            guard !entry.isAnonymous, entry.conflicted() else { return fail(.nickConflict) }
            nick = randomNick()
            requestConference(at: now)
        case .retry(let failure, let seconds): retry(failure, seconds: seconds, at: now)
        case .failed(let failure): fail(failure)
        case .unknown(let condition, let text):
            outbox.note(.warning, "join-refused", condition + " " + text)
            refuseJoin(.notAllowed(RemoteText.subject(text)), at: now)
        }
    }

    // MARK: Ends

    mutating func clearDeadlines() {
        media.forgetPresenceDue()
        bridge.clearDeadlines()
        breakout.forgetAwaited()
        focus.forget()
    }

    mutating func fail(_ failure: JitsiFailure) {
        leaveLobby()
        clearDeadlines()
        phase = .ended
        outbox.emit(.failed(failure))
    }

    /// Forgets everybody in the room.
    mutating func clearRoom() {
        let hadParticipants = occupants.hasShown
        occupants.removeAll()
        messages.removeAll()
        ledger.forgetFocus()
        media.leaveRoom()
        bridge.leaveRoom()
        clearDeadlines()
        if hadParticipants { outbox.emit(.participantsChanged) }
    }

    mutating func retry(_ failure: JitsiFailure, seconds: ClosedRange<Int>, at now: MonotonicInstant) {
        let delay = Duration.milliseconds(
            Int.random(in: seconds.lowerBound * 1000...seconds.upperBound * 1000, using: &random))
        phase = .retrying(at: now + delay)
        if failure == .authenticationRequired {
            outbox.emit(.waitingForHost)
        } else {
            outbox.emit(.retrying(failure, after: delay))
        }
    }

    /// Leaves the room and comes back through the conference request.
    mutating func rejoin(_ failure: JitsiFailure, seconds: ClosedRange<Int> = 10...30, at now: MonotonicInstant) {
        endSession(.roomLeft)
        outbox.send(PresenceWriter.unavailable(to: occupantJID))
        clearRoom()
        bridge.forgetRestarts()
        retry(failure, seconds: seconds, at: now)
    }
}
