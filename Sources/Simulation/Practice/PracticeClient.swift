import Basis

/// One XMPP stream, and the participant that it becomes.
///
/// A class, because its bridge endpoint cannot be copied.
final class PracticeClient {
    enum Stage: Equatable {
        case opening
        case authenticating
        case authenticated
        case binding
        case bound
    }

    /// What an answer of the client is about.
    enum Query: Equatable {
        case disco
        case initiate
        case other
    }

    private static let maximumQueries = 64
    private static let maximumRefusals = 32

    var socket: Int
    /// `previd` of the socket's address: whose name a login without account gets.
    let previousID: String?
    /// Once stream management is enabled.
    var managed: ManagedStream?
    /// Set while there is no socket: the stream is given up then.
    var hibernatesUntil: MonotonicInstant?
    var stage = Stage.opening
    /// The full JID once bound.
    var jid = ""
    /// The endpoint id while in the room.
    var nick: String?
    /// Where and by which name it waits in the lobby.
    var lobbyNick: String?
    var lobbyName = ""
    /// Whether it was let in through the lobby, or was inside when that was opened.
    var isMember = false
    /// The extensions of its last presence.
    var presence: [XMLElement] = []
    var features: [String] = []
    /// Until then the focus waits for the client's features before it invites.
    var discoDeadline: MonotonicInstant?
    var endpoint: BridgeEndpoint?
    var sources = SourceSet()
    private(set) var refusals: [String] = []
    private var queries: [(id: String, query: Query)] = []
    private var queriesMade = 0

    init(socket: Int, previousID: String? = nil) {
        self.socket = socket
        self.previousID = previousID
    }

    var isHibernating: Bool { hibernatesUntil != nil }

    /// Remembers a query; its id.
    func expect(_ query: Query) -> String {
        queriesMade += 1
        let id = "f\(queriesMade)"
        if queries.count == Self.maximumQueries { queries.removeFirst() }
        queries.append((id, query))
        return id
    }

    /// The query that an answer is to.
    func answered(_ id: String) -> Query? {
        guard let index = queries.firstIndex(where: { $0.id == id }) else { return nil }
        return queries.remove(at: index).query
    }

    func noteRefusal(_ text: String) {
        if refusals.count < Self.maximumRefusals { refusals.append(text) }
    }

    func advertises(_ feature: String) -> Bool {
        features.contains(feature)
    }

    /// Whether it lists VP9, or is not in the room.
    var takesVP9: Bool {
        guard nick != nil else { return true }
        let list = presence.first { $0.name == "jitsi_participant_codecList" }?.text ?? ""
        return list.split(separator: ",").contains("vp9")
    }

    func observation() -> PracticeObservation? {
        guard let nick else { return nil }
        func child(_ name: String) -> String? { presence.first { $0.name == name }?.text }
        let info = child("SourceInfo").flatMap { try? JSONReader.parse($0, maximumSize: 1 << 16) }
        func isMuted(_ suffix: String) -> Bool { info?[nick + suffix]?["muted"]?.bool ?? true }
        let hand = child("jitsi_participant_raisedHand") ?? ""
        let channel: PracticeChannel =
            switch endpoint?.channel {
            case .socket: .webSocket
            case .sctp: .sctp
            case .some(.none), nil: .none
            }
        return PracticeObservation(
            endpoint: nick, name: child("nick") ?? "", audioMuted: isMuted("-a0"), videoMuted: isMuted("-v0"),
            raisedHand: !hand.isEmpty && hand != "0", features: features,
            hasAccepted: endpoint?.hasAccepted ?? false, isSecured: endpoint?.isSecured ?? false, channel: channel,
            audioPackets: endpoint?.audioPackets ?? 0, audioLevel: endpoint?.audioLevel,
            layers: endpoint?.layers ?? [], forwardedSources: endpoint?.forwardedSources ?? [],
            rejectedMessages: endpoint?.rejectedMessages ?? 0, refusals: refusals, failure: endpoint?.failure)
    }
}
