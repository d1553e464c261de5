import Basis

// From one room to another: breakout rooms, and a meeting that goes on elsewhere.
extension JitsiRoom {
    /// Names that are kept; a meeting with more breakout rooms has the others without name.
    private static var maximumRooms: Int { 64 }

    /// Whether we are in another room than the address leads to.
    package var isElsewhere: Bool { roomJID != mainRoomJID }

    mutating func receiveBreakout(_ json: JSONValue, component: String, at now: MonotonicInstant) {
        switch json["event"]?.string {
        case "features/breakout-rooms/move-to-room":
            guard phase == .joined, let jid = json["roomJid"]?.string?.lowercased(), JID.isBare(jid), jid != roomJID,
                jid == mainRoomJID || JID.domain(jid) == component
            else { return }
            endSession(.roomLeft)
            send(PresenceWriter.unavailable(to: occupantJID, status: "switch_room"))
            change(to: jid, at: now)
        case "features/breakout-rooms/update":
            roomNames = [:]
            for member in (json["rooms"]?.members ?? []).prefix(Self.maximumRooms) {
                guard let jid = member.value["jid"]?.string?.lowercased(), JID.isBare(jid) else { continue }
                roomNames[jid] = RemoteText.subject(member.value["name"]?.string ?? "")
            }
        default: break
        }
    }

    /// The room is gone. `venue` is where the meeting goes on (XEP-0045 section 10.9): a breakout room's main room, the
    /// same room made anew, or another one of the same server.
    mutating func receiveDestruction(venue: String?, reason: String, at now: MonotonicInstant) {
        guard let venue = venue.map({ JID.bare($0).lowercased() }), JID.isBare(venue),
            JID.domain(venue) == JID.domain(mainRoomJID) || JID.domain(venue) == JID.domain(roomJID)
        else {
            phase = .ended
            return emit(.destroyed(reason: reason))
        }
        if venue == roomJID {
            retry(.removedFromRoom, seconds: 1...2, at: now)
        } else {
            change(to: venue, at: now)
        }
    }

    /// Enters the room `jid`; the former one is left already.
    mutating func change(to jid: String, at now: MonotonicInstant) {
        emit(.moving(to: roomNames[jid] ?? ""))
        clearRoom()
        roomJID = jid
        restarts = []
        joinRefusals = 0
        ledger.hasPassword = false
        ledger.isMembersOnly = false
        requestConference(at: now)
    }
}
