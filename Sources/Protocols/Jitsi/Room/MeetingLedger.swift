import Basis

/// What the server said so far of which `MeetingFacts` are made.
struct MeetingLedger: Equatable, Sendable {
    /// A recording or a live stream of the server's recorder (jicofo, `jibri-recording-status`).
    struct Session: Equatable, Sendable {
        let isStream: Bool
        var activity: MeetingFacts.Activity
        /// The endpoint id of who asked for it; empty when nobody is named.
        var starter: String
    }

    static let maximumSessions = 16

    var sessions: [String: Session] = [:]
    /// The focus's conference property `audio-recording-enabled`: the bridge hands the sound to a transcriber.
    var isSoundExported = false
    /// The room's metadata: transcription is asked for, and done without a transcriber in the room.
    var isTranscribedBehind = false
    var hasPassword = false
    var isMembersOnly = false
    /// The room's information changed while it was being asked for.
    var isRoomInfoStale = false
    var visitorCount = 0
    /// What was reported last.
    var reported = MeetingFacts()

    /// Nobody is recorded by a focus that is gone; what it says comes anew with the next.
    mutating func forgetFocus() {
        sessions = [:]
        isSoundExported = false
        visitorCount = 0
    }

    // MARK: The focus

    /// The focus's properties of the conference (jicofo, `ConferenceProperties`).
    mutating func read(properties: XMLElement) {
        for property in properties.children("property").prefix(64) {
            switch property["key"] {
            case "audio-recording-enabled": isSoundExported = property["value"] == "true"
            case "visitor-count":
                visitorCount = min(max(0, property["value"].flatMap { Int($0) } ?? 0), 1_000_000)
            default: break
            }
        }
    }

    /// The focus repeats its last word of each session with every presence.
    /// - Returns: whether a stream, or a recording, that was asked for did not come about, or broke; nil otherwise.
    mutating func read(recording status: XMLElement, in room: String) -> (isStream: Bool, hasFailed: Bool)? {
        let id = String((status["session_id"] ?? "").prefix(64))
        let known = sessions[id]
        let activity: MeetingFacts.Activity
        switch status["status"] {
        case "on": activity = .on
        case "pending": activity = .starting
        case "off":
            sessions[id] = nil
            return known.map { ($0.isStream, status["failure_reason"] != nil) }
        default: return nil
        }
        guard known != nil || sessions.count < Self.maximumSessions else { return nil }
        let starter = status["initiator"].flatMap { JID.bare($0).lowercased() == room ? JID.resource($0) : nil }
        sessions[id] = Session(
            isStream: known?.isStream ?? (status["recording_mode"]?.lowercased() == "stream"), activity: activity,
            starter: String((starter ?? known?.starter ?? "").prefix(128)))
        return nil
    }

    // MARK: Facts

    /// All of it together, with what the occupants say.
    func facts(_ occupants: Occupants) -> MeetingFacts {
        var facts = MeetingFacts()
        for (_, session) in sessions.sorted(by: { $0.key < $1.key }) {
            if session.isStream {
                facts.liveStream = max(facts.liveStream, session.activity)
            } else if session.activity > facts.recording {
                facts.recording = session.activity
                facts.recordingStarter = occupants[session.starter]?.info.name ?? ""
            }
        }
        for occupant in occupants.inOrder { occupant.marks.apply(to: &facts, by: occupant) }
        facts.isTranscribed = facts.isTranscribed || isSoundExported || isTranscribedBehind
        facts.hasPassword = hasPassword
        facts.isMembersOnly = isMembersOnly
        facts.visitorCount = visitorCount
        return facts
    }
}

/// What an occupant's presence says about the meeting.
struct OccupantMarks: Equatable, Sendable {
    /// The server's recorder, and whether it streams.
    var recorder: Recorder?
    /// The server's transcriber, at work.
    var isTranscribing = false
    /// Encrypts what it sends end to end.
    var isEncrypting = false
    /// A participant who records on the own machine.
    var isRecording = false

    enum Recorder: Equatable, Sendable {
        case file
        case stream
    }

    /// - Parameter isHidden: whether the occupant comes from the domain of recorders and transcribers, whom alone the
    ///   elements about them are believed.
    init(_ presence: XMLElement, isHidden: Bool) {
        isEncrypting = presence.child("jitsi_participant_e2ee.enabled")?.text == "true"
        isRecording = presence.child("jitsi_participant_localRecording")?.text == "true"
        guard isHidden else { return }
        if presence.child("session_id") != nil || presence.child("mode") != nil {
            recorder = presence.child("mode")?.text.lowercased() == "stream" ? .stream : .file
        }
        isTranscribing = presence.child("transcription-status")?["status"]?.uppercased() == "ON"
    }

    fileprivate func apply(to facts: inout MeetingFacts, by occupant: Occupant) {
        switch recorder {
        case .file: facts.recording = .on
        case .stream: facts.liveStream = .on
        case nil: break
        }
        if isTranscribing { facts.isTranscribed = true }
        guard occupant.isShown else { return }
        if isEncrypting { facts.isEncrypted = true }
        if isRecording, facts.recording != .on {
            facts.recording = .on
            facts.recordingStarter = occupant.info.name
        }
    }
}
