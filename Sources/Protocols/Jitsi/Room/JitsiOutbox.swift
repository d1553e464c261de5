import Basis

/// What an answer that we wait for is about.
enum JitsiQuery: Equatable, Sendable {
    case serverInfo
    case externalServices(isRetry: Bool)
    /// The conference request (jicofo, `ConferenceIq`) before the room is entered.
    case conferenceRequest
    /// The same from inside the room, while the focus is gone.
    case focusRequest
    case roomInfo
    case sessionAccept(sid: String)
    case restart
    case decline
    case unmute(MediaKind)
}

/// What leaves the room, in the order of its causes, and the queries that are not answered yet.
struct JitsiOutbox: Sendable {
    private var outputs: [JitsiOutput] = []
    private var next = 0
    private var queries: [String: JitsiQuery] = [:]
    private var tokensGiven = 0

    /// The next output; nil when there is none.
    mutating func poll() -> JitsiOutput? {
        guard next < outputs.count else {
            outputs.removeAll(keepingCapacity: outputs.count < 64)
            next = 0
            return nil
        }
        defer { next += 1 }
        return outputs[next]
    }

    mutating func send(_ stanza: XMLElement) {
        outputs.append(.send(stanza))
    }

    mutating func emit(_ event: JitsiEvent) {
        outputs.append(.event(event))
    }

    mutating func note(_ level: Diagnostic.Level, _ code: String, _ detail: String = "") {
        emit(.diagnostic(Diagnostic(level, code, RemoteText.clean(detail, limit: 300))))
    }

    // MARK: Queries

    mutating func query(_ purpose: JitsiQuery, _ stanza: XMLElement, timeout: Duration = .seconds(10)) {
        outputs.append(.query(token: token(for: purpose), stanza, timeout: timeout))
    }

    mutating func post(_ purpose: JitsiQuery, url: String, json: String, bearer: Redacted<String>?) {
        outputs.append(.post(token: token(for: purpose), url: url, json: json, bearer: bearer))
    }

    /// What the query `token` was about, which counts as answered from now on; nil for an unknown token.
    mutating func take(_ token: String) -> JitsiQuery? {
        queries.removeValue(forKey: token)
    }

    /// How many queries of that purpose wait for an answer.
    func count(_ purpose: JitsiQuery) -> Int {
        queries.values.count { $0 == purpose }
    }

    private mutating func token(for purpose: JitsiQuery) -> String {
        tokensGiven &+= 1
        let token = "room-" + String(tokensGiven)
        queries[token] = purpose
        return token
    }

    // MARK: Answers to what others ask

    /// Answers an IQ with an empty result. Answers to anybody but the focus share a budget (`JitsiOutput.answer`).
    mutating func acknowledge(_ iq: XMLElement, isFromFocus: Bool) {
        reply(iq, type: "result", child: nil, isFromFocus: isFromFocus)
    }

    /// Answers an IQ with an error of type `cancel` (RFC 6120 section 8.3).
    mutating func refuse(_ iq: XMLElement, _ condition: String, _ detail: XMLElement? = nil, isFromFocus: Bool) {
        var error = XMLElement(
            "error", namespace: Namespace.client, [("type", "cancel")],
            children: [XMLElement(condition, namespace: Namespace.stanzaErrors)])
        if let detail { error.append(detail) }
        reply(iq, type: "error", child: error, isFromFocus: isFromFocus)
    }

    private mutating func reply(_ iq: XMLElement, type: String, child: XMLElement?, isFromFocus: Bool) {
        var reply = XMLElement(
            "iq", namespace: Namespace.client, [("type", type)], children: child.map { [$0] } ?? [])
        reply["id"] = iq["id"]
        reply["to"] = iq["from"]
        outputs.append(isFromFocus ? .send(reply) : .answer(reply))
    }
}
