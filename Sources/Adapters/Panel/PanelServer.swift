package import Basis
package import NIOCore
import NIOHTTP1
import NIOPosix

package enum PanelError: Error, Equatable, Sendable {
    /// Not `host:port`.
    case invalidListenAddress(String)
    case cannotListen(String)
}

/// The HTTP panel: the board's TV, buttons and lamps for a browser, and the same for programs under `/api/v1`.
///
/// This machine itself may do everything; others need the token, and without one may look and press nothing.
package final class PanelServer: Sendable {
    private static let maximumConnections = 64

    /// The bound address with the real port.
    package let address: TransportAddress
    private let channel: any Channel
    private let hub: NIOLoopBoundBox<PanelHub>

    private init(address: TransportAddress, channel: any Channel, hub: NIOLoopBoundBox<PanelHub>) {
        self.address = address
        self.channel = channel
        self.hub = hub
    }

    /// Binds and serves on one loop of `group`.
    ///
    /// - Parameters:
    ///   - listen: `host:port`, for instance `127.0.0.1:8080`, `[::1]:8080` or `localhost:0`.
    ///   - access: who may do what.
    ///   - milliseconds: the time of day since 1970, for the journal.
    package static func start(
        listen: String, source: any PanelSource, access: PanelAccess = PanelAccess(), group: any EventLoopGroup,
        milliseconds: @escaping @Sendable () -> Int64
    ) async throws(PanelError) -> PanelServer {
        guard let (host, port) = parse(listen) else { throw .invalidListenAddress(listen) }
        let eventLoop = group.next()
        let hub = NIOLoopBoundBox.makeBoxSendingValue(
            PanelHub(eventLoop: eventLoop, source: source, milliseconds: milliseconds), eventLoop: eventLoop)
        let router = PanelRouter(listenHost: host, source: source, access: access)
        let count = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: eventLoop)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // What waits in the kernel is old when it is seen.
            .childChannelOption(.socketOption(.so_sndbuf), value: 256 << 10)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelOption(
                .writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard count.value < maximumConnections else {
                        throw PanelError.cannotListen("too many connections")
                    }
                    count.value += 1
                    try configure(
                        channel, PanelConnection(router: router, hub: hub.value, onClose: { count.value -= 1 }))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            guard let local = channel.localAddress, let text = local.ipAddress, let address = IPAddress(text),
                let bound = local.port.flatMap(UInt16.init(exactly:))
            else { throw PanelError.cannotListen("no local address") }
            return PanelServer(address: TransportAddress(address, port: bound), channel: channel, hub: hub)
        } catch let error as PanelError {
            throw error
        } catch {
            throw .cannotListen("\(listen): \(error)")
        }
    }

    private static func configure(_ channel: any Channel, _ connection: PanelConnection) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 4096
        limits.maxHeaderListSize = 16 << 10
        limits.maxHeaderFieldCount = 64
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(decoder))
        try pipeline.addHandler(connection)
    }

    /// The lower-case host and the port of a listen address.
    package static func parse(_ listen: String) -> (host: String, port: Int)? {
        guard let colon = listen.lastIndex(of: ":"), let host = PanelRouter.hostName(listen),
            let port = UInt16(listen[listen.index(after: colon)...])
        else { return nil }
        return (host, Int(port))
    }

    /// Sends an event to every client of `/api/v1/events`; from any thread. The page
    /// understands `status`, `leds` and `button`.
    package func publish(_ event: String, _ json: JSONValue) {
        channel.eventLoop.execute { [hub] in hub.value.publish(event, json) }
    }

    /// Closes the port and the streams; from any thread.
    package func stop() {
        channel.close(promise: nil)
        channel.eventLoop.execute { [hub] in hub.value.stop() }
    }
}
