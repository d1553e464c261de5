import Basis

/// The login over a stream, whatever carries it: SASL, then the resource, then the session of old servers (RFC 6120
/// sections 6 and 7).
struct StreamNegotiation: Sendable {
    enum Action {
        case send(XMLElement)
        /// Open the stream anew, which SASL asks for (RFC 6120 section 6.4.6).
        case restart
        case bound(JID, features: XMLElement)
        /// The former stream goes on; the element is `<resumed/>`.
        case resumed(XMLElement)
        case fail(XMPPEnd)
    }

    private enum Stage: Sendable {
        case features
        case authenticating(SCRAMClient?)
        case featuresAgain
        case resuming
        case binding(id: String, features: XMLElement)
        case establishing(id: String, jid: JID, features: XMLElement)
        case over
    }

    private let credentials: XMPPCredentials
    /// Taken up instead of binding a resource, when there is one (XEP-0198 section 5).
    private let resumption: XMLElement?
    private var random: RandomSource
    private var stage = Stage.features

    init(credentials: XMPPCredentials, resumption: XMLElement? = nil, random: RandomSource) {
        self.credentials = credentials
        self.resumption = resumption
        self.random = random
    }

    /// Whether a resource was asked for: stanzas that come from now on are for us, even before the answer.
    var isBinding: Bool {
        switch stage {
        case .binding, .establishing: true
        case .features, .authenticating, .featuresAgain, .resuming, .over: false
        }
    }

    /// Takes an element of the server; nil when it is of no concern to the login.
    mutating func receive(_ element: XMLElement) -> Action? {
        switch stage {
        case .features:
            guard element.isStreamElement("features") else { return nil }
            return authenticate(element)
        case .authenticating(let scram):
            guard element.namespace == XMPPNamespace.sasl else { return nil }
            return continueAuthentication(element, scram)
        case .featuresAgain:
            guard element.isStreamElement("features") else { return nil }
            return resumption.map { resume($0, element) } ?? bind(element)
        case .resuming:
            guard element.namespace == XMPPNamespace.streamManagement else { return nil }
            switch element.name {
            case "resumed":
                stage = .over
                return .resumed(element)
            case "failed": return fail(.resumptionRefused)
            default: return nil
            }
        case .binding(let id, let features):
            guard element.isAnswer(to: id) else { return nil }
            return complete(element, features)
        case .establishing(let id, let jid, let features):
            guard element.isAnswer(to: id) else { return nil }
            if let error = StanzaError(element) { return fail(.bindRefused(error)) }
            stage = .over
            return .bound(jid, features: features)
        case .over:
            return nil
        }
    }

    private mutating func authenticate(_ features: XMLElement) -> Action {
        let offered = Set(
            features.child("mechanisms", namespace: XMPPNamespace.sasl)?.children("mechanism").map(\.text) ?? [])
        switch credentials {
        case .anonymous:
            if offered.contains("ANONYMOUS") { return begin("ANONYMOUS", nil, nil) }
            if offered.contains("PLAIN") || offered.contains("SCRAM-SHA-1") { return fail(.passwordNeeded) }
        case .password(let user, let password):
            let local = String(user.prefix { $0 != "@" })
            if offered.contains("SCRAM-SHA-1") {
                let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                let scram = SCRAMClient(user: local, password: password, nonce: random.string(24, from: alphabet))
                return begin("SCRAM-SHA-1", scram.firstMessage, scram)
            }
            // RFC 4616: no authorization identity, then the user and the password, after a NUL each.
            if offered.contains("PLAIN") { return begin("PLAIN", "\0\(local)\0\(password.revealed)", nil) }
        }
        return fail(.authenticationFailed(condition: "mechanism-unsupported", text: nil))
    }

    private mutating func begin(_ mechanism: String, _ initial: String?, _ scram: SCRAMClient?) -> Action {
        stage = .authenticating(scram)
        return .send(
            XMLElement(
                "auth", namespace: XMPPNamespace.sasl, [("mechanism", mechanism)],
                text: initial.map { Base64.encode(Array($0.utf8)) } ?? ""))
    }

    private mutating func continueAuthentication(_ element: XMLElement, _ scram: SCRAMClient?) -> Action? {
        switch element.name {
        case "failure":
            let condition = element.elements.first { $0.name != "text" }?.name ?? "not-authorized"
            return fail(
                .authenticationFailed(
                    condition: condition.bounded(to: 64), text: element.child("text")?.text.bounded(to: 512)))
        case "challenge":
            guard var scram else { return failAuthentication(.malformed) }
            do throws(SCRAMError) {
                let message = try Self.decoded(element.text)
                // A server may send its signature as a challenge of its own (RFC 6120 section 6.4.3).
                let isSignature = message.hasPrefix("v=") || message.hasPrefix("e=")
                let response = isSignature ? nil : try scram.respond(to: message)
                if isSignature { try scram.verify(message) }
                stage = .authenticating(scram)
                return .send(
                    XMLElement(
                        "response", namespace: XMPPNamespace.sasl,
                        text: response.map { Base64.encode(Array($0.utf8)) } ?? ""))
            } catch {
                return failAuthentication(error)
            }
        case "success":
            if var scram, !scram.isServerAuthenticated {
                do throws(SCRAMError) {
                    try scram.verify(try Self.decoded(element.text))
                } catch {
                    return failAuthentication(error)
                }
            }
            stage = .featuresAgain
            return .restart
        default:
            return nil
        }
    }

