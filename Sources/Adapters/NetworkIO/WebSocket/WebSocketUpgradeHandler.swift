import Basis
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The opening handshake of RFC 6455 section 4.1: asks, checks the answer, and replaces HTTP by frames.
final class WebSocketUpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private enum Phase {
        case waiting
        case refused(status: Int, body: [UInt8])
        case accepted
        /// The HTTP handlers are leaving; what the decoder leaves over is kept.
        case switching(leftOver: [NIOAny])
        case framed
    }

    private let url: WebURL
    private let subprotocol: String?
    private let origin: String?
    private let cookie: String?
    private let connection: WebSocketConnection
    private let key: String
    private var phase = Phase.waiting
    /// Takes the Set-Cookie headers of the answer.
    var onCookie: (String) -> Void = { _ in }

    init(url: WebURL, subprotocol: String?, origin: String?, cookie: String?, connection: WebSocketConnection) {
        self.url = url
        self.subprotocol = subprotocol
        self.origin = origin
        self.cookie = cookie
        self.connection = connection
        var random = RandomSource.system
        key = Base64.encode(random.bytes(16))
    }

    /// The Sec-WebSocket-Accept that belongs to a Sec-WebSocket-Key (RFC 6455 section 4.2.2).
    static func accept(for key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    func channelActive(context: ChannelHandlerContext) {
        connection.connected(context.channel)
        guard connection.isConnecting else { return }
        var headers = HTTPHeaders([
            ("Host", url.authority), ("Connection", "Upgrade"), ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", key),
        ])
        if let subprotocol { headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol) }
        if let origin { headers.add(name: "Origin", value: origin) }
        if let cookie { headers.add(name: "Cookie", value: cookie) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .framed: return context.fireChannelRead(data)
        case .switching(let leftOver):
            phase = .switching(leftOver: leftOver + [data])
            return
        case .waiting, .refused, .accepted: break
        }
        switch (unwrapInboundIn(data), phase) {
        case (.head(let head), .waiting):
            for value in head.headers["Set-Cookie"] { onCookie(value) }
            if head.status == .switchingProtocols {
                if let fault = fault(in: head) { return connection.finish(.failed(.protocolViolation(fault))) }
                phase = .accepted
            } else {
                phase = .refused(status: Int(head.status.code), body: [])
            }
        case (.body(let buffer), .refused(let status, let body)):
            let excerpt = body + buffer.readableBytesView.prefix(NetworkError.excerptLength)
            phase = .refused(status: status, body: excerpt)
            if excerpt.count >= NetworkError.excerptLength { refuse(status, excerpt) }
        case (.end, .refused(let status, let body)):
            refuse(status, body)
        case (.end, .accepted):
            switchToFrames(context)
        default:
            connection.finish(.failed(.protocolViolation("unexpected part of an HTTP answer")))
        }
    }

    private func refuse(_ status: Int, _ body: [UInt8]) {
        connection.finish(.failed(.httpStatus(status, excerpt: NetworkError.excerpt(body))))
    }

    private func fault(in head: HTTPResponseHead) -> String? {
        guard head.headers[canonicalForm: "Upgrade"].contains(where: { $0.lowercased() == "websocket" }),
            head.headers[canonicalForm: "Connection"].contains(where: { $0.lowercased() == "upgrade" })
        else { return "101 without upgrade to websocket" }
        guard head.headers.first(name: "Sec-WebSocket-Accept") == Self.accept(for: key) else {
            return "wrong Sec-WebSocket-Accept"
        }
        guard head.headers.first(name: "Sec-WebSocket-Protocol") == subprotocol else { return "wrong subprotocol" }
        guard head.headers.first(name: "Sec-WebSocket-Extensions") == nil else { return "unasked extension" }
        return nil
    }

    /// Removes the HTTP handlers. The decoder watches writes too and leaves only when its present bytes are through: until
    /// then no frame may be written, hence neither read.
    private func switchToFrames(_ context: ChannelHandlerContext) {
        phase = .switching(leftOver: [])
        let pipeline = context.pipeline.syncOperations
        pipeline.removeHandler(name: HandlerName.validator, promise: nil)
        pipeline.removeHandler(name: HandlerName.encoder, promise: nil)
        pipeline.removeHandler(name: HandlerName.decoder).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success: startFrames(context)
            case .failure(let error): connection.failed(error)
            }
        }
    }

    /// Adds the frame handlers behind this one, which from now on passes through what comes.
    private func startFrames(_ context: ChannelHandlerContext) {
        guard case .switching(let leftOver) = phase else { return }
        phase = .framed
        do {
            try context.pipeline.syncOperations.addHandlers([
                WebSocketFrameEncoder(),
                OversizedFrameHandler(connection),
                ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: connection.maximumMessage)),
                WebSocketFrameHandler(connection),
            ])
        } catch {
            return connection.failed(error)
        }
        connection.opened(context.channel)
        for data in leftOver { context.fireChannelRead(data) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.failed(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .refused(let status, let body) = phase { return refuse(status, body) }
        connection.lost()
    }
}

/// The frames of an open WebSocket.
final class WebSocketFrameHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private let connection: WebSocketConnection

    init(_ connection: WebSocketConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.received(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.failed(error)
    }
}
