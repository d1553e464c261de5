import NIOCore
import NIOWebSocket

/// The state of one WebSocket. Belongs to the loop.
final class WebSocketConnection {
    private enum Phase {
        case connecting(channel: (any Channel)?)
        case open(any Channel)
        case closing(any Channel, code: UInt16)
        case ended
    }

    private let eventLoop: any EventLoop
    private let limits: WebSocketLimits
    private var phase = Phase.connecting(channel: nil)
    private var onOpen: (@Sendable () -> Void)?
    private var onText: (@Sendable (String) -> Void)?
    private var onSkip: (@Sendable () -> Void)?
    private var onClose: (@Sendable (WebSocketEnd) -> Void)?
    private var host = ""
    private var timer: Scheduled<Void>?
    /// The fragments so far of a message; meaningful while `isFragmented`.
    private var message: [UInt8] = []
    private var isFragmented = false
    /// The message that is coming is too long: its fragments are passed over to its end.
    private var isSkipping = false
    private var pendingBytes = 0
    private var silentPings = 0

    init(
        eventLoop: any EventLoop, limits: WebSocketLimits, onOpen: @escaping @Sendable () -> Void,
        onText: @escaping @Sendable (String) -> Void, onSkip: @escaping @Sendable () -> Void,
        onClose: @escaping @Sendable (WebSocketEnd) -> Void
    ) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.onOpen = onOpen
        self.onText = onText
        self.onSkip = onSkip
        self.onClose = onClose
    }

    var isConnecting: Bool {
        if case .connecting = phase { true } else { false }
    }

    var maximumMessage: Int { limits.maximumMessage }

    // MARK: Opening

    func begin(host: String, timeout: TimeAmount) {
        guard isConnecting else { return }
        self.host = host
        schedule(in: timeout) { $0.finish(.failed(.timeout(host: host))) }
    }

    /// The TCP connection that won; from here on its end is the socket's end.
    func connected(_ channel: any Channel) {
        guard isConnecting else { return channel.close(promise: nil) }
        phase = .connecting(channel: channel)
    }

    /// The upgrade succeeded.
    func opened(_ channel: any Channel) {
        guard isConnecting else { return channel.close(promise: nil) }
        phase = .open(channel)
        schedulePing()
        onOpen?()
    }

    // MARK: Sending

    func send(_ text: String) {
        guard case .open(let channel) = phase else { return }
        write(.text, channel.allocator.buffer(string: text), to: channel)
    }

    func close(code: UInt16) {
        switch phase {
        case .connecting:
            finish(.closed(code: code, reason: ""))
        case .open(let channel):
            phase = .closing(channel, code: code)
            writeClose(code, to: channel)
            let host = host
            schedule(in: limits.closeTimeout) { $0.finish(.failed(.timeout(host: host))) }
        case .closing, .ended:
            break
        }
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, to channel: any Channel) {
        let size = data.readableBytes
        guard pendingBytes + size <= limits.maximumPending else {
            return finish(.failed(.overloaded(host: host)))
        }
        pendingBytes += size
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        channel.writeAndFlush(frame).assumeIsolated().whenComplete { [weak self] _ in
            self?.pendingBytes -= size
        }
    }

    private func writeClose(_ code: UInt16, to channel: any Channel) {
        var data = channel.allocator.buffer(capacity: 2)
        data.writeInteger(code)
        write(.connectionClose, data, to: channel)
    }

    private func schedulePing() {
        schedule(in: limits.pingInterval) { $0.ping() }
    }

    private func ping() {
        guard case .open(let channel) = phase else { return }
        // Two pings without any frame in return: the peer or the way to it is gone.
        guard silentPings < 2 else { return finish(.failed(.timeout(host: host))) }
        silentPings += 1
        write(.ping, channel.allocator.buffer(capacity: 0), to: channel)
        if case .open = phase { schedulePing() }
    }

    // MARK: Receiving

    /// The next frame stands for one whose payload was longer than any message may be.
    func expectOversizedFrame() {
        isSkipping = true
    }

    func received(_ frame: WebSocketFrame) {
        let channel: any Channel
        switch phase {
        case .open(let current), .closing(let current, _): channel = current
        case .connecting, .ended: return
        }
        silentPings = 0
        guard frame.maskKey == nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return violate(1002, "masked or extended frame", channel)
        }
        switch frame.opcode {
        case .text:
            guard !isFragmented else { return violate(1002, "text inside a fragmented message", channel) }
            append(frame, channel)
        case .continuation:
            guard isFragmented else { return violate(1002, "continuation of nothing", channel) }
            append(frame, channel)
        case .ping:
            write(.pong, frame.data, to: channel)
        case .pong:
            break
        case .connectionClose:
            receivedClose(frame, channel)
        default:
            violate(1003, "neither text nor control frame", channel)
        }
    }

    private func append(_ frame: WebSocketFrame, _ channel: any Channel) {
        isFragmented = !frame.fin
        if isSkipping || message.count + frame.data.readableBytes > limits.maximumMessage {
            message = []
            isSkipping = !frame.fin
            if case .open = phase, frame.fin { onSkip?() }
            return
        }
        message.append(contentsOf: frame.data.readableBytesView)
        guard frame.fin else { return }
        let text = String(validating: message, as: UTF8.self)
        message.removeAll(keepingCapacity: message.capacity <= 1 << 16)
        guard let text else { return violate(1007, "text that is not UTF-8", channel) }
        if case .open = phase { onText?(text) }
    }

    private func receivedClose(_ frame: WebSocketFrame, _ channel: any Channel) {
        var data = frame.data
        let code = data.readInteger(as: UInt16.self) ?? 1005
        let reason = String(decoding: data.readableBytesView, as: UTF8.self)
        if case .closing(_, let ours) = phase {
            return finish(.closed(code: code == 1005 ? ours : code, reason: reason))
        }
        writeClose(code == 1005 ? 1000 : code, to: channel)
        finish(.closed(code: code, reason: reason))
    }

    private func violate(_ code: UInt16, _ detail: String, _ channel: any Channel) {
        writeClose(code, to: channel)
        finish(.failed(.protocolViolation(detail)))
    }

    /// An error from the pipeline.
    func failed(_ error: any Error) {
        let translated = NetworkError(error, host: host)
        if case .open(let channel) = phase, let error = error as? NIOWebSocketError {
            writeClose(error == .invalidFrameLength ? 1009 : 1002, to: channel)
        }
        if case .closing(_, let code) = phase, case .connectionLost = translated {
            return finish(.closed(code: code, reason: ""))
        }
        finish(.failed(translated))
    }

    /// TCP is gone without a Close frame of the peer.
    func lost() {
        if case .closing(_, let code) = phase { return finish(.closed(code: code, reason: "")) }
        finish(.failed(.connectionLost(host: host)))
    }

    // MARK: The end

    func finish(_ end: WebSocketEnd) {
        let channel: (any Channel)?
        switch phase {
        case .connecting(let current): channel = current
        case .open(let current), .closing(let current, _): channel = current
        case .ended: return
        }
        phase = .ended
        timer?.cancel()
        timer = nil
        message = []
        let onClose = onClose
        self.onClose = nil
        onOpen = nil
        onText = nil
        onSkip = nil
        channel?.close(promise: nil)
        onClose?(end)
    }

    /// At most one timer runs: the opening's, the ping's or the closing's.
    private func schedule(in delay: TimeAmount, _ action: @escaping (WebSocketConnection) -> Void) {
        timer?.cancel()
        timer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            if let self { action(self) }
        }
    }
}
