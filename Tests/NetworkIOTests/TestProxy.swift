import NIOCore
import NIOPosix
import Synchronization

/// What the test proxy does with a request for a tunnel.
enum ProxyScript: Sendable {
    /// Opens it to this port of the loopback, whatever the host; the answer comes in pieces of so many bytes.
    case tunnel(port: Int, piece: Int)
    case answer(String)
    case silence
    case hangUp
}

/// A proxy on the loopback that remembers what it was asked.
final class TestProxy: Sendable {
    let channel: any Channel
    let requests = Mutex<[String]>([])
    private let script: ProxyScript

    var port: UInt16 { UInt16(channel.localAddress?.port ?? 0) }

    private init(channel: any Channel, script: ProxyScript) {
        self.channel = channel
        self.script = script
    }

    static func start(_ script: ProxyScript) async throws -> TestProxy {
        let box = NIOLockedBox()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyHandler(script) { box.note($0) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = TestProxy(channel: channel, script: script)
        box.connect { request in proxy.requests.withLock { $0.append(request) } }
        return proxy
    }

    func stop() async throws {
        try await channel.close()
    }
}

/// Passes requests on to the proxy, which is made after its channel.
private final class NIOLockedBox: Sendable {
    private struct Receiver {
        var note: (@Sendable (String) -> Void)?
    }

    private let receiver = Mutex(Receiver())

    func connect(_ note: @escaping @Sendable (String) -> Void) {
        receiver.withLock { $0.note = note }
    }

    func note(_ request: String) {
        receiver.withLock { $0.note }?(request)
    }
}

private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: ProxyScript
    private let note: @Sendable (String) -> Void
    private var head = ""
    private var peer: (any Channel)?
    private var isAnswered = false

    init(_ script: ProxyScript, note: @escaping @Sendable (String) -> Void) {
        self.script = script
        self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        if let peer {
            peer.writeAndFlush(buffer, promise: nil)
            return
        }
        head += String(buffer: buffer)
        guard head.hasSuffix("\r\n\r\n"), !isAnswered else { return }
        isAnswered = true
        note(head)
        switch script {
        case .silence: break
        case .hangUp: context.close(promise: nil)
        case .answer(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .tunnel(let port, let piece): open(port: port, piece: piece, context)
        }
    }

    private func open(port: Int, piece: Int, _ context: ChannelHandlerContext) {
        let client = context.channel
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(BackHandler(client))
                }
            }
            .connect(host: "127.0.0.1", port: port).assumeIsolated().whenSuccess { [self] channel in
                peer = channel
                let answer = Array("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n".utf8)
                for start in stride(from: 0, to: answer.count, by: piece) {
                    let part = answer[start..<min(answer.count, start + piece)]
                    client.writeAndFlush(ByteBuffer(bytes: part), promise: nil)
                }
            }
    }

    func channelInactive(context: ChannelHandlerContext) {
        peer?.close(promise: nil)
    }
}

private final class BackHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(_ client: any Channel) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.close(promise: nil)
    }
}
