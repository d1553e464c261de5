internal import Basis

/// The XMPP server: RFC 7395 framing, login without account, and what a server answers itself.
extension PracticeConference {
    mutating func send(_ element: XMLElement, to client: PracticeClient) {
        if Self.isStanza(element) { client.managed?.sent(element) }
        guard !client.isHibernating else { return }
        outputs.append(.sendText(socket: client.socket, element.serialized()))
    }

    mutating func receive(_ element: XMLElement, from client: PracticeClient, at now: MonotonicInstant) {
        switch (element.namespace, element.name) {
        case (PracticeNamespace.framing, "open"): open(element, client, at: now)
        case (PracticeNamespace.framing, "close"): close(client, at: now)
        case (PracticeNamespace.sasl, "auth"): authenticate(element, client)
        case (PracticeNamespace.client, _) where client.stage == .binding || client.stage == .bound:
            client.managed?.received &+= 1
            receiveStanza(element, from: client, at: now)
        case (PracticeNamespace.streamManagement, _) where client.stage == .binding || client.stage == .bound:
            receiveManagement(element, from: client, at: now)
        default: endStream(client, condition: "unsupported-stanza-type", at: now)
        }
    }

    private mutating func open(_ element: XMLElement, _ client: PracticeClient, at now: MonotonicInstant) {
        guard client.stage == .opening || client.stage == .authenticated else {
            return endStream(client, condition: "bad-format", at: now)
        }
        send(
            XMLElement(
                "open", namespace: PracticeNamespace.framing,
                [
                    ("from", options.xmppDomain), ("id", random.string(12, from: "0123456789abcdef")),
                    ("version", "1.0"), ("xml:lang", "en"),
                ]), to: client)
        guard element["to"] == options.xmppDomain else {
            return endStream(client, condition: "host-unknown", at: now)
        }
        var features = XMLElement("features", namespace: PracticeNamespace.streams)
        if client.stage == .opening {
            client.stage = .authenticating
            features.append(
                XMLElement(
                    "mechanisms", namespace: PracticeNamespace.sasl,
                    children: [XMLElement("mechanism", namespace: PracticeNamespace.sasl, text: "ANONYMOUS")]))
        } else {
            client.stage = .binding
            features.append(XMLElement("bind", namespace: PracticeNamespace.bind))
            if options.resumption != nil {
                features.append(XMLElement("sm", namespace: PracticeNamespace.streamManagement))
            }
            features.append(
                XMLElement(
                    "session", namespace: PracticeNamespace.session,
                    children: [XMLElement("optional", namespace: PracticeNamespace.session)]))
        }
        send(features, to: client)
    }

    private mutating func authenticate(_ element: XMLElement, _ client: PracticeClient) {
        guard client.stage == .authenticating, element["mechanism"] == "ANONYMOUS" else {
            client.noteRefusal("invalid-mechanism")
            let condition = XMLElement("invalid-mechanism", namespace: PracticeNamespace.sasl)
            return send(XMLElement("failure", namespace: PracticeNamespace.sasl, children: [condition]), to: client)
        }
        client.stage = .authenticated
        send(XMLElement("success", namespace: PracticeNamespace.sasl), to: client)
    }

    private mutating func close(_ client: PracticeClient, at now: MonotonicInstant) {
        send(XMLElement("close", namespace: PracticeNamespace.framing), to: client)
        outputs.append(.closeSocket(socket: client.socket, code: 1000))
        remove(client, at: now)
    }

    /// Ends the stream with an error (RFC 6120 section 4.9.3).
    mutating func endStream(_ client: PracticeClient, condition: String, at now: MonotonicInstant) {
        let error = XMLElement(condition, namespace: "urn:ietf:params:xml:ns:xmpp-streams")
        send(XMLElement("error", namespace: PracticeNamespace.streams, children: [error]), to: client)
        close(client, at: now)
    }

    // MARK: Stanzas

    private mutating func receiveStanza(_ stanza: XMLElement, from client: PracticeClient, at now: MonotonicInstant) {
        guard client.stage == .bound else {
            if stanza.name == "iq", stanza["type"] == "set", stanza.child("bind") != nil {
                bind(stanza, client)
            } else {
                endStream(client, condition: "not-authorized", at: now)
            }
            return
        }
        switch stanza.name {
        case "iq": receiveIQ(stanza, from: client, at: now)
        case "presence": receivePresence(stanza, from: client, at: now)
        case "message": receiveMessage(stanza, from: client)
        default: endStream(client, condition: "unsupported-stanza-type", at: now)
        }
    }

