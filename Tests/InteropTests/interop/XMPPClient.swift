import Basis
import NIOCore
import NetworkIO
import XMPP

/// One login over a real socket: what the appliance does around `XMPPSession`, and a way to wait for its events.
actor XMPPClient {
    private struct Waiter {
        let number: Int
        let what: String
        /// Takes the event, or leaves it to others.
        let offer: (XMPPEvent) -> Bool
        let fail: (CheckFailure) -> Void
    }

    nonisolated let name: String
    private nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    private let network: NetworkContext
    private let clock: EventLoopClock
    private let url: String
    private let transport: XMPPTransportKind
    private var session: XMPPSession
    private var webSocket: WebSocketHandle?
    private var timer: DeadlineTimer?
    /// What nobody waited for yet.
    private var events: [XMPPEvent] = []
    private var waiters: [Waiter] = []
    private var waiterCount = 0
    /// Why the WebSocket, or the last HTTP request, failed.
    private(set) var networkError: NetworkError?

    init(
        name: String, url: String, transport: XMPPTransportKind, domain: String, credentials: XMPPCredentials,
        authority: String? = nil, isDurable: Bool = false, eventLoop: any EventLoop
    ) throws(CheckFailure) {
        self.name = name
        self.url = url
        self.transport = transport
        self.eventLoop = eventLoop
        clock = EventLoopClock(eventLoop)
        do {
            network = try NetworkContext(eventLoop: eventLoop, caFiles: authority.map { [$0] } ?? [])
        } catch {
            throw CheckFailure("network: \(error)")
        }
        session = XMPPSession(
            configuration: XMPPSessionConfiguration(
                domain: domain, credentials: credentials, transport: transport, isDurable: isDurable),
            random: .system)
    }

    // MARK: Scripts

    func connect() {
        timer = DeadlineTimer(eventLoop: eventLoop) { now in
            self.assumeIsolated { client in
                client.session.advance(to: now)
                client.drain()
            }
        }
        guard transport == .webSocket else {
            session.start(at: clock.now)
            return drain()
        }
        openWebSocket(url)
    }

    private func openWebSocket(_ address: String) {
        webSocket = network.connectWebSocket(
            url: address, subprotocol: "xmpp",
            onOpen: {
                self.assumeIsolated { client in
                    client.session.start(at: client.clock.now)
                    client.drain()
                }
            },
            onText: { text in
                self.assumeIsolated { client in
                    client.session.receiveFrame(text, at: client.clock.now)
                    client.drain()
                }
            },
            onClose: { end in
                self.assumeIsolated { client in
                    if case .failed(let error) = end { client.networkError = error }
                    client.session.transportClosed(at: client.clock.now)
                    client.drain()
                }
            })
    }

    /// The connection ends without the stream.
    func loseConnection() async throws {
        webSocket?.close(code: 1001)
        try await expect("suspension") { $0 == .suspended ? true : nil }
    }

    /// Takes the stream up again on a new connection.
    func resume() async throws {
        guard let id = session.resumptionID else { throw CheckFailure("\(name): the stream cannot be resumed") }
        openWebSocket(url + (url.contains("?") ? "&" : "?") + "previd=" + id)
        try await expect("resumption") { $0 == .resumed ? true : nil }
    }

    var canResume: Bool { session.resumptionID != nil }

    func logIn() async throws -> JID {
        connect()
        return try await expect("login") { if case .bound(let jid, _) = $0 { jid } else { nil } }
    }

    func send(_ stanza: XMLElement) {
        session.send(stanza, at: clock.now)
        drain()
    }

    func query(_ iq: XMLElement) async throws -> XMLElement {
        let id = session.query(iq, at: clock.now)
        drain()
        let answer = try await expect("answer") { event -> XMPPAnswer? in
            if case .answer(id, let answer) = event { answer } else { nil }
        }
        guard case .result(let result) = answer else { throw CheckFailure("\(name): query answered by \(answer)") }
        return result
    }

    /// Ends the stream and gives the reason that the session then names.
    func close(final: XMLElement? = nil) async throws -> XMPPEnd {
        session.close(final: final, at: clock.now)
        drain()
        return try await end()
    }

    func end() async throws -> XMPPEnd {
        try await expect("end") { if case .ended(let end) = $0 { end } else { nil } }
    }

    func expectStanza(_ what: String, _ match: @escaping @Sendable (XMLElement) -> Bool) async throws -> XMLElement {
        try await expect(what) { if case .stanza(let stanza) = $0, match(stanza) { stanza } else { nil } }
    }

    /// The first event, past or future, that `match` takes.
    @discardableResult
    func expect<Value: Sendable>(
        _ what: String, within limit: TimeAmount = .seconds(10), _ match: @escaping @Sendable (XMPPEvent) -> Value?
    ) async throws -> Value {
        for (index, event) in events.enumerated() {
            guard let value = match(event) else { continue }
            events.remove(at: index)
            return value
        }
        guard !session.hasEnded else { throw CheckFailure("\(name): no \(what), the session is over: \(events)") }
        return try await withCheckedThrowingContinuation { continuation in
            waiterCount += 1
            let number = waiterCount
            let expiry = eventLoop.scheduleTask(in: limit) {
                self.assumeIsolated { $0.expire(number) }
            }
            waiters.append(
                Waiter(
                    number: number, what: what,
                    offer: { event in
                        guard let value = match(event) else { return false }
                        expiry.cancel()
                        continuation.resume(returning: value)
                        return true
                    },
                    fail: { failure in
                        expiry.cancel()
                        continuation.resume(throwing: failure)
                    }))
        }
    }

    // MARK: Inside

    private func expire(_ number: Int) {
        guard let index = waiters.firstIndex(where: { $0.number == number }) else { return }
        let waiter = waiters.remove(at: index)
        waiter.fail(CheckFailure("\(name): no \(waiter.what) in time"))
    }

    private func drain() {
        while let output = session.poll() {
            switch output {
            case .sendFrame(let text): webSocket?.send(text)
            case .post(let number, let body): post(body, number)
            case .closeTransport:
                webSocket?.close()
                if transport == .bosh { network.close() }
            case .event(let event): deliver(event)
            }
        }
        timer?.arm(session.soonest.instant)
    }

    private func post(_ body: String, _ number: UInt64) {
        network.request(
            method: .post, url: url, headers: [HTTPField("Content-Type", "text/xml; charset=utf-8")],
            body: Array(body.utf8), timeout: .seconds(75)
        ) { result in
            self.assumeIsolated { client in
                switch result {
                case .success(let response):
                    client.session.receiveResponse(
                        status: response.status, body: response.body, to: number, at: client.clock.now)
                case .failure(let error):
                    client.networkError = error
                    client.session.requestFailed(number, at: client.clock.now)
                }
                client.drain()
            }
        }
    }

    private func deliver(_ event: XMPPEvent) {
        if let index = waiters.firstIndex(where: { $0.offer(event) }) {
            waiters.remove(at: index)
        } else {
            events.append(event)
        }
        guard case .ended(let end) = event else { return }
        let disappointed = waiters
        waiters = []
        for waiter in disappointed {
            waiter.fail(CheckFailure("\(name): no \(waiter.what), the session ended: \(end)"))
        }
    }
}
