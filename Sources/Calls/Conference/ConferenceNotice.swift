package import Jitsi

/// Something about the conference that somebody in the room may have to be told once.
package enum ConferenceNotice: Equatable, Sendable {
    /// The focus has no bridge for the meeting, so that there is neither sound nor picture; it goes on trying.
    case bridgeUnavailable
    case bridgeAvailable
    /// The focus (Jicofo) is gone; it is asked to come back.
    case focusLeft
    case focusReturned
    /// AV moderation of a medium was turned on or off; `by` is the moderator's name, empty when it is not known.
    case moderation(MediaKind, isOn: Bool, by: String)
    /// How a wish to unmute that needs somebody's leave fares.
    case unmute(MediaKind, UnmuteStep)
    /// The focus muted us for a moderator; `by` is empty when nobody is named. The fact about it comes besides.
    case muted(MediaKind, by: String)
    /// A message to us alone.
    case privateMessage(name: String, text: String)
    /// The sender takes a message back that was shown.
    case messageRetracted(name: String, text: String)
    /// Somebody wants us in another room of the server: only a press leads there.
    case moveProposed(to: String)
    /// A participant sends pictures in a format that cannot be decoded, such as "AV1".
    case undecodable(source: String, owner: String, format: String)
    /// The server's door is open to people with an account alone; the fact that ends the attempt follows.
    case signInRequired

    /// The steps of an unmute under AV moderation, or after a mute by the focus.
    package enum UnmuteStep: Equatable, Sendable {
        /// The focus was asked.
        case requested
        /// A moderator gave leave; whoever wants to be heard presses again.
        case approved
        /// A moderator took the leave back.
        case revoked
        case granted
        case refused
    }
}
