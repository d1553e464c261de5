package import NIOCore
import NIOTLS

extension NetworkContext {
    /// Connects to a server, with TLS if wished, and leaves again: whether it is there and can be trusted.
    package func greet(
        host: String, port: UInt16, isSecure: Bool, timeout: TimeAmount,
        completion: @escaping @Sendable (Result<Void, NetworkError>) -> Void
    ) {
        let done = eventLoop.makePromise(of: Void.self)
        let limit = eventLoop.scheduleTask(in: timeout) { done.fail(NetworkError.timeout(host: host)) }
        openStream(host: host, port: port, isSecure: isSecure, timeout: timeout) { channel in
            try channel.pipeline.syncOperations.addHandler(GreetingHandler(done: done, isSecure: isSecure))
        }.whenFailure { done.fail($0) }
        done.futureResult.whenComplete { result in
            limit.cancel()
            completion(result.mapError { NetworkError($0, host: host) })
        }
    }
}

/// Waits for the end of the TLS handshake, or for the connection where there is none.
private final class GreetingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let done: EventLoopPromise<Void>
    private let isSecure: Bool

    init(done: EventLoopPromise<Void>, isSecure: Bool) {
        self.done = done
        self.isSecure = isSecure
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Whoever asked has given up: nothing is left open.
        let channel = context.channel
        done.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isSecure { done.succeed() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { done.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
