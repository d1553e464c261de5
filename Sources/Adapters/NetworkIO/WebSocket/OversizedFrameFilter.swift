import NIOCore

/// Takes the payload out of data frames that are longer than is ever wanted (RFC 6455 section 5.2), before anybody
/// gathers it: what a server sends once too large it sends again after each resumption, so closing the socket over it
/// would never end. Frames of all other kinds pass untouched, malformed ones too, which the decoder behind refuses.
struct OversizedFrameFilter {
    private enum Phase {
        case header
        /// So many bytes of the payload are still to come.
        case passing(UInt64)
        case skipping(UInt64)
    }

    private let maximumPayload: Int
    private var phase = Phase.header
    private var header: [UInt8] = []

    /// - Parameter maximumPayload: of one frame, in bytes.
    init(maximumPayload: Int) {
        self.maximumPayload = maximumPayload
        header.reserveCapacity(14)
    }

    /// Moves what may pass from `input` to `output`, up to the first frame that is too long.
    ///
    /// - Returns: an empty frame of the same kind in that one's place, after which there may be more in `input`; nil when
    ///   all of `input` is taken.
    mutating func filter(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> [UInt8]? {
        while input.readableBytes > 0 {
            switch phase {
            case .passing(let left):
                let count = min(Int(clamping: left), input.readableBytes)
                if var part = input.readSlice(length: count) { output.writeBuffer(&part) }
                phase = left > UInt64(count) ? .passing(left - UInt64(count)) : .header
            case .skipping(let left):
                let count = min(Int(clamping: left), input.readableBytes)
                input.moveReaderIndex(forwardBy: count)
                phase = left > UInt64(count) ? .skipping(left - UInt64(count)) : .header
            case .header:
                guard let byte: UInt8 = input.readInteger() else { return nil }
                header.append(byte)
                guard header.count >= 2, header.count == headerLength else { continue }
                if let replacement = takeHeader(into: &output) { return replacement }
            }
        }
        return nil
    }

    private var isMasked: Bool { header[1] & 0x80 != 0 }

    /// Of the frame whose first two bytes are there.
    private var headerLength: Int {
        let extended = [126: 2, 127: 8][header[1] & 0x7F] ?? 0
        return 2 + extended + (isMasked ? 4 : 0)
    }

    private mutating func takeHeader(into output: inout ByteBuffer) -> [UInt8]? {
        defer { header.removeAll(keepingCapacity: true) }
        let short = header[1] & 0x7F
        let extended = header[2..<(short == 126 ? 4 : short == 127 ? 10 : 2)]
        let length = short < 126 ? UInt64(short) : extended.reduce(0) { $0 << 8 | UInt64($1) }
        // Continuation, text, binary; a length of more than 63 bits is malformed.
        let isData = header[0] & 0x0F <= 2
        guard isData, length > UInt64(maximumPayload), length >> 63 == 0 else {
            output.writeBytes(header)
            phase = length == 0 ? .header : .passing(length)
            return nil
        }
        phase = .skipping(length)
        return [header[0], header[1] & 0x80] + (isMasked ? header.suffix(4) : [])
    }
}

/// Filters the bytes of an open WebSocket ahead of the frame decoder.
final class OversizedFrameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var filter: OversizedFrameFilter
    private let connection: WebSocketConnection

    init(_ connection: WebSocketConnection) {
        filter = OversizedFrameFilter(maximumPayload: connection.maximumMessage)
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = unwrapInboundIn(data)
        while input.readableBytes > 0 {
            var output = context.channel.allocator.buffer(capacity: min(input.readableBytes, 1 << 16))
            let replacement = filter.filter(&input, into: &output)
            if output.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(output)) }
            guard let replacement else { continue }
            // The decoder has passed on all frames before it: the next one that the connection sees is this one.
            connection.expectOversizedFrame()
            context.fireChannelRead(wrapInboundOut(context.channel.allocator.buffer(bytes: replacement)))
        }
    }
}
