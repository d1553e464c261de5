import NIOCore
import NIOPosix
import NetworkIO
import Testing

private enum Event: Equatable, Sendable {
    case open
    case text(String)
    case skipped
    case end(WebSocketEnd)
}

private struct Client {
    let handle: WebSocketHandle
    var events: AsyncStream<Event>.Iterator

    init(
        _ server: TestServer, path: String = "/ws", scheme: String = "ws", subprotocol: String? = "xmpp",
        caFiles: [String] = [], limits: WebSocketLimits = WebSocketLimits()
    ) throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let context = try NetworkContext(eventLoop: loop, caFiles: caFiles)
        let (stream, continuation) = AsyncStream<Event>.makeStream()
        handle = context.connectWebSocket(
            url: "\(scheme)://localhost:\(server.port)\(path)", subprotocol: subprotocol, origin: "https://localhost",
            limits: limits,
            onOpen: {
                loop.preconditionInEventLoop()
                continuation.yield(.open)
            }, onText: { continuation.yield(.text($0)) },
            onSkip: { continuation.yield(.skipped) },
            onClose: { end in
                continuation.yield(.end(end))
                continuation.finish()
            })
        events = stream.makeAsyncIterator()
    }

    mutating func next() async -> Event? { await events.next() }
}

@Suite(.timeLimit(.minutes(1)))
struct WebSocketTests {
    @Test func echoesAndReassemblesFragments() async throws {
        let server = try await TestServer.start()
        var client = try Client(server)
        #expect(await client.next() == .open)
        client.handle.send("une phrase accentuée")
        #expect(await client.next() == .text("une phrase accentuée"))
        let long = String(repeating: "x", count: 300_000)
        client.handle.send(long)
        #expect(await client.next() == .text(long))
        client.handle.close()
        #expect(await client.next() == .end(.closed(code: 1000, reason: "")))
        #expect(await client.next() == nil)
        try await server.stop()
    }

    @Test func takesAFrameThatFollowsTheUpgradeAtOnce() async throws {
        let server = try await TestServer.start()
        var client = try Client(server, path: "/ws?greet")
        #expect(await client.next() == .open)
        #expect(await client.next() == .text("welcome"))
        client.handle.close()
        try await server.stop()
    }

    @Test func tellsTheStatusOfARefusedUpgrade() async throws {
        let server = try await TestServer.start { _, _, _ in Reply(status: 403, body: "authentication failed") }
        var client = try Client(server, path: "/elsewhere")
        #expect(await client.next() == .end(.failed(.httpStatus(403, excerpt: "authentication failed"))))
        #expect(await client.next() == nil)
        try await server.stop()
    }

    @Test func refusesAnotherSubprotocol() async throws {
        let server = try await TestServer.start()
        var client = try Client(server, subprotocol: "odd")
        #expect(await client.next() == .end(.failed(.protocolViolation("wrong subprotocol"))))
        try await server.stop()
    }

    @Test(arguments: [
        ("binary", WebSocketEnd.failed(.protocolViolation("neither text nor control frame"))),
        ("bad utf-8", .failed(.protocolViolation("text that is not UTF-8"))),
        ("bye", .closed(code: 1001, reason: "going away")),
        ("drop", .failed(.connectionLost(host: "localhost"))),
    ])
    func endsWithTheReason(text: String, end: WebSocketEnd) async throws {
        let server = try await TestServer.start()
        var client = try Client(server)
        #expect(await client.next() == .open)
        client.handle.send(text)
        #expect(await client.next() == .end(end))
        try await server.stop()
    }

    @Test func answersPingsAndSendsItsOwn() async throws {
        let server = try await TestServer.start()
        var client = try Client(server)
        #expect(await client.next() == .open)
        client.handle.send("ping me")
        #expect(await client.next() == .text("ponged"))
        var limits = WebSocketLimits()
        limits.pingInterval = .seconds(1)
        var pinging = try Client(server, limits: limits)
        #expect(await pinging.next() == .open)
        #expect(await pinging.next() == .text("pinged"))
        client.handle.close()
        pinging.handle.close()
        try await server.stop()
    }

    /// In fragments (`echo`) and in one frame (`whole …`), with what comes after delivered as ever.
    @Test(arguments: ["", "whole "]) func passesOverAMessageThatIsTooLong(prefix: String) async throws {
        let server = try await TestServer.start()
        var limits = WebSocketLimits()
        limits.maximumMessage = 100
        var client = try Client(server, limits: limits)
        #expect(await client.next() == .open)
        for count in [120, 70_000, 300_000] {
            client.handle.send(prefix + String(repeating: "x", count: count))
            client.handle.send("short")
            #expect(await client.next() == .skipped)
            #expect(await client.next() == .text("short"))
        }
        client.handle.close()
        try await server.stop()
    }

    @Test func abandonsAnOpeningWithoutOpening() async throws {
        let server = try await TestServer.start { _, _, _ in Reply(isSilent: true) }
        var client = try Client(server, path: "/silent")
        client.handle.close()
        #expect(await client.next() == .end(.closed(code: 1000, reason: "")))
        try await server.stop()
    }

    @Test func trustsTheGivenAuthorityOnly() async throws {
        let server = try await TestServer.start(isTLS: true)
        var client = try Client(server, scheme: "wss", caFiles: [TestServer.fixtures + "test-ca.pem"])
        #expect(await client.next() == .open)
        client.handle.send("secret")
        #expect(await client.next() == .text("secret"))
        client.handle.close()
        var refused = try Client(server, scheme: "wss", caFiles: [TestServer.fixtures + "other-ca.pem"])
        let end = await refused.next()
        #expect(end == .end(.failed(.tls(host: "localhost", .certificate, detail: "the certificate is not trusted"))))
        try await server.stop()
    }

    @Test func survivesNoiseInsteadOfFrames() async throws {
        let server = try await TestServer.start()
        for seed in 0..<60 {
            var client = try Client(server, path: "/ws?noise=\(seed)")
            var ends = 0
            while let event = await client.next() {
                if case .end = event { ends += 1 }
            }
            #expect(ends == 1)
        }
        try await server.stop()
    }
}
