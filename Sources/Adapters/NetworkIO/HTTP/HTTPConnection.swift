import NIOCore
import NIOHTTP1

/// One HTTP/1.1 connection: carries one exchange at a time, then returns to its pool. Belongs to the loop.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What the pool hears about its connection.
    struct Outlet {
        /// The exchange has its answer; the flag tells whether the connection can carry another one.
        var answered: (HTTPConnection, HTTPExchange, HTTPResponse, Bool) -> Void
        /// The connection is gone, perhaps with an exchange; the flag tells whether it died before any answer while it
        /// was being used again.
        var lost: (HTTPConnection, HTTPExchange?, NetworkError, Bool) -> Void
    }

    let channel: any Channel
    private var outlet: Outlet?
    private var exchange: HTTPExchange?
    private var exchangesCarried = 0
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var error: NetworkError?
    private var host = ""

    init(channel: any Channel) {
        self.channel = channel
    }

    /// Ties the connection to its pool, which holds it while it lives.
    func attach(_ outlet: Outlet) {
        self.outlet = outlet
        if !channel.isActive { lose(error ?? .connectionLost(host: host)) }
    }

    func carry(_ exchange: HTTPExchange, cookie: String?) {
        self.exchange = exchange
        exchange.connection = self
        host = exchange.url.host
        exchangesCarried += 1
        head = nil
        body = []
        channel.write(HTTPClientRequestPart.head(exchange.head(cookie: cookie)), promise: nil)
        if !exchange.body.isEmpty {
            let buffer = channel.allocator.buffer(bytes: exchange.body)
            channel.write(HTTPClientRequestPart.body(.byteBuffer(buffer)), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    /// Marks the beginning of an idle time; the mark is valid until the connection is used again.
    func isParked(_ mark: Int) -> Bool { exchange == nil && exchangesCarried == mark }

    func park() -> Int { exchangesCarried }

    /// Ends the connection and what it carries with `error`, without asking the pool.
    func abandon(_ error: NetworkError) {
        outlet = nil
        let exchange = exchange
        self.exchange = nil
        exchange?.finish(.failure(error))
        channel.close(promise: nil)
    }

    /// Closes the connection; whatever it carries is lost.
    func abort() {
        lose(.connectionLost(host: host))
        channel.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let exchange else { return abort() }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body(let buffer):
            guard body.count + buffer.readableBytes <= exchange.maximumBody else {
                return fail(.tooLarge(limit: exchange.maximumBody))
            }
            body.append(contentsOf: buffer.readableBytesView)
        case .end:
            answer(exchange)
        }
    }

    private func answer(_ exchange: HTTPExchange) {
        guard let head, head.status != .switchingProtocols else {
            return fail(.protocolViolation("an upgrade that nobody asked for"))
        }
        let response = HTTPResponse(
            status: Int(head.status.code), headers: head.headers.map { HTTPField($0.name, $0.value) }, body: body,
            url: exchange.url)
        self.exchange = nil
        exchange.connection = nil
        body = []
        let isReusable = head.isKeepAlive && channel.isActive && error == nil
        outlet?.answered(self, exchange, response, isReusable)
        if !isReusable { channel.close(promise: nil) }
    }

    private func fail(_ error: NetworkError) {
        if self.error == nil { self.error = error }
        lose(error)
        channel.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(NetworkError(error, host: host))
    }

    func channelInactive(context: ChannelHandlerContext) {
        lose(error ?? .connectionLost(host: host))
    }

    private func lose(_ error: NetworkError) {
        guard let outlet else { return }
        self.outlet = nil
        let isStale = exchangesCarried > 1 && head == nil
        let exchange = exchange
        self.exchange = nil
        outlet.lost(self, exchange, error, isStale)
    }
}
