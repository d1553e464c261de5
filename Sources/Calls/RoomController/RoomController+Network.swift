package import Basis
internal import Conference
internal import Devices
internal import Room

/// What the network answers, and what goes on while nothing else does: the check of the way to the servers, the calendar's
/// watch, the connection that stands by.
extension RoomController {
    /// What became of a request of the conference with that number, or of one that belongs to none; an answer to a conference
    /// that is no more is dropped.
    package mutating func answered(_ answer: NetworkAnswer, of number: Int, at now: MonotonicInstant) {
        self.now = now
        switch answer {
        case .lookedUp(let look, let isFound):
            check.resolved(look, isFound: isFound, at: now)
            mark(.all)
        case .greeted(let look, let trouble):
            check.connected(look, trouble.map(RungTrouble.init), at: now)
            mark(.all)
        case .calendar(let look, let result):
            calendar?.received(look, result, at: now)
            mark([.plans, .scene, .status])
        default:
            if call?.number == number {
                call?.conference.answered(answer, at: now)
            } else if standby.waiting?.number == number {
                standby.waiting?.conference?.answered(answer, at: now)
            }
        }
    }

    mutating func networkChanged(_ state: NetworkState) {
        journal(
            .info, "link",
            [("carrier", "\(state.hasCarrier)"), ("address", state.address.map { "\($0)" } ?? "none")])
        check.networkChanged(state, at: now)
        if let number = call?.number { request(.refreshMediaSockets, of: number) }
        carryOut(standby.plan.networkChanged(at: now))
        mark(.all)
    }

    // MARK: While nothing else goes on

    /// Lets everything do what is due; marks what it changes.
    mutating func updatePlans() {
        guard !isShuttingDown else { return }
        updateCheck()
        updateStandby()
        updateCalendar()
    }

    var isIdle: Bool {
        if case .idle = room.phase { true } else { false }
    }

    private mutating func updateCheck() {
        let before = (check.isBroken, check.rungs)
        check.clockRead(wall.trust())
        let isIdle = isIdle
        check.watch(isIdle, at: now)
        check.advance(to: now)
        while let wanted = check.pollRequest() {
            switch wanted {
            case .resolve(let number, let server): request(.lookUp(number: number, host: server.host), of: 0)
            case .connect(let number, let server): request(.greet(number: number, server), of: 0)
            }
        }
        if before != (check.isBroken, check.rungs) { mark([.scene, .status, .controls]) }
        if isIdle, check.isBroken != published.isBroken {
            published.isBroken = check.isBroken
            let rungs = presentation.networkStatus.map { "\($0.rung.rawValue)=\($0.state)" }.joined(separator: " ")
            journal(.notice, "network", [("reached", "\(!check.isBroken)"), ("rungs", rungs)])
        }
    }

    private mutating func updateCalendar() {
        let (isIdle, clock) = (isIdle, wall.trustedSeconds(at: now))
        calendar?.update(isIdle: isIdle, clock: clock, at: now)
        if let number = calendar?.pollRequest() { request(.fetchCalendar(number: number), of: 0) }
        while let diagnostic = calendar?.pollDiagnostic() { outputs.append(.journal(JournalEntry(diagnostic))) }
    }

    // MARK: Standing by

    private mutating func updateStandby() {
        let isWanted = isIdle && !check.isBroken && !settings.meetings.isEmpty && settings.standsBy
        carryOut(standby.plan.update(wanted: isWanted ? history.lastMeeting : nil, at: now))
    }

    private mutating func carryOut(_ step: StandbyPlan.Step?) {
        switch step {
        case .open(let meeting): openStandby(meeting)
        case .close: closeStandby()
        case nil: break
        }
    }

    private mutating func openStandby(_ meeting: Int) {
        closeStandby()
        let waiting = Standby.Waiting(
            conference: makeConference(settings.meetings[meeting]), number: nextConferenceNumber(), meeting: meeting)
        waiting.conference?.standBy(at: now)
        standby.waiting = waiting
    }

    /// The conference that stands by for that meeting, which becomes the call's; any other is closed.
    mutating func takeStandby(for meeting: Int) -> Standby.Waiting? {
        standby.plan.taken()
        standby.isReady = false
        if standby.waiting?.meeting != meeting { closeStandby() }
        return standby.waiting.take()
    }

    mutating func closeStandby() {
        guard let number = standby.waiting?.number else { return }
        standby.waiting?.conference?.leave(at: now)
        while let output = standby.waiting?.conference?.poll() { requestNetwork(output, of: number) }
        forgetStandby(number)
    }

    private mutating func forgetStandby(_ number: Int) {
        standby.waiting = nil
        standby.isReady = false
        request(.closeAll, of: number)
        mark(.status)
    }

    /// Deals with the next output of what stands by; false when there is none. An end is told to the plan alone.
    mutating func pollStandby() -> Bool {
        guard let number = standby.waiting?.number else { return false }
        guard let output = standby.waiting?.conference?.poll() else {
            noteReadiness()
            return false
        }
        switch output {
        case .event(.fact(let fact)) where fact.endsAttempt: standbyEnded(fact, number)
        case .event(.diagnostic(let diagnostic)):
            journal(.debug, "standby", [("detail", "\(diagnostic.code) \(diagnostic.detail)")])
        case .event: break
        default: requestNetwork(output, of: number)
        }
        return true
    }

    private mutating func standbyEnded(_ fact: ConferenceFact, _ number: Int) {
        var isRefusal = false
        if case .refused = fact { isRefusal = true }
        forgetStandby(number)
        standby.plan.ended(isRefusal: isRefusal, at: now)
        journal(.info, "standby", [("state", "\(fact)")])
        mark(.plans)
    }

    private mutating func noteReadiness() {
        let isReady = standby.waiting?.conference?.isReady ?? false
        guard isReady != standby.isReady else { return }
        standby.isReady = isReady
        mark(.status)
        guard isReady else { return }
        standby.plan.becameReady(at: now)
        journal(.info, "standby", [("state", "ready")])
    }
}

extension Conference {
    /// Hands the answer to where it belongs.
    fileprivate mutating func answered(_ answer: NetworkAnswer, at now: MonotonicInstant) {
        switch answer {
        case .response(let token, let status, let body): received(token, status: status, body: body, at: now)
        case .failure(let token, let trouble): requestFailed(token, trouble, at: now)
        case .webSocketOpened(let token): webSocketOpened(token, at: now)
        case .webSocketText(let token, let text): webSocketReceived(token, text: text, at: now)
        case .webSocketSkipped(let token): webSocketSkipped(token, at: now)
        case .webSocketClosed(let token, let code, let trouble):
            webSocketClosed(token, code: code, trouble, at: now)
        case .resolved(let addresses): resolved(addresses, at: now)
        case .mediaSocketsOpened(let addresses): socketsOpened(addresses, at: now)
        case .mediaSocketsChanged(let addresses): socketsChanged(addresses, at: now)
        case .relayOpened(let number, let relayed, let server, let mapped):
            relayOpened(number: number, relayed: relayed, server: server, mapped: mapped, at: now)
        case .lookedUp, .greeted, .calendar: break
        }
    }
}

extension RungTrouble {
    /// What a greeting met.
    fileprivate init(_ trouble: NetworkTrouble) {
        switch trouble {
        case .certificate: self = .certificateRefused
        case .broken: self = .notAMeetingServer
        case .proxyAccount, .proxyRefused: self = .proxyRefused
        // One that hangs up in the middle is no meeting server today; its certificate was never seen.
        case .nameNotFound, .unreachable, .status: self = .noAnswer
        }
    }
}
