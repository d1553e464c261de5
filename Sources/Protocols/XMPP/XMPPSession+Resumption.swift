package import Basis

/// A stream that outlives its connections (XEP-0198 section 5).
extension XMPPSession {
    /// Pings without answer after which a connection counts as dead, where the stream dies with it: with 10 s between
    /// them a line may be gone for a minute and a half, for TCP carries on by itself where it left off. A stream that
    /// is given up instead leaves us in the room twice.
    private static let patientPings = 10

    /// What the server calls the stream: to be put into the address of the next connection as `previd`, since logins
    /// without account get their former name by it. Nil when the stream cannot be taken up again.
    package var resumptionID: String? {
        management?.isResumable == true ? management?.resumptionID : nil
    }

    /// Whether there is no connection at present.
    package var isSuspended: Bool {
        switch phase {
        case .suspended, .resuming: true
        case .idle, .negotiating, .bound, .closing, .ended: false
        }
    }

    /// When the server was last heard; nil while there is no stream, or no connection.
    package var heardAt: MonotonicInstant? {
        if case .bound(_, let ping) = phase { ping.heardAt } else { nil }
    }

    /// The line is in doubt: asks the server for a sign of life. Without one the connection is given up where the stream
    /// can go on over another.
    package mutating func probe(at now: MonotonicInstant) {
        guard case .bound(let jid, var monitor) = phase else { return }
        if management?.isResumable == true || bosh != nil && configuration.isDurable {
            guard monitor.probe(at: now) else { return }
            phase = .bound(jid, monitor)
        }
        sendPing()
        flush(at: now)
    }

    /// The connection is dead for certain (its address is no longer ours): like `transportClosed`, but of our own accord.
    package mutating func abandonConnection(at now: MonotonicInstant) {
        switch phase {
        case .bound, .resuming: break
        case .idle, .negotiating, .suspended, .closing, .ended: return
        }
        guard management?.isResumable == true else { return finish(.connectionLost, goodbye: false) }
        emit(.closeTransport)
        _ = suspend(at: now)
    }

    /// Pings went unanswered: another connection, where the stream can go on over one.
    mutating func outlastSilence(_ jid: JID, _ monitor: PingMonitor, at now: MonotonicInstant) -> Bool {
        if management?.isResumable == true {
            abandonConnection(at: now)
            return true
        }
        guard configuration.isDurable, bosh?.repeatAll(at: now) == true else { return false }
        phase = .bound(jid, monitor.again(at: now))
        emit(.closeTransport)
        return true
    }

    // MARK: Enabling

    func toleratedPings(_ features: XMLElement) -> Int {
        guard configuration.isDurable, configuration.transport == .webSocket, !Self.offersManagement(features) else {
            return 2
        }
        return Self.patientPings
    }

    private static func offersManagement(_ features: XMLElement) -> Bool {
        features.child("sm", namespace: XMPPNamespace.streamManagement) != nil
    }

    /// Asks for stream management where it is offered; our stanzas count from here (XEP-0198 section 3).
    mutating func enableManagement(_ features: XMLElement) {
        guard configuration.isDurable, configuration.transport == .webSocket, Self.offersManagement(features) else {
            return
        }
        emit(.sendFrame(StreamManagement.enable.serialized()))
        management = StreamManagement()
    }

    mutating func receiveManagement(_ element: XMLElement) {
        switch element.name {
        case "enabled": management?.enabled(element)
        case "failed": management = nil
        case "r":
            if let management { emit(.sendFrame(management.acknowledgement.serialized())) }
        case "a":
            guard management?.acknowledge(element["h"]) == false else { return }
            finish(.malformed("more stanzas acknowledged than sent"), goodbye: true)
        default: break
        }
    }

    /// Sends on the WebSocket; a stanza waits for the next connection while there is none.
    mutating func transmitFrame(_ element: XMLElement) {
        guard element.isStanza, management != nil else { return emit(.sendFrame(element.serialized())) }
        let asks = management?.sent(element) == true
        guard !isSuspended else { return }
        emit(.sendFrame(element.serialized()))
        if asks { emit(.sendFrame(StreamManagement.request.serialized())) }
    }

    // MARK: Losing and regaining the connection

    /// False when the stream is lost with its connection.
    mutating func suspend(at now: MonotonicInstant) -> Bool {
        guard management?.isResumable == true else { return false }
        switch phase {
        case .bound(let jid, _): phase = .suspended(jid, since: now)
        case .resuming(let jid, _, let since, _): phase = .suspended(jid, since: since)
        case .suspended: return true
        case .idle, .negotiating, .closing, .ended: return false
        }
        emit(.event(.suspended))
        return true
    }

    mutating func beginResuming(_ jid: JID, since: MonotonicInstant, at now: MonotonicInstant) {
        phase = .resuming(
            jid,
            StreamNegotiation(
                credentials: configuration.credentials, resumption: management?.resume, random: random.fork()),
            since: since, until: now + Self.negotiationLimit)
    }

    mutating func resumed(_ element: XMLElement, at now: MonotonicInstant) {
        guard case .resuming(let jid, _, let since, _) = phase else { return }
        guard management?.acknowledge(element["h"]) == true else {
            return finish(.malformed("more stanzas acknowledged than sent"), goodbye: true)
        }
        phase = .bound(jid, PingMonitor(boundAt: now))
        queries.postpone(by: now - since)
        let lost = management?.takeUnacknowledged() ?? []
        for stanza in lost { emit(.sendFrame(stanza.serialized())) }
        if !lost.isEmpty { emit(.sendFrame(StreamManagement.request.serialized())) }
        emit(.event(.resumed))
    }
}
