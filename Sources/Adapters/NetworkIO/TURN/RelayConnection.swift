package import Basis
import ICE
import NIOCore
import NIOPosix

/// A TURN server and the way to it.
package struct RelayServer: Sendable {
    package enum Transport: Sendable {
        case udp, tcp, tls
    }

    package var host: String
    package var port: UInt16
    package var transport: Transport
    package var username: Redacted<String>
    package var password: Redacted<String>

    package init(
        host: String, port: UInt16, transport: Transport, username: Redacted<String>, password: Redacted<String>
    ) {
        self.host = host
        self.port = port
        self.transport = transport
        self.username = username
        self.password = password
    }
}

/// What a TURN server has given us.
package struct RelayAllocation: Equatable, Sendable {
    /// Where peers send to.
    package var relayed: TransportAddress
    /// Our own address as the server sees it.
    package var mapped: TransportAddress?
    package var server: TransportAddress
}

/// An allocation on a TURN server, used like a UDP socket bound to the relayed address.
package final class RelayConnection: Sendable {
    private struct State {
        var driver: RelayDriver?
        var channel: (any Channel)?
        var socket: UDPSocket?
        var isClosed = false
    }

    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    fileprivate init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    /// Sends one datagram to `peer` through the server; called on the loop. Before the allocation it is lost.
    package func send(_ bytes: [UInt8], to peer: TransportAddress) {
        state.value.driver?.send(bytes.span, to: peer)
    }

    /// Gives the allocation back; no callback follows.
    package func close() {
        eventLoop.onLoop { [self] in
            state.value.isClosed = true
            state.value.driver?.close()
            state.value.driver = nil
            state.value.channel?.close(promise: nil)
            state.value.socket?.close()
        }
    }

    // MARK: Opening

    fileprivate func open(
        _ server: RelayServer, network: NetworkContext, random: RandomSource, callbacks: RelayDriver.Callbacks
    ) {
        let driver = RelayDriver(
            eventLoop: eventLoop,
            client: TURNClient(
                username: server.username.revealed, password: server.password, isStream: server.transport != .udp,
                random: random), isStream: server.transport != .udp, callbacks: callbacks)
        state.value.driver = driver
        switch server.transport {
        case .udp: openDatagrams(server, network: network)
        case .tcp, .tls: openStream(server, network: network)
        }
    }

    private func makeTimer() -> DeadlineTimer {
        DeadlineTimer(eventLoop: eventLoop) { [weak self] _ in self?.state.value.driver?.advance() }
    }

    private func openStream(_ server: RelayServer, network: NetworkContext) {
        network.openStream(host: server.host, port: server.port, isSecure: server.transport == .tls) { channel in
            try RelayStream.configure(channel)
            try channel.pipeline.syncOperations.addHandler(RelayHandler(connection: self))
        }.whenComplete { [self] result in
            if case .failure(let error) = result {
                state.value.driver?.end("\(NetworkError(error, host: server.host))")
            } else if case .success(let channel) = result, state.value.isClosed {
                channel.close(promise: nil)
            }
        }
    }

    private func openDatagrams(_ server: RelayServer, network: NetworkContext) {
        network.resolve(host: server.host) { [self] result in
            // The host's own addresses say which family has a way out; the resolver's order decides between equals.
            let addresses = (try? result.get()) ?? []
            let own = NetworkContext.interfaceAddresses(includeLoopback: addresses.contains(where: \.isLoopback))
            guard
                let address = addresses.first(where: { address in own.contains { $0.isV6 == address.isV6 } })
                    ?? addresses.first
            else {
                state.value.driver?.end("no address for \(server.host)")
                return
            }
            let remote = TransportAddress(address, port: server.port)
            network.bindUDP(
                address: address.isV6 ? .v6(high: 0, low: 0) : .v4(0),
                onDatagram: { [weak self] bytes, sender in
                    guard sender == remote else { return }
                    self?.state.value.driver?.received(bytes)
                },
                completion: { [self] result in
                    switch result {
                    case .success(let socket):
                        guard !state.value.isClosed else { return socket.close() }
                        state.value.socket = socket
                        state.value.driver?.connected(to: remote, timer: makeTimer()) { socket.send($0, to: remote) }
                    case .failure(let error): state.value.driver?.end("\(error)")
                    }
                })
        }
    }

    /// The stream stands, TLS included.
    fileprivate func streamOpened(_ channel: any Channel) {
        guard !state.value.isClosed else {
            channel.close(promise: nil)
            return
        }
        guard let server = channel.remoteAddress.flatMap(TransportAddress.init) else {
            state.value.driver?.end("the server has no address")
            return
        }
        state.value.channel = channel
        let stream = RelayStream(channel: channel)
        state.value.driver?.connected(to: server, timer: makeTimer()) { stream.write($0) }
    }

    fileprivate func streamReceived(_ bytes: Span<UInt8>) {
        state.value.driver?.received(bytes)
    }

    fileprivate func streamClosed(_ reason: String) {
        state.value.channel = nil
        state.value.driver?.end(reason)
    }
}

/// The end of a stream's pipeline: bytes for the relay's driver.
private final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: RelayConnection
    private var reason = "connection closed"

    init(connection: RelayConnection) {
        self.connection = connection
    }

    func channelActive(context: ChannelHandlerContext) {
        connection.streamOpened(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        connection.streamReceived(buffer.readableBytesUInt8Span)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = "\(error)"
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.streamClosed(reason)
    }
}

extension NetworkContext {
    /// Asks a TURN server for an allocation.
    ///
    /// - Parameters:
    ///   - onAllocated: called on the loop, once.
    ///   - onDatagram: what a peer sent to the relayed address; the span is valid during the call only.
    ///   - onEnd: nothing is relayed, now or any more; called at most once, with the reason.
    package func openRelay(
        _ server: RelayServer, random: RandomSource,
        onAllocated: @escaping @Sendable (RelayAllocation) -> Void,
        onDatagram: @escaping @Sendable (Span<UInt8>, TransportAddress) -> Void,
        onEnd: @escaping @Sendable (String) -> Void
    ) -> RelayConnection {
        let connection = RelayConnection(eventLoop: eventLoop)
        let callbacks = RelayDriver.Callbacks(onAllocated: onAllocated, onDatagram: onDatagram, onEnd: onEnd)
        eventLoop.onLoop { [self] in
            connection.open(server, network: self, random: random, callbacks: callbacks)
        }
        return connection
    }
}
