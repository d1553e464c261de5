import Basis

/// Why the room did not let us in, as its presence of type `error` says (protocol of Prosody's plug-ins; lib-jitsi-meet,
/// `ChatRoom.onPresenceError`).
enum JoinRefusal: Equatable {
    case passwordRequired
    /// The room where who is no member waits, and whether that is for the host.
    case membersOnly(lobby: String?, waitingForHost: Bool)
    /// Whoever has an account may enter; without one asking again is of no use.
    case authenticationRequired
    /// To the room's maximum.
    case full
    /// Not allowed, for a reason that is not told in an element of its own.
    case notAllowed(text: String)
    case conflict
    case retry(JitsiFailure, seconds: ClosedRange<Int>)
    case failed(JitsiFailure)
    case unknown(condition: String, text: String)

    init(_ presence: XMLElement) {
        let error = presence.child("error") ?? XMLElement("error", namespace: Namespace.client)
        let condition = error.elements.first { $0.namespace == Namespace.stanzaErrors && $0.name != "text" }?.name ?? ""
        let text = error.child("text")?.text ?? ""
        switch condition {
        case "not-authorized": self = .passwordRequired
        case "registration-required":
            let announced = (error.child("lobbyroom") ?? presence.child("lobbyroom"))?.text.filter { !$0.isWhitespace }
            let waiting = error.child("waiting-for-host") ?? presence.child("waiting-for-host")
            self = .membersOnly(
                lobby: announced.map { $0.lowercased() }.flatMap { JID.isBare($0) ? $0 : nil },
                waitingForHost: waiting != nil)
        case "not-acceptable": self = .failed(.displayNameRequired)
        case "not-allowed": self = Self.notAllowed(error, text: text)
        case "service-unavailable": self = .full
        case "resource-constraint": self = .retry(.serverBusy, seconds: 20...40)
        case "forbidden": self = .failed(.banned)
        case "conflict": self = .conflict
        default: self = .unknown(condition: condition, text: text)
        }
    }

    private static func notAllowed(_ error: XMLElement, text: String) -> JoinRefusal {
        if error.elements.contains(where: { $0.namespace == Namespace.visitors }) || Text.contains("visitor", in: text)
        {
            return .retry(.visitorsOnly, seconds: 20...40)
        }
        if error.child("authentication-required") != nil { return .authenticationRequired }
        if Text.contains("token mismatch", in: text) { return .failed(.tokenMismatch) }
        if Text.contains("invalid resource", in: text) || Text.contains("invalid anonymous user", in: text) {
            return .failed(.notAllowed(RemoteText.subject(text)))
        }
        return .notAllowed(text: RemoteText.subject(text))
    }
}
