import Basis

/// The rooms of the meeting: the one that was pressed, and its breakout rooms as the server's component announces them
/// (jitsi-meet, mod_muc_breakout_rooms). Nobody sends us anywhere else.
struct BreakoutRooms: Sendable {
    /// More are not kept; a meeting with more breakout rooms has the others without us.
    private static let maximumRooms = 64
    /// The component announces rooms up to 0.3 s after they were made: an order to go to one that is not known yet may
    /// be early.
    private static let announcementPatience = Duration.seconds(2)

    /// The room of the address.
    let mainRoom: String
    /// Names for display by JIDs; empty for a room without name.
    private var names: [String: String] = [:]
    /// Where we were sent, not announced so far.
    private(set) var awaited: (room: String, until: MonotonicInstant)?

    init(mainRoom: String) {
        self.mainRoom = mainRoom
    }

    func name(of room: String) -> String { names[room] ?? "" }

    /// Whether the room belongs to the meeting that somebody pressed for.
    func contains(_ room: String) -> Bool { room == mainRoom || names[room] != nil }

    /// The list of all of them, which replaces the former; the room that was awaited when it is among them.
    /// - Parameter component: the address of the component; rooms elsewhere are none of its.
    mutating func announce(_ rooms: JSONValue?, component: String, staying current: String) -> String? {
        let former = names[current]
        names = [:]
        for member in (rooms?.members ?? []).prefix(Self.maximumRooms) {
            guard let jid = member.value["jid"]?.string?.lowercased(), JID.isBare(jid), JID.domain(jid) == component
            else { continue }
            names[jid] = RemoteText.subject(member.value["name"]?.string ?? "")
        }
        if let former, names[current] == nil, names.count < Self.maximumRooms { names[current] = former }
        guard let room = awaited?.room, contains(room) else { return nil }
        awaited = nil
        return room
    }

    mutating func wait(for room: String, at now: MonotonicInstant) {
        awaited = (room, now + Self.announcementPatience)
    }

    /// The room that was never announced, once that is certain.
    mutating func giveUpAwaited(at now: MonotonicInstant) -> String? {
        guard let awaited, awaited.until <= now else { return nil }
        self.awaited = nil
        return awaited.room
    }

    mutating func forgetAwaited() {
        awaited = nil
    }
}
