import Basis
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Practice

/// The web server: config.js, the two WebSockets, and 404 for all else.
enum PracticeHTTP {
    private static let largestFrame = 1 << 18

    static func bind(
        on eventLoop: any EventLoop, host: IPAddress, port: UInt16, hub: PracticeHub
    ) -> EventLoopFuture<any Channel> {
        ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel, hub) }
            }
            .bind(host: host.description, port: Int(port))
    }

    private static func configure(_ channel: any Channel, _ hub: PracticeHub) throws {
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: largestFrame,
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeSucceededFuture(upgradeHeaders(for: head, hub.current))
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PracticeSocketHandler(path: head.uri, hub: hub))
                }
            })
        let requests = PracticeRequestHandler(hub: hub)
        let pages = NIOLoopBound(requests, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in context.pipeline.syncOperations.removeHandler(pages.value, promise: nil)
                }
            ))
        try channel.pipeline.syncOperations.addHandler(requests)
    }

    /// Nil refuses: the request is then answered as a page.
    private static func upgradeHeaders(for head: HTTPRequestHead, _ driver: PracticeDriver?) -> HTTPHeaders? {
        guard let driver else { return nil }
        switch driver.admission(path: head.uri) {
        case .signalling:
            let protocols = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
            return protocols.contains("xmpp") ? ["Sec-WebSocket-Protocol": "xmpp"] : nil
        case .bridgeChannel: return HTTPHeaders()
        case .refused: return nil
        }
    }
}

/// Answers requests that are not upgraded.
private final class PracticeRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let hub: PracticeHub
    private var head: HTTPRequestHead?

    init(hub: PracticeHub) {
        self.hub = hub
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = request.uri.prefix { $0 != "?" }
        var status = HTTPResponseStatus.notFound
        var body = ""
        if let driver = hub.current {
            if path == "/config.js", request.method == .GET {
                status = .ok
                body = driver.configScript()
            } else if path == "/xmpp-websocket" || path.hasPrefix("/colibri-ws/") {
                switch driver.admission(path: request.uri) {
                case .refused(let code): status = HTTPResponseStatus(statusCode: code)
                case .signalling, .bridgeChannel: status = .upgradeRequired
                }
            }
        }
        let content = context.channel.allocator.buffer(string: body)
        let headers: HTTPHeaders = [
            "content-type": "application/javascript; charset=utf-8", "cache-control": "no-store",
            "content-length": String(content.readableBytes), "connection": "close",
        ]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(content))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    /// A refused upgrade is told here first; its request follows and is answered.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !(error is NIOWebSocketUpgradeError) { context.close(promise: nil) }
    }
}

/// One WebSocket, from the upgrade on.
private final class PracticeSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private static let largestMessage = 1 << 18

    private let path: String
    private let hub: PracticeHub
    private var id: Int?
    /// The fragments so far of a message; meaningful while `isFragmented`.
    private var message: [UInt8] = []
    private var isFragmented = false

    init(path: String, hub: PracticeHub) {
        self.path = path
        self.hub = hub
    }

    func handlerAdded(context: ChannelHandlerContext) {
        id = hub.current?.opened(context.channel, path: path)
        if id == nil { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = unwrapInboundIn(data)
        if let key = frame.maskKey { frame.data.webSocketUnmask(key) }
        switch frame.opcode {
        case .text where !isFragmented, .continuation where isFragmented: append(frame, context)
        case .ping:
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.data)), promise: nil)
        case .pong: break
        case .connectionClose:
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.data))
            ).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        default: context.close(promise: nil)
        }
    }

    private func append(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard message.count + frame.data.readableBytes <= Self.largestMessage else {
            return context.close(promise: nil)
        }
        message.append(contentsOf: frame.data.readableBytesView)
        isFragmented = !frame.fin
        guard frame.fin else { return }
        let text = String(validating: message, as: UTF8.self)
        message.removeAll(keepingCapacity: true)
        guard let text, let id else { return context.close(promise: nil) }
        hub.current?.received(id, text: text)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let id { hub.current?.closed(id) }
        id = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
