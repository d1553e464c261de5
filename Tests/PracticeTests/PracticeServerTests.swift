import Basis
import NIOCore
import NIOPosix
import Practice
import PracticeSockets
import Testing

/// Collects what a connection brings until `count` bytes are there or it closes.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let count: Int
    private let promise: EventLoopPromise<String>
    private var text = ""
    private var isDone = false

    init(count: Int, promise: EventLoopPromise<String>) {
        self.count = count
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        if text.utf8.count >= count { finish() }
    }

    func channelInactive(context: ChannelHandlerContext) { finish() }

    private func finish() {
        guard !isDone else { return }
        isDone = true
        promise.succeed(text)
    }
}

@Suite struct PracticeServerTests {
    private func request(
        _ lines: [String], _ server: PracticeServer, group: MultiThreadedEventLoopGroup, atLeast count: Int = .max
    ) async throws -> String {
        let promise = group.next().makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(count: count, promise: promise))
                }
            }
            .connect(host: "127.0.0.1", port: Int(server.address.port)).get()
        let text = (lines + ["Host: 127.0.0.1", "", ""]).joined(separator: "\r\n")
        try await channel.writeAndFlush(channel.allocator.buffer(string: text)).get()
        let answer = try await promise.futureResult.get()
        try? await channel.close().get()
        return answer
    }

    private func upgrade(_ target: String, _ more: [String] = []) -> [String] {
        [
            "GET \(target) HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ] + more
    }

    @Test func servesOnTheLoopback() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await Task.detached { try PracticeServer.start(group: group) }.value
        #expect(server.roomURL == "http://127.0.0.1:\(server.address.port)/Entrainement")
        let script = try await request(["GET /config.js HTTP/1.1"], server, group: group)
        #expect(script.hasPrefix("HTTP/1.1 200"))
        #expect(script.contains("ws://127.0.0.1:\(server.address.port)/xmpp-websocket"))
        #expect(try await request(["GET /other HTTP/1.1"], server, group: group).hasPrefix("HTTP/1.1 404"))
        let open = try await request(
            upgrade("/xmpp-websocket?room=entrainement", ["Sec-WebSocket-Protocol: xmpp"]), server, group: group,
            atLeast: 60)
        #expect(open.hasPrefix("HTTP/1.1 101"))
        #expect(open.lowercased().contains("sec-websocket-protocol: xmpp"))
        #expect(open.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        let channel = try await request(upgrade("/colibri-ws/default-id/a/b?pwd=c"), server, group: group)
        #expect(channel.hasPrefix("HTTP/1.1 403"))
        server.stop()
        try await group.shutdownGracefully()
    }
}
