internal import Basis

/// The server's side of stream management (XEP-0198).
struct ManagedStream {
    let id: String
    /// Stanzas that came since it was enabled.
    var received: UInt32 = 0
    /// What the client has not acknowledged.
    private(set) var kept: [XMLElement] = []
    private var acknowledged: UInt32 = 0
    private static let mostKept = 1_024

    init(id: String) {
        self.id = id
    }

    mutating func sent(_ stanza: XMLElement) {
        if kept.count == Self.mostKept { kept.removeFirst() }
        kept.append(stanza)
    }

    mutating func acknowledge(_ text: String?) {
        guard let count = text.flatMap(UInt32.init) else { return }
        kept.removeFirst(min(Int(count &- acknowledged), kept.count))
        acknowledged = count
    }
}

extension PracticeConference {
    static func isStanza(_ element: XMLElement) -> Bool {
        element.namespace == PracticeNamespace.client && ["iq", "message", "presence"].contains(element.name)
    }

    /// Elements of `urn:xmpp:sm:3` from a client that may send them.
    mutating func receiveManagement(_ element: XMLElement, from client: PracticeClient, at now: MonotonicInstant) {
        switch element.name {
        case "enable":
            guard options.resumption != nil, client.stage == .bound, client.managed == nil else {
                return send(Self.managementFailure("unexpected-request"), to: client)
            }
            let id = random.string(16, from: "0123456789abcdefghijklmnopqrstuvwxyz")
            let seconds = (options.resumption ?? .zero).wholeMilliseconds / 1_000
            send(
                XMLElement(
                    "enabled", namespace: PracticeNamespace.streamManagement,
                    [("id", id), ("resume", "true"), ("max", String(seconds))]), to: client)
            client.managed = ManagedStream(id: id)
        case "resume": resume(element, client, at: now)
        case "r":
            send(
                XMLElement(
                    "a", namespace: PracticeNamespace.streamManagement, [("h", String(client.managed?.received ?? 0))]),
                to: client)
        case "a": client.managed?.acknowledge(element["h"])
        default: break
        }
    }

    private static func managementFailure(_ condition: String) -> XMLElement {
        XMLElement(
            "failed", namespace: PracticeNamespace.streamManagement,
            children: [XMLElement(condition, namespace: PracticeNamespace.stanzaErrors)])
    }

    /// The client on a new socket takes over the stream of an older one, which may not know yet that it is dead.
    private mutating func resume(_ element: XMLElement, _ client: PracticeClient, at now: MonotonicInstant) {
        guard client.stage == .binding, let id = element["previd"], client.previousID == id,
            let former = clients.first(where: { $0.managed?.id == id && $0 !== client })
        else { return send(Self.managementFailure("item-not-found"), to: client) }
        if !former.isHibernating { outputs.append(.closeSocket(socket: former.socket, code: 1000)) }
        clients.removeAll { $0 === client }
        former.socket = client.socket
        former.hibernatesUntil = nil
        former.managed?.acknowledge(element["h"])
        outputs.append(
            .sendText(
                socket: former.socket,
                XMLElement(
                    "resumed", namespace: PracticeNamespace.streamManagement,
                    [("h", String(former.managed?.received ?? 0)), ("previd", id)]
                ).serialized()))
        for stanza in former.managed?.kept ?? [] {
            outputs.append(.sendText(socket: former.socket, stanza.serialized()))
        }
    }

    /// The socket of a client is gone: whoever manages its stream has time to come back.
    mutating func streamClosed(_ client: PracticeClient, at now: MonotonicInstant) {
        guard let patience = options.resumption, client.managed != nil else { return remove(client, at: now) }
        client.hibernatesUntil = now + patience
    }
}
