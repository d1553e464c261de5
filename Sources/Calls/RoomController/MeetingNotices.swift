internal import Basis
internal import Jitsi
internal import Scene

/// What the screen says in words when the meeting becomes another one: recorded, locked and so on. Who does not hear the
/// server's announcements, or sees no small marks, has to know it as well.
struct MeetingNotices {
    private static let time = Duration.seconds(8)
    private static let mostKept = 4
    /// What was at the door comes with the answer to a question that is asked inside.
    private static let enteringTime = Duration.seconds(5)

    /// Nil before the room was entered.
    private var known: MeetingFacts?
    private var enteredAt: MonotonicInstant?
    private var notices: [(text: String, until: MonotonicInstant)] = []

    /// The oldest first.
    var shown: [String] { notices.map(\.text) }
    var deadline: MonotonicInstant? { notices.map(\.until).min() }

    mutating func learn(_ facts: MeetingFacts, language: Language, at now: MonotonicInstant) {
        let before = known ?? MeetingFacts()
        let isEntering = known == nil
        known = facts
        let entered = enteredAt ?? now
        enteredAt = entered
        func tell(_ message: Message) { say(Strings.text(message, language), at: now) }
        switch (before.recording, facts.recording) {
        case (.off, .starting): tell(.recordingSoon)
        case (.off, .on) where isEntering: tell(.recordingRuns)
        case (.off, .on), (.starting, .on):
            if facts.recordingStarter.isEmpty {
                tell(.recordingStarted)
            } else {
                say(Strings.text(.recordingStartedBy, name: facts.recordingStarter, language), at: now)
            }
        case (.on, .off), (.on, .starting): tell(.recordingStopped)
        case (.off, .off), (.starting, .off), (.starting, .starting), (.on, .on): break
        }
        switch (before.liveStream, facts.liveStream) {
        case (.off, .starting): tell(.liveStreamSoon)
        case (.off, .on), (.starting, .on): tell(.liveStreamRuns)
        case (.on, .off), (.on, .starting): tell(.liveStreamStopped)
        case (.off, .off), (.starting, .off), (.starting, .starting), (.on, .on): break
        }
        if before.isTranscribed != facts.isTranscribed {
            tell(facts.isTranscribed ? .transcriptionRuns : .transcriptionStopped)
        }
        if facts.isEncrypted, !before.isEncrypted { tell(.encryptionBlocks) }
        // Who has just come in knows what was at the door.
        guard now - entered >= Self.enteringTime else { return }
        if before.hasPassword != facts.hasPassword { tell(facts.hasPassword ? .lockedNow : .unlockedNow) }
        if before.isMembersOnly != facts.isMembersOnly { tell(facts.isMembersOnly ? .lobbyOn : .lobbyOff) }
    }

    mutating func say(_ text: String, at now: MonotonicInstant) {
        notices.removeAll { $0.text == text }
        notices.append((text, now + Self.time))
        if notices.count > Self.mostKept { notices.removeFirst() }
    }

    mutating func advance(to now: MonotonicInstant) {
        notices.removeAll { $0.until <= now }
    }
}
