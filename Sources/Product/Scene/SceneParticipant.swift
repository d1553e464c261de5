/// Somebody else in the conference, or the screen somebody shares.
package struct SceneParticipant: Equatable, Sendable {
    /// The same for as long as the participant stays; chooses the colour of the disc.
    package var id: String
    /// As the participant wrote it; not cleaned. Empty for somebody without a name.
    package var name: String
    /// Whether the microphone is muted.
    package var audioMuted: Bool
    /// True once there is a picture to show; until then the initials are shown.
    package var hasVideo: Bool
    /// Whether the participant asks to speak.
    package var handRaised: Bool
    /// The dominant speaker of the moment.
    package var dominant: Bool
    /// Which picture belongs here: what `SceneSource.remote` will carry.
    package var sourceID: String?
    /// Whether this is the screen that somebody shares, rather than a person.
    package var isScreenShare: Bool
    /// Whether the participant may moderate.
    package var isModerator: Bool
    /// How well the participant is connected; nil while it has not said.
    package var connection: LinkGrade?

    package init(
        id: String, name: String, audioMuted: Bool = false, hasVideo: Bool = false, handRaised: Bool = false,
        dominant: Bool = false, sourceID: String? = nil, isScreenShare: Bool = false, isModerator: Bool = false,
        connection: LinkGrade? = nil
    ) {
        self.id = id
        self.name = name
        self.audioMuted = audioMuted
        self.hasVideo = hasVideo
        self.handRaised = handRaised
        self.dominant = dominant
        self.sourceID = sourceID
        self.isScreenShare = isScreenShare
        self.isModerator = isModerator
        self.connection = connection
    }

    /// Whether to mark it as speaking: the bridge keeps naming the last speaker after the microphone is muted.
    var isSpeaking: Bool { dominant && !audioMuted && !isScreenShare }

    /// The picture to show, if there is one now.
    package var picture: SceneSource? {
        guard hasVideo, let sourceID else { return nil }
        return .remote(sourceID)
    }
}
