/// What everybody in a meeting has a right to know about it, as the server tells it.
package struct MeetingFacts: Equatable, Sendable {
    /// How far a recording or a stream is.
    package enum Activity: Int, Comparable, Sendable {
        case off
        /// Asked for; nothing is kept or sent so far.
        case starting
        case on

        /// By how far it is.
        package static func < (left: Activity, right: Activity) -> Bool { left.rawValue < right.rawValue }
    }

    /// Kept in a file, by the server or by a participant.
    package var recording = Activity.off
    /// Who asked for the recording, as the room shows the name; empty when nobody is known.
    package var recordingStarter = ""
    /// Sent to the public as it happens.
    package var liveStream = Activity.off
    /// Written down by a machine.
    package var isTranscribed = false
    /// Somebody encrypts end to end: neither the bridge nor this client can see and hear that participant.
    package var isEncrypted = false
    /// A password is asked for at the door.
    package var hasPassword = false
    /// Who is no member waits in the lobby until a moderator lets them in.
    package var isMembersOnly = false

    /// How many look on from outside the room (jicofo, conference property `visitor-count`).
    package var visitorCount = 0

    /// Nothing is known.
    package init() {}

    /// Whether not everybody who has the address gets in.
    package var isLocked: Bool { hasPassword || isMembersOnly }
}
