package import Basis
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A bound UDP socket that NIO reads, several datagrams per system call, and that sends without NIO.
///
/// NIO's datagram channel closes itself when the kernel refuses a datagram (ENETUNREACH with the cable pulled, EPERM by
/// a firewall). For media and ICE checks such a refusal is the loss of one datagram and nothing more; so sending uses a
/// duplicate of the descriptor, costs no allocation, and never waits: what does not fit the kernel's buffer is lost.
package final class UDPSocket: Sendable {
    package struct Counters: Equatable, Sendable {
        package var sent = 0
        /// Datagrams that the kernel did not take, and those of the other address family.
        package var dropped = 0
    }

    /// The largest datagram that is received whole; media and STUN stay below 1500 bytes.
    package static let maximumDatagram = 2048
    private static let datagramsPerRead = 32

    /// The bound address with the port that the kernel chose.
    package let localAddress: TransportAddress
    private let channel: any Channel
    private let sending: Mutex<Sending>

    private struct Sending: ~Copyable {
        let descriptor: CInt
        var isClosed = false
        var counters = Counters()
        var batch = DatagramBatch()

        init(descriptor: CInt) {
            self.descriptor = descriptor
        }

        mutating func flush() {
            guard !batch.isEmpty else { return }
            let count = batch.count
            let sent = isClosed ? 0 : batch.send(on: descriptor)
            counters.sent += sent
            counters.dropped += count - sent
            batch.removeAll()
        }

        mutating func close() {
            guard !isClosed else { return }
            isClosed = true
            _ = Glibc.close(descriptor)
        }
    }

    private init(channel: any Channel, localAddress: TransportAddress, descriptor: CInt) {
        self.channel = channel
        self.localAddress = localAddress
        sending = Mutex(Sending(descriptor: descriptor))
    }

    deinit {
        sending.withLock { $0.close() }
    }

    package var counters: Counters { sending.withLock { $0.counters } }

    /// Sends one datagram now, from any thread; a loss is counted and otherwise silent.
    package func send(_ bytes: [UInt8], to remote: TransportAddress) {
        send(bytes.span, to: remote)
    }

    package func send(_ bytes: Span<UInt8>, to remote: TransportAddress) {
        sending.withLock { sending in
            guard !sending.isClosed, remote.address.isV6 == localAddress.address.isV6 else {
                sending.counters.dropped += 1
                return
            }
            let descriptor = sending.descriptor
            let sent = bytes.withUnsafeBytes { buffer in
                remote.withSocketAddress { address, length in
                    sendto(descriptor, buffer.baseAddress, buffer.count, 0, address, length)
                }
            }
            if sent == bytes.count { sending.counters.sent += 1 } else { sending.counters.dropped += 1 }
        }
    }

    /// Keeps one datagram for `flush`, so that a picture's packets leave in one system call; at most some dozens wait.
    package func enqueue(_ bytes: Span<UInt8>, to remote: TransportAddress) {
        sending.withLock { sending in
            guard !sending.isClosed, remote.address.isV6 == localAddress.address.isV6 else {
                sending.counters.dropped += 1
                return
            }
            if !sending.batch.takes(bytes.count, to: remote) { sending.flush() }
            sending.batch.append(bytes, to: remote)
        }
    }

    /// Sends what waits; a loss is counted and otherwise silent.
    package func flush() {
        sending.withLock { $0.flush() }
    }

    /// Frees the port; no datagram is delivered any more once the loop has seen it.
    package func close() {
        sending.withLock { $0.close() }
        channel.close(promise: nil)
    }

    fileprivate static func bind(
        on eventLoop: any EventLoop, address: TransportAddress, receiveBuffer: Int, sendBuffer: Int,
        onDatagram: @escaping @Sendable (Span<UInt8>, TransportAddress) -> Void,
        onRest: @escaping @Sendable () -> Void, onFailure: @escaping @Sendable (NetworkError) -> Void
    ) -> EventLoopFuture<UDPSocket> {
        let host = address.description
        guard let local = try? address.socketAddress() else {
            return eventLoop.makeFailedFuture(NetworkError.connect(host: host, detail: "not an address"))
        }
        return DatagramBootstrap(group: eventLoop)
            .channelOption(.datagramVectorReadMessageCount, value: datagramsPerRead)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: maximumDatagram * datagramsPerRead)
            )
            .channelOption(.socketOption(.so_rcvbuf), value: numericCast(receiveBuffer))
            .channelOption(.socketOption(.so_sndbuf), value: numericCast(sendBuffer))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = DatagramHandler(
                        host: host, onDatagram: onDatagram, onRest: onRest, onFailure: onFailure)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(to: local)
            .flatMapThrowing { channel in
                let descriptor = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                    of: NIOBSDSocket.Handle.self
                ) { dup($0) }
                guard let descriptor, descriptor >= 0, let bound = channel.localAddress.flatMap(TransportAddress.init)
                else {
                    channel.close(promise: nil)
                    throw NetworkError.connect(host: host, detail: "no descriptor")
                }
                return UDPSocket(channel: channel, localAddress: bound, descriptor: descriptor)
            }
    }
}

private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let host: String
    private let onDatagram: @Sendable (Span<UInt8>, TransportAddress) -> Void
    private let onRest: @Sendable () -> Void
    private let onFailure: @Sendable (NetworkError) -> Void
    private var error: NetworkError?

    init(
        host: String, onDatagram: @escaping @Sendable (Span<UInt8>, TransportAddress) -> Void,
        onRest: @escaping @Sendable () -> Void, onFailure: @escaping @Sendable (NetworkError) -> Void
    ) {
        self.host = host
        self.onDatagram = onDatagram
        self.onRest = onRest
        self.onFailure = onFailure
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let remote = TransportAddress(envelope.remoteAddress) else { return }
        onDatagram(envelope.data.readableBytesUInt8Span, remote)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        onRest()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = NetworkError(error, host: host)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let error { onFailure(error) }
    }
}

extension NetworkContext {
    /// Binds a UDP socket; port 0 lets the kernel choose.
    ///
    /// - Parameters:
    ///   - receiveBuffer: bytes asked of the kernel; a key frame arrives as one burst.
    ///   - onDatagram: called on the loop for each datagram; the span is valid during the call only.
    ///   - onRest: called on the loop after `onDatagram` when no more datagrams are there at present: what is done for all
    ///     of them at once costs less.
    ///   - onFailure: called on the loop when the socket died by itself, at most once.
    ///   - completion: called on the loop.
    package func bindUDP(
        address: IPAddress, port: UInt16 = 0, receiveBuffer: Int = 1 << 20, sendBuffer: Int = 1 << 19,
        onDatagram: @escaping @Sendable (Span<UInt8>, TransportAddress) -> Void,
        onRest: @escaping @Sendable () -> Void = {},
        onFailure: @escaping @Sendable (NetworkError) -> Void = { _ in },
        completion: @escaping @Sendable (Result<UDPSocket, NetworkError>) -> Void
    ) {
        let local = TransportAddress(address, port: port)
        UDPSocket.bind(
            on: eventLoop, address: local, receiveBuffer: receiveBuffer, sendBuffer: sendBuffer,
            onDatagram: onDatagram, onRest: onRest, onFailure: onFailure
        ).whenComplete { result in
            completion(result.mapError { NetworkError($0, host: local.description) })
        }
    }
}
