import Basis
import ICE
import NIOCore

/// Drives a TURN client over whatever connection there is: feeds it, drains it, arms its one timer. Belongs to the loop.
final class RelayDriver {
    struct Callbacks: Sendable {
        var onAllocated: @Sendable (RelayAllocation) -> Void
        var onDatagram: @Sendable (Span<UInt8>, TransportAddress) -> Void
        /// Called once, when nothing is relayed any more.
        var onEnd: @Sendable (String) -> Void
    }

    private let eventLoop: any EventLoop
    private let callbacks: Callbacks
    private var client: TURNClient
    private var stream: TURNStream?
    /// Hands bytes to the connection; nil before it stands and after its end.
    private var write: (([UInt8]) -> Void)?
    private var server: TransportAddress?
    private var timer: DeadlineTimer?
    private var frame: [UInt8] = []
    private var payload: [UInt8] = []
    private var hasEnded = false

    init(eventLoop: any EventLoop, client: TURNClient, isStream: Bool, callbacks: Callbacks) {
        self.eventLoop = eventLoop
        self.client = client
        self.callbacks = callbacks
        stream = isStream ? TURNStream() : nil
    }

    private var now: MonotonicInstant { MonotonicInstant(eventLoop.now) }

    /// The connection stands: asks for the allocation.
    func connected(to server: TransportAddress, timer: DeadlineTimer, write: @escaping ([UInt8]) -> Void) {
        guard !hasEnded else { return }
        self.server = server
        self.timer = timer
        self.write = write
        client.start(at: now)
        drain()
    }

    func received(_ bytes: Span<UInt8>) {
        guard !hasEnded else { return }
        if stream == nil {
            take(bytes)
        } else {
            stream?.append(bytes)
            var whole: [UInt8] = []
            swap(&whole, &frame)
            while stream?.next(into: &whole) == true { take(whole.span) }
            swap(&whole, &frame)
            if stream?.isBroken == true { return end("the server does not speak TURN") }
        }
        drain()
    }

    private func take(_ message: Span<UInt8>) {
        var relayed: [UInt8] = []
        swap(&relayed, &payload)
        if let sender = client.receive(message, payload: &relayed, at: now) {
            callbacks.onDatagram(relayed.span, sender)
        }
        swap(&relayed, &payload)
    }

    func send(_ bytes: Span<UInt8>, to peer: TransportAddress) {
        guard !hasEnded else { return }
        client.send(bytes, to: peer, at: now)
        drain()
    }

    func advance() {
        guard !hasEnded else { return }
        client.advance(to: now)
        drain()
    }

    /// Gives the allocation back and sends no more.
    func close() {
        guard !hasEnded else { return }
        hasEnded = true
        client.close(at: now)
        while let bytes = client.pollTransmit() { write?(bytes) }
        release()
    }

    /// The connection broke, or the client gave up.
    func end(_ reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        release()
        callbacks.onEnd(reason)
    }

    private func release() {
        write = nil
        timer?.arm(nil)
        timer = nil
    }

    private func drain() {
        while let bytes = client.pollTransmit() { write?(bytes) }
        while let event = client.pollEvent() {
            switch event {
            case .allocated(let relayed, let mapped):
                guard let server else { continue }
                callbacks.onAllocated(RelayAllocation(relayed: relayed, mapped: mapped, server: server))
            case .failed(let failure): return end("\(failure)")
            }
        }
        timer?.arm(client.soonest.instant)
    }
}
