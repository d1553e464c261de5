package import Room

/// Which screen is shown.
package enum ScenePhase: Equatable, Sendable {
    case starting
    /// The way to the meeting server is broken at some rung of the ladder; with the fault that a failed join ended in.
    case disconnected(ladder: [ConnectionRung: LadderResult], fault: FaultCard? = nil)
    /// Nothing going on: what each button does, and the rooms that can be joined.
    case idle(buttons: [SceneButton], rooms: [String])
    case joining(step: JoinStep, canCancel: Bool)
    /// The room asks for a password; `wrong` when the one we gave was refused.
    case passwordRequired(wrong: Bool)
    /// The room opens when a moderator comes.
    case waitingForHost
    /// We knocked; a moderator has to let us in.
    case lobby
    /// Nobody else is there; `link` is the address to give to others.
    case aloneInRoom(link: String)
    case inCall
    case reconnecting
    case leaving
    /// A moderator removed us.
    case kicked
    /// The meeting was closed.
    case roomClosed
    /// The meeting goes on in another room, where we are going.
    case moved(room: String)
    /// New firmware is being put in; `percent` when that is known.
    case updating(percent: Int?)
    /// Something failed: a short code for the telephone, what happened, the one thing to do, and a page that helps.
    case fault(code: String, sentence: String, action: String, link: String = "")
}

extension ScenePhase {
    /// Whether our own picture is shown large, to be checked before others see it.
    package var showsOwnPicture: Bool {
        switch self {
        case .joining, .waitingForHost, .lobby: true
        case .starting, .disconnected, .idle, .passwordRequired, .aloneInRoom, .inCall, .reconnecting, .leaving,
            .kicked,
            .roomClosed, .moved, .updating, .fault:
            false
        }
    }
}

/// What is said of a fault beside the ladder.
package struct FaultCard: Equatable, Sendable {
    /// The number to be told on the telephone.
    package var code: String
    /// What is wrong, in one sentence.
    package var sentence: String
    /// The one thing to do.
    package var action: String
    /// A page that helps; empty for none.
    package var link: String
    /// The box tries again by itself.
    package var isRetrying: Bool

    package init(code: String, sentence: String, action: String, link: String = "", isRetrying: Bool = false) {
        self.code = code
        self.sentence = sentence
        self.action = action
        self.link = link
        self.isRetrying = isRetrying
    }
}

/// What a button of the box does.
package enum SceneButtonRole: String, CaseIterable, Sendable {
    case join
    case hangUp
    case microphone
    case camera
    case hand
    case layout
    case louder
    case softer
    /// The pages of participants, chat and information.
    case people
}

/// A button of the box and the words beside it; an empty label stands for the role's own words.
package struct SceneButton: Equatable, Sendable {
    /// What a short press does.
    package var role: SceneButtonRole
    /// The room's name for a button that joins it; else empty.
    package var label: String
    /// What it does when it is held.
    package var held: SceneButtonRole?

    package init(role: SceneButtonRole, label: String = "", held: SceneButtonRole? = nil) {
        self.role = role
        self.label = label
        self.held = held
    }
}

/// What is known of a rung; one that is not in the table is not known.
package enum LadderResult: Equatable, Sendable {
    case works
    /// With what is known about it in a few words, such as the server's name.
    case fails(String)
    case trying
}
