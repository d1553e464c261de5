import NIOCore
import NIOPosix
import Testing

@testable import NetworkIO

/// Answers the upgrade and sends frames in the same segment, then reports what the client sent after its request.
private final class EagerServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let frames: [UInt8]
    private let received: AsyncStream<UInt8>.Continuation
    private var request = ""
    private var isUpgraded = false

    init(frames: [UInt8], received: AsyncStream<UInt8>.Continuation) {
        self.frames = frames
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard !isUpgraded else {
            for byte in buffer.readableBytesView { received.yield(byte) }
            return
        }
        request += String(buffer: buffer)
        guard request.hasSuffix("\r\n\r\n"), let mark = request.firstRange(of: "Sec-WebSocket-Key: ") else { return }
        isUpgraded = true
        let key = String(request[mark.upperBound...].prefix { $0 != "\r\n" })
        var answer = ByteBuffer(
            string: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(WebSocketUpgradeHandler.accept(for: key))\r\n\r\n")
        answer.writeBytes(frames)
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        received.finish()
    }
}

/// Answers every request with the same bytes and hangs up.
private final class ParrotServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: [UInt8]

    init(answer: [UInt8]) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        context.close(promise: nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct WebSocketUpgradeTests {
    @Test func readsAndWritesFramesFromTheFirstMomentOn() async throws {
        let (received, receiving) = AsyncStream<UInt8>.makeStream()
        // A ping, a text, and a frame that breaks the protocol.
        let frames: [UInt8] = [0x89, 0x00, 0x81, 0x02, 0x68, 0x69, 0x82, 0x01, 0x00]
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EagerServer(frames: frames, received: receiving))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let context = try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let (events, continuation) = AsyncStream<String>.makeStream()
        let loop = context.eventLoop
        let box = NIOLoopBoundBox<WebSocketHandle?>.makeEmptyBox(valueType: WebSocketHandle.self, eventLoop: loop)
        let port = server.localAddress?.port ?? 0
        loop.execute {
            box.value = context.connectWebSocket(
                url: "ws://127.0.0.1:\(port)/",
                onOpen: {
                    box.value?.send("hello")
                    continuation.yield("open")
                }, onText: { continuation.yield($0) },
                onClose: { end in
                    continuation.yield("\(end == .failed(.protocolViolation("neither text nor control frame")))")
                    continuation.finish()
                })
        }
        var seen: [String] = []
        for await event in events { seen.append(event) }
        #expect(seen == ["open", "hi", "true"])
        var sent: [UInt8] = []
        for await byte in received { sent.append(byte) }
        // Text of five bytes, empty pong, close with a code: each with four bytes of mask.
        #expect(sent.count == 25)
        let opcodes: [UInt8?] = [sent.first, sent.dropFirst(11).first, sent.dropFirst(17).first]
        #expect(opcodes == [0x81, 0x8A, 0x88])
        try await server.close()
    }

    @Test func survivesMutatedAnswers() async throws {
        let context = try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let heads = [
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{1}\u{2}",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b; Path=/\r\n\r\nhello",
            "HTTP/1.1 302 Found\r\nLocation: /x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ]
        for seed in 0..<90 {
            var random = SeededBytes(state: UInt64(seed))
            var answer = Array(heads[seed % heads.count].utf8)
            for _ in 0..<(seed / heads.count % 4) {
                answer[Int.random(in: 0..<answer.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { [answer] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ParrotServer(answer: answer))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let port = server.localAddress?.port ?? 0
            let end = await withCheckedContinuation { waiting in
                _ = context.connectWebSocket(
                    url: "ws://127.0.0.1:\(port)/", onOpen: {}, onText: { _ in },
                    onClose: { waiting.resume(returning: $0) })
            }
            if case .closed = end { Issue.record("a handshake without the key opened a socket") }
            let result = await withCheckedContinuation { waiting in
                context.request(url: "http://127.0.0.1:\(port)/") { waiting.resume(returning: $0) }
            }
            if seed % heads.count == 0, seed < heads.count { #expect(throws: NetworkError.self) { try result.get() } }
            if seed == 1 { #expect(try result.get().text == "hello") }
            try await server.close()
        }
    }
}
