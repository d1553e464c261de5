import NIOCore

/// The sending side of a TURN connection over TCP or TLS (RFC 8656 section 3.1).
///
/// Media that cannot leave now is worth nothing later, and a stream delivers all of it, late: what is relayed is dropped
/// while the peer does not take what was written, as a full queue drops datagrams. TURN's own messages always go.
struct RelayStream {
    /// What waits in the process and, as much again, in the kernel: a third of a second of a good picture.
    static let maximumWaiting = 64 << 10

    let channel: any Channel

    /// Channel options of the connection.
    static func configure(_ channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(
            .writeBufferWaterMark,
            value: ChannelOptions.Types.WriteBufferWaterMark(low: maximumWaiting / 2, high: maximumWaiting))
        try options.setOption(.socketOption(.so_sndbuf), value: SocketOptionValue(maximumWaiting))
    }

    /// Writes one message of TURN; false when it was dropped.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        guard channel.isWritable || !Self.isRelayed(bytes) else { return false }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        return true
    }

    /// Whether a message is ChannelData (RFC 8656 section 12.4), all that we relay in.
    private static func isRelayed(_ bytes: [UInt8]) -> Bool {
        bytes.first.map { (64...79).contains($0) } ?? false
    }
}
