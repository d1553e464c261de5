import Basis

// From one room to another: breakout rooms, and a meeting that goes on elsewhere. Microphone and camera stay as they are,
// so that nobody but the server's list of breakout rooms and the press itself says where to.
extension JitsiRoom {
    mutating func receiveBreakout(_ json: JSONValue, component: String, at now: MonotonicInstant) {
        switch json["event"]?.string {
        case "features/breakout-rooms/move-to-room":
            guard phase == .joined, let jid = json["roomJid"]?.string?.lowercased(), JID.isBare(jid), jid != roomJID
            else { return }
            if breakout.contains(jid) { move(to: jid, at: now) } else { breakout.wait(for: jid, at: now) }
        case "features/breakout-rooms/update":
            guard let jid = breakout.announce(json["rooms"], component: component, staying: roomJID) else { return }
            if phase == .joined, jid != roomJID { move(to: jid, at: now) }
        default: break
        }
    }

    /// We were sent to a room that the meeting does not have.
    mutating func proposeAwaitedMove(at now: MonotonicInstant) {
        guard let jid = breakout.giveUpAwaited(at: now) else { return }
        outbox.note(.warning, "move-not-followed", jid)
        outbox.emit(.moveProposed(to: RemoteText.subject(JID.local(jid) ?? "")))
    }

    private mutating func move(to jid: String, at now: MonotonicInstant) {
        endSession(.roomLeft)
        outbox.send(PresenceWriter.unavailable(to: occupantJID, status: "switch_room"))
        change(to: jid, at: now)
    }

    /// The room is gone. `venue` is where the meeting goes on (XEP-0045 section 10.9): it is followed to the pressed room, to
    /// a breakout room of it, or to the same room made anew. Into any other somebody has to press.
    mutating func receiveDestruction(venue: String?, reason: String, at now: MonotonicInstant) {
        let venue = venue.map { JID.bare($0).lowercased() }.flatMap { JID.isBare($0) ? $0 : nil }
        if let venue, venue == roomJID { return retry(.removedFromRoom, seconds: 1...2, at: now) }
        if let venue, breakout.contains(venue) { return change(to: venue, at: now) }
        phase = .ended
        if let venue, let name = JID.local(venue) {
            outbox.note(.warning, "move-not-followed", venue)
            outbox.emit(.moveProposed(to: RemoteText.subject(name)))
        }
        outbox.emit(.destroyed(reason: reason))
    }

    /// Enters the room `jid`; the former one is left already.
    mutating func change(to jid: String, at now: MonotonicInstant) {
        outbox.emit(.moving(to: breakout.name(of: jid)))
        clearRoom()
        roomJID = jid
        bridge.forgetRestarts()
        entry.changeRoom()
        ledger.hasPassword = false
        ledger.isMembersOnly = false
        requestConference(at: now)
    }
}
