import Basis

/// The focus (Jicofo) as an occupant of the room: who it is, and what is done while it is not there.
struct FocusMember: Sendable {
    /// The focus left, and the room goes on without it for a while.
    struct Absence: Equatable, Sendable {
        let since: MonotonicInstant
        /// When it is asked for (again).
        var nextRequest: MonotonicInstant
        var requests = 0
    }

    /// How long it may be missing at the beginning, and how long in all before the room is left and entered anew.
    static let arrivalPatience = Duration.seconds(30)
    static let absencePatience = Duration.seconds(60)
    /// How long one that says it is ready may take to come in.
    static let readyPatience = Duration.seconds(8)
    /// An answer of a server that has none comes at once; one that never comes is not waited for long.
    static let requestTimeout = Duration.seconds(5)

    /// Its bare JID, from config.js (`focusUserJid`) or from the answer to the conference request.
    var expectedJID: String?
    /// Its name in the room; nil while it is not there.
    private(set) var nick: String?
    /// The real JID that it had when the room showed it first.
    private var shownJID: String?
    private(set) var absence: Absence?
    /// By then it must have come into the room that we have entered.
    var arrivalDeadline: MonotonicInstant?
    /// Whether it says that there is no bridge at hand.
    private(set) var lacksBridge = false

    /// Whether an occupant is the focus. Its real JID decides, which the server vouches for; where the room shows none,
    /// the name of the focus is believed of an owner and moderator alone, and of nobody once a JID was shown.
    func recognizes(_ occupant: String, _ detail: MUCDetail) -> Bool {
        if let realJID = detail.realJID, let known = expectedJID ?? shownJID { return realJID == known }
        // A name changes hands through a departure only.
        if occupant == nick { return true }
        guard occupant == "focus", detail.role == "moderator", detail.affiliation == "owner" else { return false }
        return detail.realJID != nil || shownJID == nil
    }

    /// It is in the room; true when it was away.
    mutating func arrived(as nick: String, realJID: String?) -> Bool {
        let wasAway = absence != nil
        self.nick = nick
        if let realJID, shownJID == nil { shownJID = realJID }
        absence = nil
        arrivalDeadline = nil
        return wasAway
    }

    /// It left: it is asked for soon, but not by all appliances of a town at once.
    mutating func left(at now: MonotonicInstant, delay: Duration) {
        nick = nil
        lacksBridge = false
        absence = Absence(since: now, nextRequest: now + delay)
    }

    /// We are no longer in its room.
    mutating func forget() {
        nick = nil
        absence = nil
        arrivalDeadline = nil
        lacksBridge = false
    }

    /// What its presence says of bridges; true when that is another thing than before.
    mutating func note(lacksBridge value: Bool) -> Bool {
        defer { lacksBridge = value }
        return value != lacksBridge
    }

    // MARK: Asking for it

    /// It is being asked for; until the answer comes nothing else is done.
    mutating func requested(at now: MonotonicInstant) {
        absence?.requests += 1
        absence?.nextRequest = now + Self.requestTimeout + Self.readyPatience
    }

    /// The answer: with `isReady` it should come in now, else it is asked again after 1, 2, 4 s.
    mutating func answered(isReady: Bool, at now: MonotonicInstant) {
        guard let requests = absence?.requests else { return }
        absence?.nextRequest = now + (isReady ? Self.readyPatience : .seconds(1 << min(max(requests - 1, 0), 2)))
    }
}