    private mutating func resume(_ request: XMLElement, _ features: XMLElement) -> Action {
        guard features.child("sm", namespace: XMPPNamespace.streamManagement) != nil else {
            return fail(.resumptionRefused)
        }
        stage = .resuming
        return .send(request)
    }

    private mutating func bind(_ features: XMLElement) -> Action {
        guard features.child("bind", namespace: XMPPNamespace.bind) != nil else {
            return fail(.malformed("no resource binding offered"))
        }
        let id = newID()
        stage = .binding(id: id, features: features)
        return .send(Self.request(id, XMLElement("bind", namespace: XMPPNamespace.bind)))
    }

    private mutating func complete(_ answer: XMLElement, _ features: XMLElement) -> Action {
        if let error = StanzaError(answer) { return fail(.bindRefused(error)) }
        guard
            let text = answer.child("bind", namespace: XMPPNamespace.bind)?.child("jid")?.text,
            let jid = JID(text), jid.resource != nil
        else { return fail(.malformed("no address in the answer to bind")) }
        let session = features.child("session", namespace: XMPPNamespace.session)
        guard let session, session.child("optional") == nil else {
            stage = .over
            return .bound(jid, features: features)
        }
        let id = newID()
        stage = .establishing(id: id, jid: jid, features: features)
        return .send(Self.request(id, XMLElement("session", namespace: XMPPNamespace.session)))
    }

    private mutating func fail(_ end: XMPPEnd) -> Action {
        stage = .over
        return .fail(end)
    }

    private mutating func failAuthentication(_ error: SCRAMError) -> Action {
        switch error {
        case .malformed, .nonceMismatch, .tooManyIterations:
            fail(.authenticationFailed(condition: "malformed-challenge", text: nil))
        case .serverNotAuthenticated:
            fail(.authenticationFailed(condition: "server-not-authenticated", text: nil))
        case .refused(let reason):
            fail(.authenticationFailed(condition: "not-authorized", text: reason.bounded(to: 512)))
        }
    }

    private mutating func newID() -> String {
        random.string(12, from: "abcdefghijklmnopqrstuvwxyz0123456789")
    }

    private static func request(_ id: String, _ child: XMLElement) -> XMLElement {
        XMLElement("iq", namespace: XMPPNamespace.client, [("type", "set"), ("id", id)], children: [child])
    }

    private static func decoded(_ text: String) throws(SCRAMError) -> String {
        guard let bytes = Base64.decode(text), let message = String(validating: bytes, as: UTF8.self) else {
            throw .malformed
        }
        return message
    }
}

extension XMLElement {
    /// Whether this is that element of the stream itself; servers write it with the prefix `stream:` or without.
    func isStreamElement(_ name: String) -> Bool {
        self.name == name && namespace == XMPPNamespace.stream
    }

    /// Whether this is the result or the error of the iq `id`.
    func isAnswer(to id: String) -> Bool {
        name == "iq" && namespace == XMPPNamespace.client && self["id"] == id
            && (self["type"] == "result" || self["type"] == "error")
    }
}

extension String {
    /// At most `count` characters of a remote text, fit for a journal.
    func bounded(to count: Int) -> String { String(prefix(count)) }
}

extension XMPPEnd {
    /// What a `<stream:error/>` means (RFC 6120 section 4.9).
    init(streamError element: XMLElement) {
        let inside = element.elements.filter { $0.namespace == XMPPNamespace.streamErrors }
        let condition = inside.first { $0.name != "text" }?.name ?? "undefined-condition"
        switch condition {
        case "host-unknown": self = .hostUnknown
        case "conflict": self = .conflict
        default:
            let text = inside.first { $0.name == "text" }?.text
            self = .streamError(condition: condition.bounded(to: 64), text: text?.bounded(to: 512))
        }
    }

    /// Going to `uri`, unless it is missing, absurd, or would lower the security (RFC 7395 section 3.6.1).
    init?(seeOther uri: String?) {
        guard let uri, uri.utf8.count <= 2048 else { return nil }
        let scheme = uri.prefix { $0 != ":" }.lowercased()
        guard scheme == "wss" || scheme == "https" else { return nil }
        self = .seeOtherURI(uri)
    }
}
