/// What the box has to say at one moment, in words and facts; `layout(width:height:)` decides where it goes.
package struct SceneState: Equatable, Sendable {
    package var language: Language
    /// The name of the box, such as "Salle du conseil".
    package var deviceName: String
    /// The name the configuration gives the room being joined; shown until the conference has told its own.
    package var roomLabel: String
    /// The subject or name of the conference; empty while unknown.
    package var roomName: String
    package var phase: ScenePhase
    /// Everybody but us, in a stable order. Somebody who shares a screen has a second entry for the share.
    package var participants: [SceneParticipant]
    /// People in the conference, ourselves among them.
    package var participantCount: Int
    package var microphoneMuted: Bool
    package var cameraOn: Bool
    package var handRaised: Bool
    package var selfViewVisible: Bool
    /// Short passing messages, the newest last; the last two are shown.
    package var notices: [String]
    /// The time of day, already written in the language; nil while the clock is not trusted.
    package var clockText: String?
    /// How long the call has lasted, already written.
    package var elapsedText: String?

    package init(
        language: Language = .french, deviceName: String, roomLabel: String = "", roomName: String = "",
        phase: ScenePhase = .starting, participants: [SceneParticipant] = [], participantCount: Int = 1,
        microphoneMuted: Bool = false, cameraOn: Bool = true, handRaised: Bool = false, selfViewVisible: Bool = true,
        notices: [String] = [], clockText: String? = nil, elapsedText: String? = nil
    ) {
        self.language = language
        self.deviceName = deviceName
        self.roomLabel = roomLabel
        self.roomName = roomName
        self.phase = phase
        self.participants = participants
        self.participantCount = participantCount
        self.microphoneMuted = microphoneMuted
        self.cameraOn = cameraOn
        self.handRaised = handRaised
        self.selfViewVisible = selfViewVisible
        self.notices = notices
        self.clockText = clockText
        self.elapsedText = elapsedText
    }
}

/// Which screen is shown.
package enum ScenePhase: Equatable, Sendable {
    case starting
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
    /// Something failed: a short code for the telephone, what happened, and the one thing to do.
    case fault(code: String, sentence: String, action: String)
}

/// What a button of the box does.
package enum SceneButtonRole: String, CaseIterable, Sendable {
    case join
    case hangUp
    case microphone
    case camera
    case hand
}

/// A button of the box and the words beside it; an empty label stands for the role's own words.
package struct SceneButton: Equatable, Sendable {
    package var role: SceneButtonRole
    package var label: String

    package init(role: SceneButtonRole, label: String = "") {
        self.role = role
        self.label = label
    }
}

/// How far joining has come, in order.
package enum JoinStep: Int, CaseIterable, Comparable, Sendable {
    /// Reading the deployment's configuration.
    case finding
    /// Opening the signalling connection and authenticating.
    case contacting
    /// Asking the focus for the conference and entering the MUC.
    case entering
    /// ICE, DTLS and the first media.
    case connecting

    package static func < (left: JoinStep, right: JoinStep) -> Bool { left.rawValue < right.rawValue }
}

/// Somebody else in the conference, or the screen somebody shares.
package struct SceneParticipant: Equatable, Sendable {
    /// The same for as long as the participant stays; chooses the colour of the disc.
    package var id: String
    package var name: String
    package var audioMuted: Bool
    /// True once there is a picture to show; until then the initials are shown.
    package var hasVideo: Bool
    package var handRaised: Bool
    /// The dominant speaker of the moment.
    package var dominant: Bool
    /// Which picture belongs here: what `SceneSource.remote` will carry.
    package var sourceID: String?
    package var isScreenShare: Bool

    package init(
        id: String, name: String, audioMuted: Bool = false, hasVideo: Bool = false, handRaised: Bool = false,
        dominant: Bool = false, sourceID: String? = nil, isScreenShare: Bool = false
    ) {
        self.id = id
        self.name = name
        self.audioMuted = audioMuted
        self.hasVideo = hasVideo
        self.handRaised = handRaised
        self.dominant = dominant
        self.sourceID = sourceID
        self.isScreenShare = isScreenShare
    }

    /// The picture to show, if there is one now.
    package var picture: SceneSource? {
        guard hasVideo, let sourceID else { return nil }
        return .remote(sourceID)
    }
}
