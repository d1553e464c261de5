import NIOCore

/// The first handler of a connection through a proxy: asks for the tunnel, and lets nothing else happen before it stands.
///
/// The handlers after it see the connection become active only then, as if it had been made just now.
final class ProxyTunnelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case waiting
        case open
        case failed
    }

    private let proxy: HTTPProxy
    private let request: String
    private let timeout: TimeAmount
    private let promise: EventLoopPromise<Void>
    private var answer = ProxyAnswer()
    private var phase = Phase.waiting
    private var timer: Scheduled<Void>?

    /// Succeeds when the tunnel stands.
    var opened: EventLoopFuture<Void> { promise.futureResult }

    init(proxy: HTTPProxy, host: String, port: UInt16, timeout: TimeAmount, on eventLoop: any EventLoop) {
        self.proxy = proxy
        request = proxy.request(host: host, port: port)
        self.timeout = timeout
        promise = eventLoop.makePromise()
    }

    func channelActive(context: ChannelHandlerContext) {
        let loop = context.eventLoop.assumeIsolated()
        timer = loop.scheduleTask(in: timeout) { [self] in
            fail(.proxy(host: proxy.host, status: nil, detail: "no answer"), context)
        }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .open: context.fireChannelRead(data)
        case .failed: return
        case .waiting:
            switch answer.append(unwrapInboundIn(data).readableBytesView) {
            case .pending: return
            case .open(let payload): open(payload: payload, context)
            case .refused(let status, let reason):
                fail(.proxy(host: proxy.host, status: status, detail: reason), context)
            case .garbage:
                fail(.proxy(host: proxy.host, status: nil, detail: "the answer is not HTTP"), context)
            }
        }
    }

    private func open(payload: Int, _ context: ChannelHandlerContext) {
        phase = .open
        timer?.cancel()
        timer = nil
        let early = answer.bytes[payload...]
        promise.succeed()
        context.fireChannelActive()
        guard !early.isEmpty else { return }
        context.fireChannelRead(wrapInboundOut(context.channel.allocator.buffer(bytes: early)))
        context.fireChannelReadComplete()
    }

    private func fail(_ error: NetworkError, _ context: ChannelHandlerContext) {
        guard case .waiting = phase else { return }
        phase = .failed
        timer?.cancel()
        timer = nil
        promise.fail(error)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .open = phase else { return fail(NetworkError(error, host: proxy.host), context) }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.proxy(host: proxy.host, status: nil, detail: "it hung up"), context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A connection that never came about ends without any of the above.
        fail(.connectionLost(host: proxy.host), context)
    }
}
