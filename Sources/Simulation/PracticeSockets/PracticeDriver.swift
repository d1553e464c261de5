import Basis
import NIOCore
import NIOWebSocket
import Practice

/// Moves what the conference wants between it and the sockets. Belongs to its loop.
final class PracticeDriver {
    private static let maximumSockets = 64
    /// A socket whose reader is this far behind is closed.
    private static let maximumPending = 1 << 20

    private struct Socket {
        let channel: any Channel
        var pending = 0
    }

    private let eventLoop: any EventLoop
    private let http: any Channel
    private let media: any Channel
    private var conference: PracticeConference
    private var sockets: [Int: Socket] = [:]
    private var socketsGiven = 0
    private var timer: (task: Scheduled<Void>, at: MonotonicInstant)?
    private var datagram: [UInt8] = []
    private var isStopped = false

    init(
        eventLoop: any EventLoop, conference: consuming PracticeConference, http: any Channel, media: any Channel
    ) {
        self.eventLoop = eventLoop
        self.conference = conference
        self.http = http
        self.media = media
    }

    private var now: MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(clamping: eventLoop.now.uptimeNanoseconds))
    }

    // MARK: HTTP and WebSockets

    func configScript() -> String { conference.configScript() }

    func admission(path: String) -> PracticeAdmission {
        isStopped || sockets.count >= Self.maximumSockets ? .refused(status: 503) : conference.admission(path: path)
    }

    /// An upgraded connection; its id, or nil when it is not wanted after all.
    func opened(_ channel: any Channel, path: String) -> Int? {
        guard !isStopped else { return nil }
        socketsGiven += 1
        sockets[socketsGiven] = Socket(channel: channel)
        let id = socketsGiven
        if case .refused = conference.socketOpened(id, path: path, at: now) {
            sockets[id] = nil
            return nil
        }
        settle()
        return id
    }

    func received(_ id: Int, text: String) {
        guard !isStopped else { return }
        conference.socketReceived(id, text: text, at: now)
        settle()
    }

    func closed(_ id: Int) {
        guard sockets.removeValue(forKey: id) != nil, !isStopped else { return }
        conference.socketClosed(id, at: now)
        settle()
    }

    // MARK: Datagrams

    func received(_ bytes: ByteBuffer, from remote: TransportAddress) {
        guard !isStopped else { return }
        datagram.removeAll(keepingCapacity: true)
        datagram.append(contentsOf: bytes.readableBytesView)
        conference.receive(&datagram, from: remote, at: now)
    }

    /// After a burst of datagrams.
    func receivedAll() {
        guard !isStopped else { return }
        settle()
    }

    // MARK: Commands

    func observations() -> [PracticeObservation] { conference.observations() }

    func command(_ command: (inout PracticeConference, MonotonicInstant) -> Void) {
        guard !isStopped else { return }
        command(&conference, now)
        settle()
    }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        timer?.task.cancel()
        timer = nil
        for socket in sockets.values { socket.channel.close(promise: nil) }
        sockets = [:]
        http.close(promise: nil)
        media.close(promise: nil)
    }

    // MARK: Inside

    /// Sends all that there is and sets the alarm.
    private func settle() {
        var hasDatagrams = false
        while let remote = conference.pollDatagram(into: &datagram) {
            guard
                let address = try? SocketAddress(
                    packedIPAddress: ByteBuffer(bytes: remote.address.bytes), port: Int(remote.port))
            else { continue }
            let buffer = media.allocator.buffer(bytes: datagram)
            media.write(AddressedEnvelope(remoteAddress: address, data: buffer), promise: nil)
            hasDatagrams = true
        }
        if hasDatagrams { media.flush() }
        while let output = conference.poll() {
            switch output {
            case .sendText(let id, let text): send(text, on: id)
            case .closeSocket(let id, let code): close(id, code: code)
            }
        }
        arm(conference.soonest.instant)
    }

    private func send(_ text: String, on id: Int) {
        guard let socket = sockets[id] else { return }
        let data = socket.channel.allocator.buffer(string: text)
        let size = data.readableBytes
        guard socket.pending + size <= Self.maximumPending else { return socket.channel.close(promise: nil) }
        sockets[id]?.pending += size
        socket.channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, data: data))
            .assumeIsolated().whenComplete { [weak self] _ in self?.sockets[id]?.pending -= size }
    }

    private func close(_ id: Int, code: UInt16) {
        guard let socket = sockets.removeValue(forKey: id) else { return }
        var data = socket.channel.allocator.buffer(capacity: 2)
        data.writeInteger(code)
        let channel = socket.channel
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
            .whenComplete { _ in channel.close(promise: nil) }
    }

    /// One task at most: a deadline that moves later costs nothing until the task fires early.
    private func arm(_ deadline: MonotonicInstant?) {
        guard let deadline, !isStopped else {
            timer?.task.cancel()
            timer = nil
            return
        }
        if let timer, timer.at <= deadline { return }
        timer?.task.cancel()
        let at = NIODeadline.uptimeNanoseconds(UInt64(clamping: deadline.nanoseconds))
        let task = eventLoop.assumeIsolated().scheduleTask(deadline: at) { [weak self] in self?.fire() ?? () }
        timer = (task, deadline)
    }

    private func fire() {
        timer = nil
        guard !isStopped else { return }
        conference.advance(to: now)
        settle()
    }
}
