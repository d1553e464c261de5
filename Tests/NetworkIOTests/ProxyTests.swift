import Basis
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import NetworkIO

@Suite struct HTTPProxyTests {
    @Test func namesBelowAnExceptionAreReachedDirectly() {
        let proxy = HTTPProxy(
            host: "proxy.example", port: 3128, exceptions: ["mairie.example", ".lan", "10.20.0.5", "2001:db8::5"])
        for host in ["meet.example", "notmairie.example", "10.20.0.6", "2001:db8::6", "lanterne"] {
            #expect(proxy.serves(host), "\(host)")
        }
        for host in [
            "mairie.example", "Visio.Mairie.Example", "camera.lan", "lan", "10.20.0.5", "2001:db8:0::5", "localhost",
            "127.0.0.1", "::1",
        ] {
            #expect(!proxy.serves(host), "\(host)")
        }
    }

    @Test func theRequestNamesHostAndPortAndGivesTheAccount() {
        var proxy = HTTPProxy(host: "proxy.example", port: 3128)
        #expect(
            proxy.request(host: "meet.example", port: 443)
                == "CONNECT meet.example:443 HTTP/1.1\r\nHost: meet.example:443\r\n\r\n")
        #expect(proxy.request(host: "2001:db8::1", port: 443).hasPrefix("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"))
        proxy.user = "Aladdin"
        proxy.password = Redacted("open sesame")
        // The example of RFC 7617 section 2.
        #expect(
            proxy.request(host: "m", port: 1).contains(
                "\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"))
    }

    private func verdict(_ text: String, piece: Int) -> ProxyAnswer.Verdict {
        var answer = ProxyAnswer()
        var verdict = ProxyAnswer.Verdict.pending
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) where verdict == .pending {
            verdict = answer.append(bytes[start..<min(bytes.count, start + piece)])
        }
        return verdict
    }

    @Test(arguments: [1, 3, 1_000]) func answersAreReadInAnyPieces(piece: Int) {
        let open = "HTTP/1.0 200 OK\r\nX: y\r\n\r\n"
        #expect(verdict(open, piece: piece) == .open(payload: open.utf8.count))
        #expect(verdict(open + "more", piece: 1_000) == .open(payload: open.utf8.count))
        #expect(
            verdict("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", piece: piece)
                == .refused(status: 407, reason: "Proxy Authentication Required"))
        #expect(verdict("HTTP/1.1 403\r\n\r\n", piece: piece) == .refused(status: 403, reason: ""))
        #expect(verdict("HTTP/1.1 200 OK\r\nX: y\r\n", piece: piece) == .pending)
        #expect(verdict("SSH-2.0-OpenSSH_9.6\r\n", piece: piece) == .garbage)
        #expect(verdict("HTTP/1.1 20x no\r\n\r\n", piece: piece) == .garbage)
        #expect(verdict("HTTP/1.1 \r\n\r\n", piece: piece) == .garbage)
        #expect(verdict("HTTP/1.1 200 " + String(repeating: "x", count: 20_000), piece: piece) == .garbage)
    }

    @Test func anyBytesAreReadOrRefused() {
        var random = RandomSource(seed: 3)
        for _ in 0..<3_000 {
            var answer = ProxyAnswer()
            var text = Array("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n".utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if case .open(let payload) = answer.append(text) { #expect(payload <= text.count) }
            var other = ProxyAnswer()
            _ = other.append(random.bytes(Int.random(in: 0...60, using: &random)))
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ProxyTunnelTests {
    private func fetch(
        through proxy: TestProxy, _ url: String, caFiles: [String] = [], timeout: TimeAmount = .seconds(20),
        user: String? = nil
    ) async throws -> Result<HTTPResponse, NetworkError> {
        let context = try NetworkContext(
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), caFiles: caFiles,
            proxy: HTTPProxy(
                host: "127.0.0.1", port: proxy.port, user: user, password: user.map { _ in Redacted("secret") }))
        let result = await withCheckedContinuation { continuation in
            context.request(url: url, timeout: timeout) { continuation.resume(returning: $0) }
        }
        context.close()
        return result
    }

    @Test(arguments: [1, 7, 1_000]) func requestsGoThroughTheTunnel(piece: Int) async throws {
        let server = try await TestServer.start { head, _, _ in
            Reply(body: "\(head.uri) for \(head.headers.first(name: "Host") ?? "")")
        }
        let proxy = try await TestProxy.start(.tunnel(port: server.port, piece: piece))
        let response = try await fetch(through: proxy, "http://meet.test/config.js", user: "salle").get()
        #expect(response.text == "/config.js for meet.test")
        let asked = proxy.requests.withLock { $0 }
        #expect(asked.count == 1)
        #expect(asked.first?.hasPrefix("CONNECT meet.test:80 HTTP/1.1\r\n") == true)
        #expect(asked.first?.contains("Basic " + Base64.encode(Array("salle:secret".utf8))) == true)
        try await proxy.stop()
        try await server.stop()
    }

    @Test func tlsIsSpokenThroughTheTunnelWithTheServerItself() async throws {
        let server = try await TestServer.start(isTLS: true) { _, _, _ in Reply(body: "safe") }
        let proxy = try await TestProxy.start(.tunnel(port: server.port, piece: 1_000))
        let trusted = [TestServer.fixtures + "test-ca.pem"]
        // The certificate is for localhost and 127.0.0.1: another name is refused, whatever the proxy says.
        let refused = try await fetch(through: proxy, "https://meet.test/", caFiles: trusted)
        guard case .failure(.tls(_, .certificate, _)) = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(proxy.requests.withLock { $0.first?.hasPrefix("CONNECT meet.test:443 ") } == true)
        try await proxy.stop()
        try await server.stop()
    }

    @Test func webSocketsOpenThroughTheTunnel() async throws {
        let server = try await TestServer.start()
        let proxy = try await TestProxy.start(.tunnel(port: server.port, piece: 5))
        let context = try NetworkContext(
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            proxy: HTTPProxy(host: "127.0.0.1", port: proxy.port))
        let (stream, continuation) = AsyncStream<String>.makeStream()
        let handle = context.connectWebSocket(
            url: "ws://meet.test/ws?greet", subprotocol: "xmpp", onOpen: { continuation.yield("open") },
            onText: { continuation.yield($0) }, onClose: { continuation.yield("\($0)") })
        var events = stream.makeAsyncIterator()
        #expect(await events.next() == "open")
        #expect(await events.next() == "welcome")
        handle.close()
        _ = await events.next()
        try await proxy.stop()
        try await server.stop()
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", 407, false),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", 403, false), ("HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, true),
    ]) func aRefusalIsTold(answer: String, status: Int, isTransient: Bool) async throws {
        let proxy = try await TestProxy.start(.answer(answer))
        let result = try await fetch(through: proxy, "https://meet.test/")
        guard case .failure(let error) = result, case .proxy(let host, let given, _) = error else {
            Issue.record("\(result)")
            return
        }
        #expect(host == "127.0.0.1" && given == status)
        #expect(error.isTransient == isTransient)
        #expect("\(error)".contains("\(status)"))
        try await proxy.stop()
    }

    @Test func whatIsNoProxyIsTold() async throws {
        let garbage = try await TestProxy.start(.answer("220 mail.example ESMTP\r\n"))
        #expect(
            try await fetch(through: garbage, "https://meet.test/")
                == .failure(.proxy(host: "127.0.0.1", status: nil, detail: "the answer is not HTTP")))
        let gone = try await TestProxy.start(.hangUp)
        #expect(
            try await fetch(through: gone, "https://meet.test/")
                == .failure(.proxy(host: "127.0.0.1", status: nil, detail: "it hung up")))
        try await garbage.stop()
        try await gone.stop()
    }

    @Test func aSilentProxyDoesNotHoldARequestForEver() async throws {
        let proxy = try await TestProxy.start(.silence)
        let result = try await fetch(through: proxy, "http://meet.test/", timeout: .milliseconds(200))
        guard case .failure(let error) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(error.isTransient)
        try await proxy.stop()
    }
}
