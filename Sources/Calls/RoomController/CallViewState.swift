internal import Basis
internal import Jitsi
internal import Scene

/// How the room looks at its call: what the layout button chose, who is shown large, what was said, who came and went.
struct CallViewState {
    private static let noticeTime = Duration.seconds(3)
    private static let passingTime = Duration.seconds(4)
    /// Arrivals in so short a time are told as a number.
    private static let crowdTime = Duration.seconds(2)

    private(set) var view = CallView.automatic
    private(set) var panel: CallPanel?
    private(set) var chat = ChatNotices()
    private(set) var captions = CaptionFeed()
    private var meeting = MeetingNotices()
    private var speaker = SpeakerSelection()
    private var viewShownUntil: MonotonicInstant?
    private var passing: (text: String, until: MonotonicInstant)?
    /// Names by endpoint id, as of the last change; nil before the first list, which nobody "joined".
    private var people: [String: String]?
    private var coming: (isArrival: Bool, count: Int, at: MonotonicInstant)?

    /// The layout button: a short press for the next arrangement, a long one for the next page.
    mutating func press(isLong: Bool, at now: MonotonicInstant) {
        if isLong {
            panel = CallPanel.next(after: panel)
            if panel == .chat { chat.read() }
        } else {
            view = view.next
            viewShownUntil = now + Self.noticeTime
        }
    }

    mutating func receive(_ message: ChatMessage, at now: MonotonicInstant) {
        chat.receive(message, pageIsOpen: panel == .chat, at: now)
    }

    mutating func learn(_ facts: MeetingFacts, language: Language, at now: MonotonicInstant) {
        meeting.learn(facts, language: language, at: now)
    }

    /// The meeting goes on in another room, whose facts are its own.
    mutating func enterAnotherRoom() {
        meeting = MeetingNotices()
    }

    mutating func say(_ message: Message, language: Language, at now: MonotonicInstant) {
        meeting.say(Strings.text(message, language), at: now)
    }

    mutating func say(_ message: Message, name: String, language: Language, at now: MonotonicInstant) {
        meeting.say(Strings.text(message, name: name, language), at: now)
    }

    mutating func show(_ caption: Caption, at now: MonotonicInstant) {
        captions.receive(
            CaptionLine(speaker: caption.name, text: caption.text), id: caption.id, isInterim: caption.isInterim,
            isTranslation: caption.isTranslation, at: now)
    }

    /// Who is there now, and who dominates; nil while the room is being entered.
    mutating func update(
        people now: [ParticipantInfo]?, dominant: String?, language: Language, at instant: MonotonicInstant
    ) {
        guard let now else {
            people = nil
            return
        }
        let names = Dictionary(now.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        if let people {
            for (id, name) in names where people[id] == nil {
                pass(name, isArrival: true, language: language, at: instant)
            }
            for (id, name) in people where names[id] == nil {
                pass(name, isArrival: false, language: language, at: instant)
                speaker.left(id, at: instant)
            }
        }
        people = names
        speaker.dominates(dominant, at: instant)
    }

    private mutating func pass(_ name: String, isArrival: Bool, language: Language, at now: MonotonicInstant) {
        var count = 1
        if let coming, coming.isArrival == isArrival, now - coming.at < Self.crowdTime { count += coming.count }
        coming = (isArrival, count, now)
        let text =
            count > 1
            ? Strings.count(isArrival ? .arrivals : .departures, count, language)
            : Strings.text(
                isArrival ? .arrival : .departure, name: name.isEmpty ? Strings.text(.guest, language) : name, language)
        passing = (text, now + Self.passingTime)
    }

    mutating func advance(to now: MonotonicInstant) {
        chat.advance(to: now)
        captions.advance(to: now)
        meeting.advance(to: now)
        speaker.advance(to: now)
        if let until = viewShownUntil, until <= now { viewShownUntil = nil }
        if let passing, passing.until <= now { self.passing = nil }
    }

    /// Puts what is to be seen of it into `scene`.
    func show(in scene: inout SceneState) {
        scene.view = view
        scene.panel = panel
        scene.chat = chat.messages
        scene.chatNotices = chat.shown
        scene.unreadCount = chat.unreadCount
        scene.shownSpeaker = speaker.shown
        scene.passing = passing?.text
        scene.captions = captions.lines
        scene.hasCaptionBand = captions.isOpen
        scene.notices += meeting.shown
        if viewShownUntil != nil { scene.notices.append(Strings.text(Strings.message(for: view), scene.language)) }
    }

    /// When `advance` makes a difference.
    var deadline: MonotonicInstant? {
        [chat.deadline, captions.deadline, meeting.deadline, speaker.deadline, viewShownUntil, passing?.until]
            .compactMap { $0 }.min()
    }
}
