import NIOCore
import NIOHTTP1
import NIOPosix
import NetworkIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPTests {
    private func context(caFiles: [String] = []) throws -> NetworkContext {
        try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), caFiles: caFiles)
    }

    private func fetch(
        _ context: NetworkContext, _ url: String, method: HTTPRequestMethod = .get, headers: [HTTPField] = [],
        body: String = "", timeout: TimeAmount = .seconds(20), maximumBody: Int = 1 << 20
    ) async -> Result<HTTPResponse, NetworkError> {
        await withCheckedContinuation { continuation in
            context.request(
                method: method, url: url, headers: headers, body: Array(body.utf8), timeout: timeout,
                maximumBody: maximumBody
            ) { continuation.resume(returning: $0) }
        }
    }

    @Test func reusesTheConnectionAndEchoes() async throws {
        let server = try await TestServer.start { head, body, connection in
            Reply(
                headers: [
                    ("X-Connection", "\(connection)"), ("X-Type", head.headers.first(name: "Content-Type") ?? ""),
                ],
                body: "\(head.method) \(head.uri) \(body)")
        }
        let context = try context()
        for _ in 0..<3 {
            let response = try await fetch(
                context, "http://127.0.0.1:\(server.port)/http-bind?room=a", method: .post,
                headers: [HTTPField("Content-Type", "text/xml")], body: "<body/>"
            ).get()
            #expect(response.status == 200)
            #expect(response.text == "POST /http-bind?room=a <body/>")
            #expect(response.header("x-connection") == "1")
            #expect(response.header("X-Type") == "text/xml")
        }
        context.close()
        #expect(await fetch(context, "http://127.0.0.1:\(server.port)/") == .failure(.closed))
        try await server.stop()
    }

    @Test func sendsASecondRequestWhileOneIsHeld() async throws {
        let server = try await TestServer.start { head, _, _ in
            head.uri == "/held" ? Reply(isSilent: true) : Reply(body: "free")
        }
        let context = try context()
        async let held = fetch(context, "http://127.0.0.1:\(server.port)/held")
        #expect(try await fetch(context, "http://127.0.0.1:\(server.port)/now").get().text == "free")
        context.close()
        #expect(await held == .failure(.closed))
        try await server.stop()
    }

    @Test func keepsCookies() async throws {
        let server = try await TestServer.start { head, _, _ in
            Reply(
                headers: [("Set-Cookie", "node=shard-2; Path=/; HttpOnly")],
                body: head.headers.first(name: "Cookie") ?? "none")
        }
        let context = try context()
        #expect(try await fetch(context, "http://127.0.0.1:\(server.port)/").get().text == "none")
        #expect(try await fetch(context, "http://127.0.0.1:\(server.port)/").get().text == "node=shard-2")
        #expect(try await fetch(context, "http://localhost:\(server.port)/").get().text == "none")
        try await server.stop()
    }

    @Test func followsThreeRedirectsOfAGet() async throws {
        let server = try await TestServer.start { head, _, _ in
            let hops = Int(head.uri.dropFirst()) ?? 0
            return hops == 0 ? Reply(body: "there") : Reply(status: 302, headers: [("Location", "/\(hops - 1)")])
        }
        let context = try context()
        let base = "http://127.0.0.1:\(server.port)"
        let response = try await fetch(context, base + "/3").get()
        #expect(response.text == "there")
        #expect(response.url.target == "/0")
        #expect(await fetch(context, base + "/4") == .failure(.tooManyRedirects))
        #expect(try await fetch(context, base + "/1", method: .post).get().status == 302)
        try await server.stop()
    }

    @Test func boundsTheAnswerAndTheTime() async throws {
        let server = try await TestServer.start { head, _, _ in
            head.uri == "/held" ? Reply(isSilent: true) : Reply(body: String(repeating: "x", count: 1000))
        }
        let context = try context()
        let base = "http://127.0.0.1:\(server.port)"
        #expect(await fetch(context, base + "/", maximumBody: 999) == .failure(.tooLarge(limit: 999)))
        #expect(try await fetch(context, base + "/", maximumBody: 1000).get().body.count == 1000)
        #expect(
            await fetch(context, base + "/held", timeout: .milliseconds(20)) == .failure(.timeout(host: "127.0.0.1")))
        try await server.stop()
    }

    @Test func repeatsAGetWhoseReusedConnectionDied() async throws {
        let server = try await TestServer.start { head, _, connection in
            connection == 1 && head.uri == "/second" ? Reply(hangsUp: true) : Reply(body: "\(connection)")
        }
        let context = try context()
        let base = "http://127.0.0.1:\(server.port)"
        #expect(try await fetch(context, base + "/first").get().text == "1")
        #expect(try await fetch(context, base + "/second").get().text == "2")
        try await server.stop()
    }

    @Test func tellsWhyNothingCame() async throws {
        let server = try await TestServer.start { _, _, _ in Reply(hangsUp: true) }
        let port = server.port
        let context = try context()
        let lost = await fetch(context, "http://127.0.0.1:\(port)/", method: .post)
        #expect(lost == .failure(.connectionLost(host: "127.0.0.1")))
        try await server.stop()
        guard case .failure(.connect(let host, _)) = await fetch(context, "http://127.0.0.1:\(port)/") else {
            Issue.record("a closed port answered")
            return
        }
        #expect(host == "127.0.0.1")
        #expect(await fetch(context, "ftp://localhost/") == .failure(.invalidURL("no known scheme")))
    }

    @Test func verifiesTheCertificate() async throws {
        let server = try await TestServer.start(isTLS: true) { _, _, _ in Reply(body: "safe") }
        let trusting = try context(caFiles: [TestServer.fixtures + "test-ca.pem"])
        for host in ["localhost", "127.0.0.1"] {
            #expect(try await fetch(trusting, "https://\(host):\(server.port)/").get().text == "safe")
        }
        let refusing = try context()
        let result = await fetch(refusing, "https://localhost:\(server.port)/")
        #expect(result == .failure(.tls(host: "localhost", .certificate, detail: "the certificate is not trusted")))
        try await server.stop()
    }

    @Test func refusesACAFileThatIsNone() {
        #expect(throws: NetworkError.self) { try context(caFiles: [TestServer.fixtures + "README.md"]) }
        #expect(throws: NetworkError.self) { try context(caFiles: [TestServer.fixtures + "missing.pem"]) }
    }
}
