import Basis

// The focus: where it is, what it says of bridges, and how it is called back. A Jicofo that was started anew knows of no
// conference; it comes as soon as somebody asks for one, finds us in the room and invites us.
extension JitsiRoom {
    /// A presence of the focus.
    mutating func receiveFocus(
        _ presence: XMLElement, nick occupant: String, _ detail: MUCDetail, at now: MonotonicInstant
    ) {
        if focus.arrived(as: occupant, realJID: detail.realJID) {
            outbox.emit(.focusReturned)
            // What it did not make is not its business: its invitation replaces the session of the one before.
            if occupants.hasShown {
                bridge.reinviteDeadline = now + .seconds(20)
            } else {
                endSession(.focusLeft)
            }
        }
        for status in presence.children("jibri-recording-status").prefix(8) {
            if let over = ledger.read(recording: status, in: roomJID), over.hasFailed {
                outbox.emit(.recordingFailed(isStream: over.isStream))
            }
        }
        if let properties = presence.child("conference-properties") { ledger.read(properties: properties) }
        let lacksBridge = presence.child("bridgeNotAvailable") != nil
        if focus.note(lacksBridge: lacksBridge) {
            if lacksBridge { outbox.note(.warning, "bridge-not-available") }
            outbox.emit(.bridgeAvailability(!lacksBridge))
        }
        if !lacksBridge {
            bridge.forgetRetries()
        } else if bridge.current == nil, phase == .joined {
            bridge.planRetry(at: now)
        }
    }

    /// The focus left. Sound and picture go on as long as the bridge lets them.
    mutating func focusLeft(at now: MonotonicInstant) {
        ledger.forgetFocus()
        bridge.clearDeadlines()
        focus.left(at: now, delay: .milliseconds(Int.random(in: 500...1500, using: &random)))
        outbox.emit(.focusLeft)
    }

    mutating func advanceFocus(to now: MonotonicInstant) {
        if let due = focus.arrivalDeadline, now >= patient(due) { return rejoin(.focusLeft, seconds: 1...5, at: now) }
        guard phase == .joined, let absence = focus.absence, now >= patient(absence.nextRequest) else { return }
        if now - absence.since >= FocusMember.absencePatience { return rejoin(.focusLeft, seconds: 1...5, at: now) }
        focus.requested(at: now)
        request.ask(room: roomJID, .focusRequest, timeout: FocusMember.requestTimeout, &outbox)
    }

    mutating func receiveFocusRequest(_ outcome: ConferenceRequest.Outcome, at now: MonotonicInstant) {
        guard phase == .joined else { return }
        switch outcome {
        case .ready(let jid):
            if let jid { focus.expectedJID = jid }
            focus.answered(isReady: true, at: now)
        case .backOff, .retry, .failed: focus.answered(isReady: false, at: now)
        }
    }

    /// No offer came though one was due.
    mutating func missInvitation(at now: MonotonicInstant) {
        bridge.reinviteDeadline = nil
        if focus.lacksBridge {
            endSession(.roomLeft)
            bridge.planRetry(at: now)
        } else {
            rejoin(.mediaSession, at: now)
        }
    }
}
