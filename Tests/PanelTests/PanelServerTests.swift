import Basis
import NIOCore
import NIOPosix
import Testing

@testable import Panel

/// A client that sees the bytes as they are.
private struct RawClient {
    let channel: any Channel
    private var chunks: AsyncStream<[UInt8]>.Iterator
    private var text = ""

    init(_ server: PanelServer) async throws {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: Int(server.address.port)).get()
        chunks = stream.makeAsyncIterator()
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Everything up to and with `mark`; what the server sent before its end when the mark never comes.
    mutating func read(until mark: String) async -> String {
        while true {
            if let range = text.firstRange(of: mark) {
                let found = String(text[..<range.upperBound])
                text = String(text[range.upperBound...])
                return found
            }
            guard let chunk = await chunks.next() else { return text }
            text += String(decoding: chunk, as: UTF8.self)
        }
    }

    mutating func readToEnd() async -> String {
        while let chunk = await chunks.next() { text += String(decoding: chunk, as: UTF8.self) }
        return text
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ continuation: AsyncStream<[UInt8]>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct PanelServerTests {
    private func start(_ board: BoardDouble = BoardDouble()) async throws -> PanelServer {
        try await PanelServer.start(
            listen: "127.0.0.1:0", source: board, group: MultiThreadedEventLoopGroup.singleton, milliseconds: { 0 })
    }

    private func exchange(_ server: PanelServer, _ request: String) async throws -> String {
        var client = try await RawClient(server)
        try await client.send(request)
        return await client.readToEnd()
    }

    private func get(_ path: String, method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        let board = BoardDouble()
        let server = try await start(board)
        let body = #"{"press":"long"}"#
        let press =
            "POST /api/v1/buttons/mute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        var client = try await RawClient(server)
        try await client.send("GET /screen.png HTTP/1.1\r\nHost: localhost\r\n\r\n" + press + get("/api/v1/leds"))
        #expect(await client.read(until: "\r\n\r\n").contains("Content-Type: image/png"))
        let pressed = await client.read(until: #""long"}"#)
        #expect(pressed.contains("HTTP/1.1 202 "))
        let lamps = await client.readToEnd()
        #expect(lamps.hasPrefix("HTTP/1.1 200 OK") && lamps.hasSuffix(#"{"mute":{"colour":"red","pattern":"steady"}}"#))
        #expect(board.presses == ["mute long"])
        server.stop()
    }

    @Test func answersHeadWithoutBody() async throws {
        let server = try await start()
        let answer = try await exchange(server, get("/api/v1/status", method: "HEAD"))
        #expect(answer.contains("Content-Length: 16\r\n") && answer.hasSuffix("\r\n\r\n"))
        let stream = try await exchange(server, get("/screen.mjpeg", method: "HEAD"))
        #expect(stream.contains("multipart/x-mixed-replace") && !stream.contains("image/jpeg"))
        let events = try await exchange(server, get("/api/v1/events", method: "HEAD"))
        #expect(events.contains("text/event-stream"))
        for answer in [stream, events] {
            #expect(answer.firstRange(of: "\r\n\r\n")?.upperBound == answer.endIndex)
        }
        server.stop()
    }

    @Test(arguments: [
        ("nonsense\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 5000))\r\n\r\n", "431"),
        ("POST /api/v1/buttons/mute HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4097\r\n\r\n", "413"),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "421"),
        ("GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404"),
    ])
    func refusesWithAProblem(request: String, status: String) async throws {
        let server = try await start()
        let answer = try await exchange(server, request)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("application/problem+json"))
        server.stop()
    }

    @Test func boundsAChunkedBody() async throws {
        let server = try await start()
        let chunk = String(repeating: "x", count: 2000)
        let request =
            "POST /api/v1/buttons/mute HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: "7d0\r\n\(chunk)\r\n", count: 3)
        #expect(try await exchange(server, request).hasPrefix("HTTP/1.1 413 "))
        server.stop()
    }

    @Test func publishesEvents() async throws {
        let server = try await start()
        var client = try await RawClient(server)
        try await client.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await client.read(until: "\r\n\r\n").contains("Content-Type: text/event-stream"))
        #expect(await client.read(until: #"{"state":"idle"}"#).contains("event: status\n"))
        #expect(await client.read(until: #"{"mute":{"colour":"red","pattern":"steady"}}"#).contains("event: leds\n"))
        #expect(await client.read(until: "\n\n\r\n").contains(#""kind":"started""#), "and the journal")
        server.publish("status", ["state": "in-call", "room": ["label": "Conseil"]])
        let event = await client.read(until: #""room":{"label":"Conseil"}}"#)
        #expect(event.contains("event: status\ndata: "))
        #expect(await client.read(until: #""kind":"joined","subject":"Conseil"}"#).contains("event: entry\n"))
        server.stop()
        #expect(await client.readToEnd().contains("HTTP/1.1") == false)
    }

    @Test func boundsTheSubscribers() async throws {
        let server = try await start()
        let first = try await fill(
            server, "/api/v1/events", count: PanelHub.maximumSubscribers, greeting: "event: leds")
        let refused = try await exchange(server, get("/api/v1/events"))
        #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("Retry-After: 5"))
        #expect(try await makesRoom(server, "/api/v1/events", whenLeft: first))
        server.stop()
    }

    /// Opens as many streams as there may be; the first of them.
    private func fill(_ server: PanelServer, _ path: String, count: Int, greeting: String) async throws -> RawClient {
        var clients: [RawClient] = []
        for _ in 0..<count {
            var client = try await RawClient(server)
            try await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await client.read(until: greeting).contains("200 OK"))
            clients.append(client)
        }
        return try #require(clients.first)
    }

