import Basis

/// What arrives, by the phase in which it does.
extension XMPPSession {
    /// Whether anything that arrives still matters.
    var isOpen: Bool {
        switch phase {
        case .idle, .ended: false
        case .negotiating, .bound, .suspended, .resuming, .closing: true
        }
    }

    mutating func heard(at now: MonotonicInstant) {
        guard case .bound(let jid, var ping) = phase else { return }
        ping.heard(at: now)
        phase = .bound(jid, ping)
    }

    mutating func take(_ deliveries: [BOSHConnection.Delivery], at now: MonotonicInstant) {
        for delivery in deliveries {
            switch delivery {
            case .heard: heard(at: now)
            case .element(let element): receive(element, at: now)
            case .ended(let end):
                if case .closing = phase { finish(.closed, goodbye: false) } else { finish(end, goodbye: false) }
            }
        }
        if case .closing = phase, bosh?.isDrained == true { finish(.closed, goodbye: false) }
        flush(at: now)
    }

    mutating func receiveFraming(_ element: XMLElement, at now: MonotonicInstant) {
        guard element.name == "close" else { return }
        if case .closing = phase { return finish(.closed, goodbye: false) }
        if case .resuming = phase { return abandonConnection(at: now) }
        finish(XMPPEnd(seeOther: element["see-other-uri"]) ?? .closed, goodbye: true)
    }

    mutating func receive(_ element: XMLElement, at now: MonotonicInstant) {
        if element.isStreamElement("error") {
            if case .closing = phase { return }
            if case .resuming = phase { return abandonConnection(at: now) }
            return finish(XMPPEnd(streamError: element), goodbye: true)
        }
        switch phase {
        case .negotiating(var negotiation, let until):
            let action = negotiation.receive(element)
            phase = .negotiating(negotiation, until: until)
            if let action {
                perform(action, at: now)
            } else if negotiation.isBinding, element.isStanza, early.count < Self.maximumEarly {
                early.append(element)
            }
        case .resuming(let jid, var negotiation, let since, let until):
            let action = negotiation.receive(element)
            phase = .resuming(jid, negotiation, since: since, until: until)
            if let action { perform(action, at: now) }
        case .bound(let jid, _):
            if element.isStanza {
                management?.receivedStanza()
                receiveStanza(element, own: jid, at: now)
            } else if element.namespace == XMPPNamespace.streamManagement {
                receiveManagement(element)
            }
        case .idle, .suspended, .closing, .ended: return
        }
    }

    mutating func perform(_ action: StreamNegotiation.Action, at now: MonotonicInstant) {
        switch action {
        case .send(let element): transmit(element)
        case .restart:
            if bosh == nil { sendOpen() }
            bosh?.restart()
        case .fail(let end): finish(end, goodbye: true)
        case .resumed(let element): resumed(element, at: now)
        case .bound(let jid, let features):
            phase = .bound(jid, PingMonitor(boundAt: now, tolerated: toleratedPings(features)))
            emit(.event(.bound(jid, features: features)))
            enableManagement(features)
            queries.startClocks(at: now)
            let (held, pushed) = (waiting, early)
            (waiting, early) = ([], [])
            for stanza in held { transmit(stanza) }
            for stanza in pushed { receiveStanza(stanza, own: jid, at: now) }
        }
    }

    mutating func receiveStanza(_ stanza: XMLElement, own: JID, at now: MonotonicInstant) {
        guard stanza.name == "iq" else { return emit(.event(.stanza(stanza))) }
        if stanza.isRequest {
            guard stanza["type"] == "get", stanza.child("ping", namespace: XMPPNamespace.ping) != nil else {
                return emit(.event(.stanza(stanza)))
            }
            answer(stanza.result(), at: now)
        } else if let id = stanza["id"], stanza.isAnswer(to: id), queries.settle(stanza, own: own) {
            emit(.event(.answer(id: id, StanzaError(stanza).map { .error($0) } ?? .result(stanza))))
        }
    }
}
