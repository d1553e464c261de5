package import Room

/// What the box has to say at one moment, in words and facts; `layout(width:height:)` decides where it goes.
package struct SceneState: Equatable, Sendable {
    /// The language of all words on the screen.
    package var language: Language
    /// The town's colours and arms.
    package var theme = Theme()
    /// The name of the box, such as "Salle du conseil".
    package var deviceName: String
    /// The name the configuration gives the room being joined; shown until the conference has told its own.
    package var roomLabel: String
    /// The subject or name of the conference; empty while unknown.
    package var roomName: String
    /// What is going on: which card or view is drawn.
    package var phase: ScenePhase

    // MARK: Who is there

    /// Everybody but us, in a stable order. Somebody who shares a screen has a second entry for the share.
    package var participants: [SceneParticipant]
    /// People in the conference, ourselves among them.
    package var participantCount: Int
    /// Raised hands, the first raised first.
    package var hands: [RaisedHand] = []
    /// The id of who is shown large in the speaker layout: what `SpeakerSelection` says. Nil: whoever dominates.
    package var shownSpeaker: String?

    // MARK: Ourselves

    /// Whether our microphone is muted.
    package var microphoneMuted: Bool
    /// Whether our camera is sent.
    package var cameraOn: Bool
    /// Whether our hand is raised.
    package var handRaised: Bool
    /// Whether our own picture is drawn.
    package var selfViewVisible: Bool
    /// Somebody in the room speaks although the microphone is muted.
    package var isTalkingWhileMuted = false
    /// What is not plugged in.
    package var missingDevices: Set<MissingDevice> = []

    // MARK: The call

    /// The arrangement that the layout button chose.
    package var view = CallView.automatic
    /// What is opened beside the pictures.
    package var panel: CallPanel?
    /// What the top line marks: recorded, locked and so on.
    package var marks: CallMarks = []
    /// Nil while it is not known.
    package var link: LinkQuality?
    /// How long the call has lasted, already written.
    package var elapsedText: String?
    /// The chat, the oldest first.
    package var chat: [ChatMessage] = []
    /// Messages that have just come: what `ChatNotices` says.
    package var chatNotices: [ChatMessage] = []
    /// Chat messages that nobody has looked at.
    package var unreadCount = 0
    /// What is said, the newest last; the last two lines are shown.
    package var captions: [CaptionLine] = []
    /// Whether the place of captions is kept free although nothing is said at the moment.
    package var hasCaptionBand = false
    /// The page of session information; nil while it is closed.
    package var information: SessionInformation?
    /// What is said of the end of a call that others ended.
    package var farewell = Farewell()
    /// Short passing messages, the newest last; the last two are shown.
    package var notices: [String]
    /// Who came or went, said quietly.
    package var passing: String?

    // MARK: Nothing going on

    /// The time of day, already written in the language; nil while the clock is not trusted.
    package var clockText: String?
    /// The day, in the room's time zone; nil while the clock is not trusted.
    package var date: CivilDate?
    /// Where others join the room of this box, as text and QR; nil when there is none, or more than one.
    package var meetingLink: String?
    /// Nil where the calendar names none, or is not configured.
    package var nextMeeting: NextMeeting?
    /// How bright the screen is while nothing goes on.
    package var idleLight = IdleLight.full
    /// Any count that grows slowly, of minutes for instance: still screens move a little with it, for the panel's sake.
    package var shiftStep = 0

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

/// The next meeting that the room's calendar knows.
package struct NextMeeting: Equatable, Sendable {
    /// Empty where it has none.
    package var title: String
    /// In the room's time zone.
    package var start: CivilTime
    /// In the room's time zone; nil for a meeting without an end.
    package var end: CivilTime?
    /// Whether it begins on the next day.
    package var isTomorrow: Bool
    /// It has begun.
    package var isRunning: Bool
    /// It has no times.
    package var isAllDay: Bool
    /// Its title is not for everybody's eyes.
    package var isPrivate: Bool
    /// The label of the button that joins it; nil where the calendar does not tell.
    package var room: String?

    package init(
        title: String, start: CivilTime, end: CivilTime? = nil, isTomorrow: Bool = false, isRunning: Bool = false,
        isAllDay: Bool = false, isPrivate: Bool = false, room: String? = nil
    ) {
        self.title = title
        self.start = start
        self.end = end
        self.isTomorrow = isTomorrow
        self.isRunning = isRunning
        self.isAllDay = isAllDay
        self.isPrivate = isPrivate
        self.room = room
    }
}

/// A device that a call wants and the box does not have.
package enum MissingDevice: String, CaseIterable, Sendable {
    case camera
    case microphone
    case speaker
}
