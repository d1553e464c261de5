internal import Basis

/// Something about the meeting that a script makes happen.
package enum PracticeFact: String, CaseIterable, Sendable {
    case recording
    case liveStream = "live-stream"
    /// A transcriber enters and writes down what the partners say.
    case captions
    /// A partner encrypts end to end.
    case encryption
    /// A password is set.
    case lock
    /// A partner removes whoever is there, with a reason.
    case kick
    /// The meeting is ended for everybody.
    case end
}

/// A recorder's session, as the focus tells of it.
struct PracticeRecording: Equatable {
    var id: String
    var isStream: Bool
    /// "pending", "on" or "off".
    var status: String
    /// The occupant's JID, empty for nobody.
    var initiator: String
    var failure: String?
}

/// Somebody whom a moderator lets unmute a medium.
struct PracticeApproval: Hashable {
    var endpoint: String
    var medium: PracticeMedium
}

/// What the room is, besides who is in it.
struct PracticeMeeting: Equatable {
    /// Between one fact of the script and the next.
    static let scriptPace = Duration.seconds(5)
    /// From one sentence of a partner to the next.
    static let speechPace = Duration.seconds(4)

    var password: String?
    var hasLobby: Bool
    var recordings: [PracticeRecording] = []
    var hasTranscriber = false
    /// How much of the script has happened, and when it goes on.
    var scriptPlace = 0
    var scriptDeadline: MonotonicInstant?
    /// The sentences that partners have said, and when the next stage of one comes.
    var speechPlace = 0
    var speechDeadline: MonotonicInstant?
    var admissionDeadline: MonotonicInstant?
    /// Whether the focus has a bridge.
    var hasBridge = true
    var isFocusInRoom = true
    /// Until then the focus answers nobody.
    var focusReturnsAt: MonotonicInstant?
    var moderated: Set<PracticeMedium> = []
    var approved: Set<PracticeApproval> = []

    init(_ options: PracticeOptions) {
        password = options.password
        hasLobby = options.lobby
    }

    var deadline: MonotonicInstant? {
        [scriptDeadline, speechDeadline, admissionDeadline, focusReturnsAt].compactMap { $0 }.min()
    }
}
