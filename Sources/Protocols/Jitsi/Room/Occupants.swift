import Basis

/// Somebody in the room besides us.
struct Occupant: Equatable, Sendable {
    var info: ParticipantInfo
    /// Neither the focus nor a recorder nor a bot.
    var isShown: Bool
    /// Of the domain of recorders and transcribers.
    var isHidden: Bool
    var marks: OccupantMarks
}

/// Who is in the room, in the order of arrival.
struct Occupants: Sendable {
    static let maximumCount = 500

    private var byNick: [String: Occupant] = [:]
    private var arrivals: [String] = []

    subscript(nick: String) -> Occupant? { byNick[nick] }

    var isFull: Bool { byNick.count >= Self.maximumCount }

    /// Those that people call participants.
    var shown: [ParticipantInfo] {
        arrivals.compactMap { nick in byNick[nick].flatMap { $0.isShown ? $0.info : nil } }
    }

    var inOrder: [Occupant] { arrivals.compactMap { byNick[$0] } }

    var hasShown: Bool { byNick.values.contains { $0.isShown } }

    /// The name that people read for an occupant who is shown; empty for others.
    func name(of nick: String) -> String {
        byNick[nick].map { $0.isShown ? $0.info.name : "" } ?? ""
    }

    /// Takes what a presence says; what was known before.
    mutating func update(_ nick: String, _ occupant: Occupant) -> Occupant? {
        let former = byNick.updateValue(occupant, forKey: nick)
        if former == nil { arrivals.append(nick) }
        return former
    }

    mutating func remove(_ nick: String) -> Occupant? {
        guard let gone = byNick.removeValue(forKey: nick) else { return nil }
        arrivals.removeAll { $0 == nick }
        return gone
    }

    mutating func removeAll() {
        byNick = [:]
        arrivals = []
    }
}