    private mutating func bind(_ iq: XMLElement, _ client: PracticeClient) {
        let hexadecimal: StaticString = "0123456789abcdef"
        let groups = [8, 4, 4, 4, 12].map { random.string($0, from: hexadecimal) }
        client.jid =
            groups.joined(separator: "-") + "@" + options.xmppDomain + "/" + random.string(8, from: hexadecimal)
        client.stage = .bound
        let jid = XMLElement("jid", namespace: PracticeNamespace.bind, text: client.jid)
        reply(to: iq, client, from: nil, XMLElement("bind", namespace: PracticeNamespace.bind, children: [jid]))
    }

    private mutating func receiveIQ(_ iq: XMLElement, from client: PracticeClient, at now: MonotonicInstant) {
        let to = iq["to"]?.lowercased()
        switch iq["type"] {
        case "result", "error": receiveAnswer(iq, from: client, at: now)
        case "get", "set":
            guard let child = iq.elements.first else { return refuse(iq, client, "bad-request") }
            switch to {
            case nil, options.xmppDomain: receiveServerQuery(iq, child, client)
            case options.focusAddress: receiveConferenceRequest(iq, child, client, at: now)
            case options.roomJID: receiveRoomQuery(iq, child, client)
            case focusOccupant: receiveFocusQuery(iq, child, client, at: now)
            default: relay(iq, from: client)
            }
        default: refuse(iq, client, "bad-request")
        }
    }

    private mutating func receiveServerQuery(_ iq: XMLElement, _ child: XMLElement, _ client: PracticeClient) {
        switch (child.name, child.namespace) {
        case ("ping", PracticeNamespace.ping), ("session", PracticeNamespace.session):
            reply(to: iq, client, from: options.xmppDomain, nil)
        case ("query", PracticeNamespace.discoInfo):
            var info = Self.discoInfo(
                node: child["node"], category: "server", type: "im", name: "Practice",
                features: [PracticeNamespace.discoInfo, PracticeNamespace.ping, "urn:xmpp:extdisco:2"])
            info.append(
                XMLElement(
                    "identity", namespace: PracticeNamespace.discoInfo,
                    [("category", "component"), ("type", "av_moderation"), ("name", options.moderationAddress)]))
            reply(to: iq, client, from: options.xmppDomain, info)
        case ("services", _):
            let services = options.services.map { service in
                XMLElement(
                    "service", namespace: child.namespace,
                    [
                        ("type", service.type), ("host", service.host), ("port", "\(service.port)"),
                        ("transport", service.transport), ("username", "practice"), ("password", "practice"),
                    ])
            }
            reply(
                to: iq, client, from: options.xmppDomain,
                XMLElement("services", namespace: child.namespace, children: services))
        default: refuse(iq, client, "service-unavailable")
        }
    }

    static func discoInfo(
        node: String?, category: String, type: String, name: String, features: [String]
    ) -> XMLElement {
        let identity = XMLElement(
            "identity", namespace: PracticeNamespace.discoInfo,
            [("category", category), ("type", type), ("name", name)])
        var query = XMLElement(
            "query", namespace: PracticeNamespace.discoInfo,
            children: [identity]
                + features.map { XMLElement("feature", namespace: PracticeNamespace.discoInfo, [("var", $0)]) })
        query["node"] = node
        return query
    }

    /// Answers an IQ with a result that holds `payload`; `from` nil is the server itself.
    mutating func reply(to iq: XMLElement, _ client: PracticeClient, from: String?, _ payload: XMLElement?) {
        var result = XMLElement(
            "iq", namespace: PracticeNamespace.client, [("type", "result")], children: payload.map { [$0] } ?? [])
        result["id"] = iq["id"]
        result["from"] = from
        result["to"] = client.jid
        send(result, to: client)
    }

    /// Answers a stanza with an error (RFC 6120 section 8.3).
    mutating func refuse(
        _ stanza: XMLElement, _ client: PracticeClient, _ condition: String, type: String = "cancel",
        text: String? = nil, detail: XMLElement? = nil
    ) {
        client.noteRefusal(text.map { condition + ": " + $0 } ?? condition)
        var error = XMLElement(
            "error", namespace: PracticeNamespace.client, [("type", type)],
            children: [XMLElement(condition, namespace: PracticeNamespace.stanzaErrors)])
        if let text { error.append(XMLElement("text", namespace: PracticeNamespace.stanzaErrors, text: text)) }
        if let detail { error.append(detail) }
        var answer = XMLElement(
            stanza.name, namespace: PracticeNamespace.client, [("type", "error")], children: [error])
        answer["id"] = stanza["id"]
        answer["from"] = stanza["to"]
        answer["to"] = client.jid
        send(answer, to: client)
    }
}
