package import Basis

/// One login of one resource, from the first byte of the stream to its end; over one transport, or, where the server can
/// manage streams, over one after the other (`XMPPSession+Resumption`).
///
/// The caller owns the socket or the HTTP client: it reports what arrives, and after every input drains `poll()`. When
/// `soonest` comes it calls `advance(to:)`. After `.ended` every input is ignored; a new attempt is a new value.
package struct XMPPSession: Sendable {
    enum Phase: Sendable {
        case idle
        case negotiating(StreamNegotiation, until: MonotonicInstant)
        case bound(JID, PingMonitor)
        /// Without a connection; the server keeps the stream for a while.
        case suspended(JID, since: MonotonicInstant)
        /// On a new connection, not yet taken up.
        case resuming(JID, StreamNegotiation, since: MonotonicInstant, until: MonotonicInstant)
        /// We said good-bye.
        case closing(until: MonotonicInstant)
        case ended
    }

    static let negotiationLimit: Duration = .seconds(15)
    private static let closingLimit: Duration = .seconds(2)
    /// Stanzas of the caller that wait for the login.
    private static let maximumWaiting = 256
    /// Stanzas of the server that come between the request to bind and its answer: some plugins push services there.
    static let maximumEarly = 64
    /// What the caller has not drained.
    private static let maximumOutputs = 16384
    /// How full BOSH's queue may be when answers that others provoke are still added.
    static let maximumQueuedForAnswers = 128

    let configuration: XMPPSessionConfiguration
    var random: RandomSource
    var phase = Phase.idle
    var bosh: BOSHConnection?
    /// Nil where the server does not manage streams, or was not asked to.
    var management: StreamManagement?
    var waiting: [XMLElement] = []
    var early: [XMLElement] = []
    var queries = QueryTracker()
    var answers = AnswerBudget()
    /// Frames that were larger or deeper than what is read.
    package internal(set) var skippedFrames = 0
    private let idPrefix: String
    private var idCount: UInt64 = 0
    private var outputs: [XMPPOutput] = []
    private var nextOutput = 0

    /// A session that does nothing before `start`.
    package init(configuration: XMPPSessionConfiguration, random: RandomSource) {
        self.configuration = configuration
        self.random = random
        // Unpredictable, so that nobody can answer a question that was not put to him.
        idPrefix = self.random.string(10, from: "abcdefghijklmnopqrstuvwxyz0123456789")
        if configuration.transport == .bosh {
            bosh = BOSHConnection(
                domain: configuration.domain, language: configuration.language, isDurable: configuration.isDurable,
                random: &self.random)
        }
    }

    // MARK: State

    /// Our full address, once the server has given it.
    package var boundJID: JID? {
        switch phase {
        case .bound(let jid, _), .suspended(let jid, _), .resuming(let jid, _, _, _): jid
        case .idle, .negotiating, .closing, .ended: nil
        }
    }

    /// Whether the server has given us an address, with or without a connection at present.
    package var isBound: Bool { boundJID != nil }

    /// Whether nothing follows any more.
    package var hasEnded: Bool {
        if case .ended = phase { true } else { false }
    }

    /// When `advance(to:)` is due.
    package var soonest: Soonest {
        var soonest = Soonest()
        switch phase {
        case .idle, .suspended, .ended: return soonest
        case .negotiating(_, let until), .resuming(_, _, _, let until): soonest.consider(until, "xmpp-login")
        case .bound(_, let ping):
            soonest.consider(ping.deadline, "xmpp-ping")
            soonest.consider(queries.deadline, "xmpp-query")
        case .closing(let until): soonest.consider(until, "xmpp-close")
        }
        soonest.consider(bosh?.deadline, "bosh")
        return soonest
    }

    /// The next thing to do, until nil.
    package mutating func poll() -> XMPPOutput? {
        guard nextOutput < outputs.count else {
            outputs.removeAll(keepingCapacity: outputs.count < 64)
            nextOutput = 0
            return nil
        }
        defer { nextOutput += 1 }
        return outputs[nextOutput]
    }

    // MARK: Transport

    /// The WebSocket is open, or requests can be posted.
    package mutating func start(at now: MonotonicInstant) {
        switch phase {
        case .idle:
            phase = .negotiating(
                StreamNegotiation(credentials: configuration.credentials, random: random.fork()),
                until: now + Self.negotiationLimit)
        case .suspended(let jid, let since): beginResuming(jid, since: since, at: now)
        case .negotiating, .bound, .resuming, .closing, .ended: return
        }
        if bosh == nil { sendOpen() }
        bosh?.start(at: now)
        flush(at: now)
    }

    /// One WebSocket text frame, reassembled.
    package mutating func receiveFrame(_ bytes: [UInt8], at now: MonotonicInstant) {
        guard isOpen, bosh == nil else { return }
        heard(at: now)
        // White space between stanzas is no part of RFC 7395, and harmless.
        guard bytes.contains(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }) else { return }
        let element: XMLElement
        do throws(XMLError) {
            element = try XMLReader.parse(bytes)
        } catch {
            switch error {
            case .tooLarge, .tooDeep, .tooManyAttributes:
                // Anybody in a room can make such a stanza; the frame keeps it apart from the next one.
                skip(error, isStanza: Self.beginsStanza(bytes))
            case .notUTF8, .restricted, .malformed, .unboundPrefix:
                finish(.malformed("frame: \(error)"), goodbye: true)
            }
            return
        }
        if element.namespace == XMPPNamespace.framing {
            receiveFraming(element, at: now)
        } else {
            receive(element, at: now)
        }
        flush(at: now)
    }

    /// A text frame of the WebSocket.
    package mutating func receiveFrame(_ text: String, at now: MonotonicInstant) {
        receiveFrame(Array(text.utf8), at: now)
    }

    /// The HTTP answer to the request `requestID`.
    package mutating func receiveResponse(
        status: Int, body: [UInt8], to requestID: UInt64, at now: MonotonicInstant
    ) {
        guard isOpen, let deliveries = bosh?.receive(status: status, body: body, attempt: requestID, at: now) else {
            return
        }
        take(deliveries, at: now)
    }

    /// The request `requestID` came to nothing: the same body goes out again, a few times, later and later.
    package mutating func requestFailed(_ requestID: UInt64, at now: MonotonicInstant) {
        guard isOpen, let deliveries = bosh?.fail(attempt: requestID, at: now) else { return }
        take(deliveries, at: now)
    }

    /// The WebSocket is gone, or no HTTP request can be made any more.
    package mutating func transportClosed(at now: MonotonicInstant) {
        switch phase {
        case .ended: return
        case .closing: finish(.closed, goodbye: false)
        case .bound, .suspended, .resuming:
            if !suspend(at: now) { finish(.connectionLost, goodbye: false) }
        case .idle, .negotiating: finish(.connectionLost, goodbye: false)
        }
    }

    // MARK: The caller's stanzas

    /// Sends a stanza; before the login is complete it waits for that.
    package mutating func send(_ stanza: XMLElement, at now: MonotonicInstant) {
        switch phase {
        case .idle, .negotiating:
            guard waiting.count < Self.maximumWaiting else { return finish(.overflow, goodbye: true) }
            waiting.append(stanza)
        case .bound, .suspended, .resuming:
            transmit(stanza)
            flush(at: now)
        case .closing, .ended: return
        }
    }

    /// Sends an iq of type `get` or `set` and gives the id under which `.answer` will follow; time counts from its
    /// departure.
    ///
    /// The id is assigned when `iq` has none, or one that is in use.
    package mutating func query(
        _ iq: XMLElement, timeout: Duration = .seconds(10), at now: MonotonicInstant
    ) -> String {
        var iq = iq
        let id: String
        if let given = iq["id"], !queries.contains(given) {
            id = given
        } else {
            id = newID()
            iq["id"] = id
        }
        guard !hasEnded else { return id }
        guard !queries.isFull else {
            finish(.overflow, goodbye: true)
            return id
        }
        queries.add(id, to: iq["to"], timeout: timeout, sentAt: isBound ? now : nil)
        send(iq, at: now)
        return id
    }

    /// Leaves: `final` (say, an unavailable presence), then the end of the stream, which the server has two seconds to
    /// confirm.
    package mutating func close(final: XMLElement? = nil, at now: MonotonicInstant) {
        switch phase {
        case .closing, .ended: return
        case .idle, .suspended, .resuming: finish(.closed, goodbye: false)
        case .negotiating, .bound:
            let last = isBound ? final : nil
            if var connection = bosh {
                guard connection.hasSession else { return finish(.closed, goodbye: false) }
                connection.terminate(final: last, at: now)
                bosh = connection
            } else {
                if let last { transmit(last) }
                emit(.sendFrame(Self.closeFrame))
            }
            waiting = []
            queries.removeAll()
            phase = .closing(until: now + Self.closingLimit)
            flush(at: now)
        }
    }

    // MARK: Time

    /// Does what is due at `now`.
    package mutating func advance(to now: MonotonicInstant) {
        if isOpen, let deliveries = bosh?.advance(to: now) { take(deliveries, at: now) }
        switch phase {
        case .idle, .suspended, .ended: return
        case .negotiating(_, let until):
            if until <= now { finish(.timeout, goodbye: true) }
        case .resuming(_, _, _, let until):
            if until <= now { abandonConnection(at: now) }
        case .closing(let until):
            if until <= now { finish(.closed, goodbye: false) }
        case .bound(let jid, var ping):
            let action = ping.advance(to: now)
            phase = .bound(jid, ping)
            for id in queries.expire(at: now) { emit(.event(.answer(id: id, .timeout))) }
            switch action {
            case nil: break
            case .giveUp:
                guard outlastSilence(jid, ping, at: now) else { return finish(.timeout, goodbye: true) }
            case .sendPing: sendPing()
            }
        }
        flush(at: now)
    }

    // MARK: What leaves

    mutating func transmit(_ element: XMLElement) {
        guard isOpen else { return }
        guard bosh != nil else { return transmitFrame(element) }
        guard bosh?.isFull != true else { return finish(.overflow, goodbye: false) }
        bosh?.enqueue(element)
    }

    mutating func flush(at now: MonotonicInstant) {
        guard isOpen else { return }
        bosh?.flush(at: now)
        while let post = bosh?.nextPost() { emit(.post(requestID: post.attempt, body: post.body)) }
    }

    mutating func sendPing() {
        transmit(
            XMLElement(
                "iq", namespace: XMPPNamespace.client,
                [("type", "get"), ("id", newID()), ("to", configuration.domain)],
                children: [XMLElement("ping", namespace: XMPPNamespace.ping)]))
    }

    mutating func sendOpen() {
        emit(
            .sendFrame(
                XMLElement(
                    "open", namespace: XMPPNamespace.framing,
                    [("to", configuration.domain), ("version", "1.0"), ("xml:lang", configuration.language)]
                ).serialized()))
    }

    private static let closeFrame = XMLElement("close", namespace: XMPPNamespace.framing).serialized()

    mutating func emit(_ output: XMPPOutput) {
        guard !hasEnded else { return }
        guard outputs.count - nextOutput < Self.maximumOutputs else { return finish(.overflow, goodbye: false) }
        outputs.append(output)
    }

    /// The only way into `.ended`. `goodbye` says whether the WebSocket's stream is closed in form before the socket
    /// is.
    mutating func finish(_ end: XMPPEnd, goodbye: Bool) {
        guard !hasEnded else { return }
        if case .idle = phase {
        } else {
            if goodbye, bosh == nil { outputs.append(.sendFrame(Self.closeFrame)) }
            outputs.append(.closeTransport)
        }
        outputs.append(.event(.ended(end)))
        phase = .ended
        bosh = nil
        management = nil
        waiting = []
        early = []
        queries.removeAll()
    }

    private mutating func newID() -> String {
        idCount += 1
        return "\(idPrefix)-\(idCount)"
    }
}

extension XMLElement {
    /// Whether this is a message, a presence or an iq (RFC 6120 section 8).
    var isStanza: Bool {
        namespace == XMPPNamespace.client && (name == "message" || name == "presence" || name == "iq")
    }
}
