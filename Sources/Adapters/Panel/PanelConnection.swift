import Basis
import NIOCore
import NIOHTTP1

/// One connection of the panel: takes requests one after another and writes the answers in their order.
final class PanelConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case idle
        case reading(HTTPRequestHead, body: [UInt8])
        /// The answer comes later; parts of further requests wait.
        case answering
        /// The answer has no end.
        case streaming
        case closing
    }

    /// A client has this long for a whole request, and between two requests.
    private static let patience = TimeAmount.seconds(30)
    private static let maximumWaiting = 64

    private let router: PanelRouter
    private let hub: PanelHub
    private let onClose: () -> Void
    private var phase = Phase.idle
    private var waiting: [HTTPServerRequestPart] = []
    private var timer: Scheduled<Void>?

    init(router: PanelRouter, hub: PanelHub, onClose: @escaping () -> Void) {
        self.router = router
        self.hub = hub
        self.onClose = onClose
    }

    func channelActive(context: ChannelHandlerContext) {
        startTimer(context.channel)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing
        timer?.cancel()
        hub.forget(context.channel)
        onClose()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch phase {
        case .idle, .reading: take(part, context)
        case .answering:
            waiting.append(part)
            if waiting.count > Self.maximumWaiting { context.close(promise: nil) }
        case .streaming, .closing: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (phase, error) {
        case (.idle, let error as HTTPParserError), (.reading, let error as HTTPParserError):
            let problem: PanelProblem =
                error == .headerOverflow ? .headersTooLarge : .badRequest("The request is not HTTP/1.1.")
            phase = .answering
            respond(problem.response, to: nil, context)
        default:
            context.close(promise: nil)
        }
    }

    private func startTimer(_ channel: any Channel) {
        timer?.cancel()
        timer = channel.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    // MARK: Requests

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, phase) {
        case (.head(let head), .idle):
            phase = .reading(head, body: [])
            let length = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
            if length > PanelRouter.maximumBody { refuseBody(context) }
        case (.body(let buffer), .reading(let head, var body)):
            guard body.count + buffer.readableBytes <= PanelRouter.maximumBody else { return refuseBody(context) }
            body.append(contentsOf: buffer.readableBytesView)
            phase = .reading(head, body: body)
        case (.end, .reading(let head, let body)):
            timer?.cancel()
            phase = .answering
            answer(head, body, context)
        default:
            context.close(promise: nil)
        }
    }

    private func refuseBody(_ context: ChannelHandlerContext) {
        phase = .answering
        respond(PanelProblem.tooLarge(limit: PanelRouter.maximumBody).response, to: nil, context)
    }

    private func answer(_ head: HTTPRequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
        let request = PanelRequest(
            method: head.method.rawValue, target: head.uri,
            headers: head.headers.map { ($0.name.lowercased(), $0.value) }, body: body)
        let isHead = head.method == .HEAD
        let isLocal = Self.isLoopback(context.remoteAddress)
        switch router.answer(request, isLocal: isLocal) {
        case .respond(let response):
            respond(response, to: head, context)
        case .screenPNG:
            if !isLocal { hub.noteStill() }
            let later = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            router.source.screenPNG { [eventLoop = context.eventLoop] picture in
                eventLoop.execute {
                    let (connection, context) = later.value
                    let response = picture.map { PanelResponse(status: 200, contentType: "image/png", body: $0) }
                    connection.respond(response ?? PanelProblem.noPicture.response, to: head, context)
                }
            }
        case .screenJPEG:
            if !isLocal { hub.noteStill() }
            let later = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            router.source.screenJPEG { [eventLoop = context.eventLoop] picture in
                eventLoop.execute {
                    let (connection, context) = later.value
                    let response = picture.map {
                        PanelResponse(status: 200, contentType: "image/jpeg", body: $0.bytes)
                    }
                    connection.respond(response ?? PanelProblem.noPicture.response, to: head, context)
                }
            }
        case .screenMJPEG:
            guard hub.hasRoomForViewer else { return respond(PanelProblem.tooManyClients.response, to: head, context) }
            let later = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            router.source.screenJPEG { [eventLoop = context.eventLoop] picture in
                eventLoop.execute {
                    let (connection, context) = later.value
                    connection.startPictures(picture, head, isLocal: isLocal, context)
                }
            }
        case .events:
            guard hub.hasRoomForSubscriber else {
                return respond(PanelProblem.tooManyClients.response, to: head, context)
            }
            startStream("text/event-stream", head, context)
            if !isHead { hub.subscribe(context.channel) }
        }
    }

    // MARK: Answers

    private static func isLoopback(_ address: SocketAddress?) -> Bool {
        guard let text = address?.ipAddress else { return false }
        // A socket of both families shows IPv4 clients as mapped addresses (RFC 4291 section 2.5.5.2).
        let bare = text.lowercased().hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
        return (IPAddress(bare) ?? IPAddress(text))?.isLoopback ?? false
    }

    private func startPictures(
        _ first: PanelPicture?, _ head: HTTPRequestHead, isLocal: Bool, _ context: ChannelHandlerContext
    ) {
        guard case .answering = phase else { return }
        guard let first else { return respond(PanelProblem.noPicture.response, to: head, context) }
        guard hub.hasRoomForViewer else { return respond(PanelProblem.tooManyClients.response, to: head, context) }
        startStream("multipart/x-mixed-replace; boundary=\(PanelHub.boundary)", head, context)
        if head.method != .HEAD { hub.view(context.channel, isLocal: isLocal, first: first) }
    }

    /// Begins an answer without end; for HEAD the connection ends after it.
    private func startStream(_ contentType: String, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var headers = Self.commonHeaders
        headers.add(name: "Content-Type", value: contentType)
        headers.add(name: "Connection", value: "close")
        let response = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
        phase = .streaming
        // Without the end of the message, which the encoder would write as the last chunk of a body: an answer to HEAD ends
        // with its head (RFC 9110 section 9.3.2).
        if head.method == .HEAD { context.close(promise: nil) }
    }

    /// Writes a complete answer and goes on with the next request; without a request head the connection ends.
    private func respond(
        _ response: PanelResponse, to request: HTTPRequestHead?, _ context: ChannelHandlerContext
    ) {
        guard case .answering = phase else { return }
        let keepsAlive = request?.isKeepAlive ?? false
        var headers = Self.commonHeaders
        headers.add(name: "Content-Type", value: response.contentType)
        headers.add(name: "Content-Length", value: String(response.body.count))
        if let language = response.language { headers.add(name: "Content-Language", value: language.rawValue) }
        if let allow = response.allow { headers.add(name: "Allow", value: allow) }
        if let challenge = response.challenge { headers.add(name: "WWW-Authenticate", value: challenge) }
        if let seconds = response.retryAfter { headers.add(name: "Retry-After", value: String(seconds)) }
        headers.add(name: "Connection", value: keepsAlive ? "keep-alive" : "close")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request?.method != .HEAD {
            let buffer = context.channel.allocator.buffer(bytes: response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        guard keepsAlive else {
            phase = .closing
            // The client may still be sending: it gets the answer before the reset that unread bytes would cause.
            context.close(mode: .output, promise: nil)
            startTimer(context.channel)
            return
        }
        phase = .idle
        startTimer(context.channel)
        takeWaiting(context)
    }

    private func takeWaiting(_ context: ChannelHandlerContext) {
        while !waiting.isEmpty {
            switch phase {
            case .idle, .reading: take(waiting.removeFirst(), context)
            case .answering: return
            case .streaming, .closing: waiting = []
            }
        }
    }

    /// Nothing of the page comes from elsewhere, nothing of it is written inside the document, and nobody frames it.
    private static let commonHeaders = HTTPHeaders([
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
    ])
}
