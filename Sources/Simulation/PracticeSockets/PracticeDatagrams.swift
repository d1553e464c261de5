import Basis
import NIOCore
import NIOPosix

/// The bridge's UDP socket.
enum PracticeDatagrams {
    private static let datagramsPerRead = 16
    private static let largestDatagram = 2_048

    static func bind(
        on eventLoop: any EventLoop, host: IPAddress, hub: PracticeHub
    ) -> EventLoopFuture<any Channel> {
        DatagramBootstrap(group: eventLoop)
            .channelOption(.datagramVectorReadMessageCount, value: datagramsPerRead)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: largestDatagram * datagramsPerRead)
            )
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PracticeDatagramHandler(hub: hub))
                }
            }
            .bind(host: host.description, port: 0)
    }
}

private final class PracticeDatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let hub: PracticeHub

    init(hub: PracticeHub) {
        self.hub = hub
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let remote = TransportAddress(envelope.remoteAddress) else { return }
        hub.current?.received(envelope.data, from: remote)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        hub.current?.receivedAll()
    }

    /// On the loopback a refused datagram is that of a client that has closed its socket: lost, and nothing more.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
