/// What everybody in a meeting has a right to know about it, as the server tells it.
package struct MeetingFacts: Equatable, Sendable {
    package enum Activity: Int, Comparable, Sendable {
        case off
        /// Asked for; nothing is kept or sent so far.
        case starting
        case on

        package static func < (left: Activity, right: Activity) -> Bool { left.rawValue < right.rawValue }
    }

    /// Kept in a file, by the server or by a participant.
    package var recording = Activity.off
    /// Who asked for the recording, as the room shows the name; empty when nobody is known.
    package var recordingStarter = ""
    package var liveStream = Activity.off
    package var isTranscribed = false
    /// Somebody encrypts end to end: neither the bridge nor this client can see and hear that participant.
    package var isEncrypted = false
    /// A password is asked for at the door.
    package var hasPassword = false
    /// Who is no member waits in the lobby until a moderator lets them in.
    package var isMembersOnly = false

    package init() {}

    package var isLocked: Bool { hasPassword || isMembersOnly }
}