    /// Whether a client that leaves makes room for another, as soon as the server has seen its end.
    private func makesRoom(_ server: PanelServer, _ path: String, whenLeft client: RawClient) async throws -> Bool {
        try await client.channel.close()
        for _ in 0..<50 {
            var next = try await RawClient(server)
            try await next.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if await next.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 ") { return true }
        }
        return false
    }

    @Test func dropsASubscriberThatDoesNotRead() async throws {
        let server = try await start()
        var client = try await RawClient(server)
        try await client.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await client.read(until: "event: leds").contains("200 OK"))
        try await client.channel.setOption(.autoRead, value: false).get()
        let filler = JSONValue.string(String(repeating: "x", count: 16 << 10))
        let count = 2500
        for _ in 0..<count { server.publish("status", filler) }
        // The server has published everything when it answers what came later.
        #expect(try await exchange(server, get("/healthz")).hasPrefix("HTTP/1.1 200 "))
        try await client.channel.setOption(.autoRead, value: true).get()
        #expect(await client.readToEnd().utf8.count < count * (16 << 10))
        server.stop()
    }

    @Test func streamsPictures() async throws {
        let server = try await start(BoardDouble(picture: Array("picture".utf8)))
        var client = try await RawClient(server)
        try await client.send("GET /screen.mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await client.read(until: "\r\n\r\n").contains("boundary=frame"))
        for _ in 0..<3 {
            let part = await client.read(until: "picture\r\n--frame\r\n")
            #expect(part.contains("Content-Type: image/jpeg\r\nContent-Length: 7\r\n\r\npicture"))
        }
        server.stop()
        #expect(await client.readToEnd().contains("HTTP/1.1") == false)
        let dark = try await start(BoardDouble(picture: nil))
        #expect(try await exchange(dark, get("/screen.mjpeg")).contains("no-picture"))
        #expect(try await exchange(dark, get("/screen.png")).hasPrefix("HTTP/1.1 503 "))
        dark.stop()
    }

    @Test func boundsTheViewers() async throws {
        let server = try await start()
        let first = try await fill(server, "/screen.mjpeg", count: PanelHub.maximumViewers, greeting: "--frame")
        let refused = try await exchange(server, get("/screen.mjpeg"))
        #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("too-many-clients"))
        #expect(refused.contains("Retry-After: 5"))
        let single = try await exchange(server, get("/screen.jpg"))
        #expect(single.hasPrefix("HTTP/1.1 200 ") && single.contains("Content-Type: image/jpeg"))
        #expect(try await makesRoom(server, "/screen.mjpeg", whenLeft: first))
        server.stop()
    }

    @Test(arguments: ["/", "/panel.css", "/panel.js", "/icon.svg", "/api/v1/status", "/none"])
    func everyAnswerSaysWhatTheBrowserMayNotDo(path: String) async throws {
        let server = try await start()
        let answer = try await exchange(server, get(path))
        let head = answer.prefix(upTo: answer.firstRange(of: "\r\n\r\n")?.lowerBound ?? answer.startIndex)
        #expect(head.contains("Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'"))
        #expect(head.contains("frame-ancestors 'none'") && !head.contains("unsafe"))
        #expect(head.contains("X-Content-Type-Options: nosniff") && head.contains("Referrer-Policy: no-referrer"))
        #expect(head.contains("Cache-Control: no-store"))
        #expect(head.contains("Content-Language: fr") == (path == "/"))
        server.stop()
    }

    @Test func refusesToListenOnNonsense() async {
        await #expect(throws: PanelError.invalidListenAddress("nowhere")) {
            _ = try await PanelServer.start(
                listen: "nowhere", source: BoardDouble(), group: MultiThreadedEventLoopGroup.singleton,
                milliseconds: { 0 })
        }
    }
}
