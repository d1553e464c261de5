package import Basis

/// How the server answered an IQ.
package enum IQAnswer: Equatable, Sendable {
    /// The whole IQ of type `result`.
    case result(XMLElement)
    /// `condition` is the defined condition's name; `children` are all child elements of `<error/>`.
    case error(condition: String, type: String, text: String, children: [XMLElement])
    case timeout
}

/// Why we are not (yet) in the conference.
package enum JitsiFailure: Equatable, Sendable {
    case roomFull
    case banned
    /// With the server's words.
    case notAllowed(String)
    case tokenMismatch
    /// Only people who log in may enter.
    case authenticationRequired
    case displayNameRequired
    /// Our nick is in use; an anonymous account needs a new XMPP session to get another.
    case nickConflict
    case lobbyDenied
    /// The server's reservation system refused, in its words.
    case reservation(String)
    /// The server wants us on a node for visitors, or the main room is closed to us.
    case visitorsOnly
    case focusUnavailable
    case focusNotReady
    case focusLeft
    case serverBusy
    case joinTimeout
    /// Jicofo refused our answers, or no media session came to stand.
    case mediaSession
    case removedFromRoom
    case badRequest
}

/// Why a media session is over. The room goes on.
package enum MediaEnd: Equatable, Sendable {
    /// By Jicofo: moved to another bridge, alone in the room… `reason` is XEP-0166's element name.
    case terminated(reason: String, text: String)
    /// Another offer takes its place.
    case replaced
    case focusLeft
    case acceptRefused(String)
    /// We asked for a new one after a failure of ours.
    case restarting
    /// We are leaving the room or were removed from it.
    case roomLeft
}

/// What happened in the conference, in the order of its causes.
package enum JitsiEvent: Equatable, Sendable {
    /// The conference does not exist yet and we may not create it; asked again every 5–10 s.
    case waitingForHost
    case joining
    case joined
    case passwordRequired(wrong: Bool)
    /// We knock at this lobby.
    case lobby(jid: String, waitingForHost: Bool)
    /// Over; a new attempt needs a new room.
    case failed(JitsiFailure)
    /// Tried again after the time given.
    case retrying(JitsiFailure, after: Duration)
    case participantsChanged
    case subject(String)
    case chat(RoomMessage)
    /// Its sender takes it back.
    case chatRetracted(RoomMessage)
    case offer(MediaOffer)
    case sourcesAdded([RemoteSource])
    case sourcesRemoved([RemoteSource])
    case mediaEnded(MediaEnd)
    /// Our answer was not sent.
    case answerInvalid(MediaAnswerFault)
    /// By a moderator or by the room's policy: stop sending; the presence already tells.
    /// `by` is the moderator's name, empty when it is not known.
    case mutedByFocus(MediaKind, by: String = "")
    /// Nobody may unmute without leave from a moderator, or everybody may again.
    case moderation(MediaKind, enabled: Bool, by: String = "")
    /// The focus is asked whether we may unmute.
    case unmuteRequested(MediaKind)
    /// A moderator lets us unmute.
    case unmuteApproved(MediaKind)
    /// A moderator takes that leave back.
    case unmuteRevoked(MediaKind)
    /// The wish to unmute came true after the focus agreed: sending may begin.
    case unmuted(MediaKind)
    case unmuteRefused(MediaKind)
    case handRaised(id: String)
    case roleChanged(isModerator: Bool)
    /// `by` is the moderator's name, empty when it is not known.
    case kicked(by: String, reason: String)
    /// We are being sent to another room, by the name that the server has for it, if any; entering it begins.
    case moving(to: String)
    /// Somebody wants us in a room that is neither the pressed one nor a breakout room of it: only a press leads there.
    case moveProposed(to: String)
    /// `failed(.banned)` follows.
    case banned(by: String, reason: String)
    case destroyed(reason: String)
    case left
    /// The focus is gone; it is being asked to come back. Media goes on as long as the bridge lets it.
    case focusLeft
    case focusReturned
    /// Whether the focus has a bridge for the meeting; without one there is no media, and it invites when it has.
    case bridgeAvailability(Bool)
    case facts(MeetingFacts)
    /// A recording or a live stream that was asked for did not come about, or broke.
    case recordingFailed(isStream: Bool)
    case caption(Caption)
    case externalServices([ExternalService])
    /// `createdAt` in milliseconds since the epoch.
    case meeting(id: String?, createdAt: Int64?)
    /// A disco#info query, to be answered by whoever computes our capabilities.
    case discoInfoRequested(XMLElement, isFromFocus: Bool)
    case diagnostic(Diagnostic)
}

/// What a room wants from whoever drives it.
package enum JitsiOutput: Equatable, Sendable {
    /// A stanza that no answer is awaited for.
    case send(XMLElement)
    /// An answer to what somebody in the room, or anybody, asked: to be left out rather than to be sent in any number.
    case answer(XMLElement)
    /// An IQ without id: the XMPP layer gives one and brings the answer with `receive(answer:to:at:)`.
    case query(token: String, XMLElement, timeout: Duration)
    /// An HTTP POST of JSON, answered with `httpAnswer(status:body:to:at:)`; status 0 when there was none.
    case post(token: String, url: String, json: String, bearer: Redacted<String>?)
    case event(JitsiEvent)
}
