import Basis

/// What the server said so far of which `MeetingFacts` are made.
struct MeetingLedger: Equatable {
    /// A recording or a live stream of the server's recorder (jicofo, `jibri-recording-status`).
    struct Session: Equatable {
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
    /// What was told last.
    var told = MeetingFacts()
}

/// What an occupant's presence says about the meeting.
struct OccupantMarks: Equatable {
    /// The server's recorder, and whether it streams.
    var recorder: Recorder?
    /// The server's transcriber, at work.
    var isTranscribing = false
    /// Encrypts what it sends end to end.
    var isEncrypting = false
    /// A participant who records on the own machine.
    var isRecording = false

    enum Recorder: Equatable {
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
}
