internal import Basis
internal import Conference
internal import Logging
internal import NetworkIO
internal import Room

/// Keeps a connection to the server of the meeting joined last, or of the first one, while nothing else goes on.
extension CallActor {
    /// What stands by: nothing of it is shown, and no sound, picture or presence leaves the box for it.
    struct Standby: ~Copyable {
        var conference: Conference
        /// Tells its answers from those of others.
        let number: Int
        let meeting: Int
    }

    /// Opens or closes what is due, and arms the timer.
    func keepStandby() {
        var wanted: Int?
        if case .idle = room.phase, !ladder.isBroken, !settings.meetings.isEmpty, !isShuttingDown {
            wanted = lastMeeting
        }
        carryOut(standbyPlan.update(wanted: wanted, at: clock.now))
        armStandbyTimer()
    }

    func standbyNetworkChanged() {
        carryOut(standbyPlan.networkChanged(at: clock.now))
        armStandbyTimer()
    }

    func standbyTimerFired(at now: MonotonicInstant) {
        standby?.conference.advance(to: now)
        drainStandby()
        keepStandby()
    }

    /// The conference that stands by for that meeting, which becomes the call's; any other is closed.
    func takeStandby(for meeting: Int) -> Conference? {
        standbyPlan.taken()
        isStandbyTold = false
        guard standby?.meeting == meeting, let taken = standby.take() else {
            closeStandby()
            return nil
        }
        conferenceNumber = taken.number
        let conference: Conference = taken.conference
        return conference
    }

    func closeStandby() {
        guard standby != nil else { return }
        standby?.conference.leave(at: clock.now)
        drainStandby()
        standby = nil
    }

    private func carryOut(_ step: StandbyPlan.Step?) {
        switch step {
        case .open(let meeting):
            openStandby(meeting)
        case .close: closeStandby()
        case nil: break
        }
    }

    private func openStandby(_ meeting: Int) {
        closeStandby()
        var made = Standby(
            conference: makeConference(settings.meetings[meeting]), number: nextConferenceNumber(), meeting: meeting)
        made.conference.standBy(at: clock.now)
        standby = consume made
        drainStandby()
    }

    /// Does all that it asks; an end is told to the plan alone.
    func drainStandby() {
        guard let number = standby?.number else { return }
        var end: ConferenceFact?
        while let output = standby?.conference.poll() {
            switch output {
            case .event(.fact(let fact)) where fact.endsAttempt: end = fact
            case .event(.diagnostic(let diagnostic)):
                log.debug("standby", metadata: ["detail": "\(diagnostic.code) \(diagnostic.detail)"])
            case .event: break
            default: carryOut(output, of: number)
            }
        }
        if let end {
            for token in webSockets.keys { webSockets.removeValue(forKey: token)?.close() }
            standby = nil
            var isRefusal = false
            if case .refused = end { isRefusal = true }
            standbyPlan.ended(isRefusal: isRefusal, at: clock.now)
            log.info("standby", metadata: ["state": "\(end)"])
        } else if standby?.conference.isReady == true, !isStandbyTold {
            standbyPlan.becameReady(at: clock.now)
            log.info("standby", metadata: ["state": "ready"])
        }
        isStandbyTold = standby?.conference.isReady == true
        armStandbyTimer()
    }

    private func armStandbyTimer() {
        guard !isShuttingDown else {
            standbyTimer?.arm(nil)
            return
        }
        var soonest = Soonest()
        soonest.consider(standbyPlan.deadline, "plan")
        if let instant = standby?.conference.soonest.instant { soonest.consider(instant, "conference") }
        standbyTimer?.arm(soonest.instant)
    }
}
