import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// What the test server answers.
struct Reply: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body = ""
    /// Nothing is ever answered.
    var isSilent = false
    /// The connection ends instead of answering.
    var hangsUp = false
}

/// An HTTP and WebSocket server on the loopback; `/ws` takes upgrades, everything else goes to `answer`.
final class TestServer: Sendable {
    typealias Answer = @Sendable (_ head: HTTPRequestHead, _ body: String, _ connection: Int) -> Reply

    let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    private init(channel: any Channel) {
        self.channel = channel
    }

    static let fixtures = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Fixtures/"

    /// - Parameter certificate: the name of the fixture that TLS shows; nil for a server without TLS.
    static func start(
        isTLS: Bool = false, certificate: String? = nil, answer: @escaping Answer = { _, _, _ in Reply() }
    ) async throws -> TestServer {
        var tls: NIOSSLContext?
        if isTLS || certificate != nil {
            let file = fixtures + (certificate ?? "test-server") + ".pem"
            let chain = try NIOSSLCertificate.fromPEMFile(file).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: fixtures + "test-server.key.pem", format: .pem)
            tls = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        }
        let connections = Mutex(0)
        let numbering = Numbering(connections)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    let upgrader = NIOWebSocketServerUpgrader(
                        maxFrameSize: 1 << 20,
                        shouldUpgrade: { channel, head in
                            let isOurs = head.uri.hasPrefix("/ws")
                            var headers = HTTPHeaders()
                            if let asked = head.headers.first(name: "Sec-WebSocket-Protocol") {
                                headers.add(name: "Sec-WebSocket-Protocol", value: asked == "odd" ? "other" : asked)
                            }
                            return channel.eventLoop.makeSucceededFuture(isOurs ? headers : nil)
                        },
                        upgradePipelineHandler: { channel, head in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(SocketScript(target: head.uri))
                            }
                        })
                    try pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            [upgrader],
                            { context in context.pipeline.syncOperations.removeHandler(name: "answers", promise: nil) }
                        ))
                    try pipeline.addHandler(AnswerHandler(answer, connection: numbering.next()), name: "answers")
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return TestServer(channel: channel)
    }

    func stop() async throws {
        try await channel.close()
    }
}

private final class Numbering: Sendable {
    private let count: Mutex<Int>

    init(_ count: consuming sending Mutex<Int>) {
        self.count = count
    }

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

private final class AnswerHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: TestServer.Answer
    private let connection: Int
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ answer: @escaping TestServer.Answer, connection: Int) {
        self.answer = answer
        self.connection = connection
    }

    /// What is no HTTP, as a TURN client's request, ends the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ""
        case .body(let buffer): body += String(buffer: buffer)
        case .end:
            guard let head else { return }
            let reply = answer(head, body, connection)
            if reply.isSilent { return }
            if reply.hangsUp { return context.close(promise: nil) }
            var headers = HTTPHeaders(reply.headers)
            headers.add(name: "Content-Length", value: String(reply.body.utf8.count))
            let response = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: reply.status), headers: headers)
            context.write(wrapOutboundOut(.head(response)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: reply.body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

/// The server's side of a WebSocket: echoes in fragments, and misbehaves on demand.
private final class SocketScript: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let target: String

    init(target: String) {
        self.target = target
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if target == "/ws?greet" { send(.text, "welcome", context) }
        if target.hasPrefix("/ws?noise="), let seed = UInt64(target.dropFirst(10)) {
            var random = SeededBytes(state: seed)
            var buffer = context.channel.allocator.buffer(capacity: 64)
            for _ in 0..<64 { buffer.writeInteger(random.next()) }
            // Below the frame encoder: these bytes are no frames.
            context.pipeline.syncOperations.writeRaw(buffer, context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            let text = String(buffer: frame.unmaskedData)
            switch text {
            case "binary": send(.binary, "x", context)
            case "bye": close(1001, "going away", context)
            case "drop": context.close(promise: nil)
            case "ping me": send(.ping, "p", context)
            case "bad utf-8":
                let data = context.channel.allocator.buffer(bytes: [0xC3, 0x28])
                context.writeAndFlush(
                    wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: data)), promise: nil)
            case _ where text.hasPrefix("whole "): send(.text, text, context)
            default: echo(text, context)
            }
        case .ping: send(.text, "pinged", context)
        case .pong: send(.text, "ponged", context)
        case .connectionClose:
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.unmaskedData)),
                promise: nil)
            context.close(promise: nil)
        default: break
        }
    }

    private func echo(_ text: String, _ context: ChannelHandlerContext) {
        let third = text.utf8.count / 3
        let bytes = Array(text.utf8)
        for (index, range) in [0..<third, third..<2 * third, 2 * third..<bytes.count].enumerated() {
            let data = context.channel.allocator.buffer(bytes: bytes[range])
            let frame = WebSocketFrame(fin: index == 2, opcode: index == 0 ? .text : .continuation, data: data)
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
            // A control frame may stand between fragments.
            if index == 0 { send(.pong, "", context) }
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ text: String, _ context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: context.channel.allocator.buffer(string: text))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    private func close(_ code: UInt16, _ reason: String, _ context: ChannelHandlerContext) {
        var data = context.channel.allocator.buffer(capacity: 32)
        data.writeInteger(code)
        data.writeString(reason)
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)), promise: nil)
    }
}

extension ChannelPipeline.SynchronousOperations {
    /// Writes bytes past every handler but TLS, then ends the connection.
    fileprivate func writeRaw(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let encoder = try? self.context(handlerType: WebSocketFrameEncoder.self) else { return }
        encoder.writeAndFlush(NIOAny(buffer), promise: nil)
        context.close(promise: nil)
    }
}

struct SeededBytes: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
