/// Why no call is possible. The number is shown on the screen and blinked by the lamp: tens are the family, units the case.
package enum RoomFault: Int, CaseIterable, Equatable, Sendable {
    /// The name of the server is unknown to the DNS, or there is no network at all.
    case serverNotFound = 20
    /// The server does not answer.
    case serverUnreachable = 21
    /// The server's certificate is not trusted.
    case certificateRefused = 22
    /// The proxy of the network wants an account, or another one.
    case proxyAccountRefused = 23
    /// The proxy of the network does not let us through to the server.
    case proxyRefused = 24
    /// Something answered that is not the expected meeting service (a portal, a wrong address, a wrong domain).
    case notAMeetingServer = 30
    /// The account, password or token of the configuration was refused.
    case accountRefused = 31
    /// The server forbids this room to enter (banned, token for another room, not allowed).
    case entryRefused = 33
    /// The meeting is full.
    case meetingFull = 34
    /// A moderator refused entry in the lobby.
    case lobbyRefused = 35
    /// The server's own configuration (config.js) does not tell, in a way that we understand, where the meeting is.
    case configurationNotUnderstood = 36
    /// Only people with an account may enter, and the configuration has none.
    case signInRequired = 37
    /// Sound and picture cannot cross the network.
    case mediaBlocked = 40
    /// The media server's key is not the one that signalling announced: somebody may be listening.
    case mediaKeyMismatch = 41
    /// Our own media engine could not be started.
    case mediaFailed = 42

    /// A stable name for the interface and the journal.
    package var code: String {
        switch self {
        case .serverNotFound: "server-not-found"
        case .serverUnreachable: "server-unreachable"
        case .certificateRefused: "certificate-refused"
        case .proxyAccountRefused: "proxy-account-refused"
        case .proxyRefused: "proxy-refused"
        case .notAMeetingServer: "not-a-meeting-server"
        case .accountRefused: "account-refused"
        case .entryRefused: "entry-refused"
        case .meetingFull: "meeting-full"
        case .lobbyRefused: "lobby-refused"
        case .configurationNotUnderstood: "configuration-not-understood"
        case .signInRequired: "sign-in-required"
        case .mediaBlocked: "media-blocked"
        case .mediaKeyMismatch: "media-key-mismatch"
        case .mediaFailed: "media-failed"
        }
    }

    /// Whether trying again by ourselves can help: the network or the server may come back; a refusal will not change.
    package var isTransient: Bool {
        switch self {
        case .serverNotFound, .serverUnreachable, .notAMeetingServer, .meetingFull, .configurationNotUnderstood,
            .mediaBlocked, .mediaFailed:
            true
        case .certificateRefused, .proxyAccountRefused, .proxyRefused, .accountRefused, .entryRefused,
            .lobbyRefused, .signInRequired, .mediaKeyMismatch:
            false
        }
    }
}
