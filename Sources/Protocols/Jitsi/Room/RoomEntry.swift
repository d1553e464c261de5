import Basis

/// What is remembered from one try to enter the room to the next.
struct RoomEntry: Sendable {
    private static let maximumRefusals = 3
    private static let maximumConflicts = 3

    /// Whether we logged in as guest.
    let isAnonymous: Bool
    /// What the room asks for at the door, where we know it.
    var password: Redacted<String>?
    /// Where we wait to be let in.
    var lobby: LobbyVisit?
    private var refusals = 0
    private var conflicts = 0

    init(isAnonymous: Bool, password: Redacted<String>?) {
        self.isAnonymous = isAnonymous
        self.password = password
    }

    /// We are in.
    mutating func succeeded() {
        refusals = 0
        conflicts = 0
    }

    /// The room is another one.
    mutating func changeRoom() {
        refusals = 0
    }

    /// False when that was one refusal too many.
    mutating func refused() -> Bool {
        refusals += 1
        return refusals <= Self.maximumRefusals
    }

    /// Our name is in use; false when that happened too often.
    mutating func conflicted() -> Bool {
        conflicts += 1
        return conflicts <= Self.maximumConflicts
    }
}
