internal import Basis
package import Conference
internal import MediaSession
internal import Practice

/// Something on its way.
enum Delivery {
    case response(conferenceNumber: Int, RequestToken, status: Int, body: [UInt8])
    case failure(conferenceNumber: Int, RequestToken, NetworkTrouble)
    /// The upgrade request reaches the server.
    case upgrade(socket: Int, path: String)
    case upgraded(socket: Int)
    case refused(socket: Int, NetworkTrouble)
    case textToServer(socket: Int, String)
    case textToBox(socket: Int, String)
    case closeToServer(socket: Int)
    case closeToBox(socket: Int, code: Int)
    case mediaSocketsOpened(generation: Int)
    case addressGained(TransportAddress, generation: Int)
    case datagramToBridge([UInt8], from: TransportAddress)
    case datagramToBox([UInt8], to: TransportAddress, generation: Int)
}

extension Delivery {
    /// The WebSocket that it is on.
    fileprivate var socket: Int? {
        switch self {
        case .textToServer(let socket, _), .textToBox(let socket, _), .closeToServer(let socket),
            .closeToBox(let socket, _):
            socket
        case .response, .failure, .upgrade, .upgraded, .refused, .mediaSocketsOpened, .addressGained,
            .datagramToBridge, .datagramToBox:
            nil
        }
    }
}

/// A WebSocket between the box and the server.
struct Socket {
    let conferenceNumber: Int
    let token: SocketToken
    var isOpen = false
    /// Whether the box still listens to it.
    var isHeld = true
    /// Whether the address that it began at is gone: nothing gets through, and neither side is told.
    var isDead = false
}

/// The wires: what leaves one side arrives at the other, later or not at all.
extension World {
    // MARK: Requests

    func request(_ token: RequestToken, url: String) {
        traffic.requests += 1
        guard !network.isCut else {
            return queue.push(
                .failure(conferenceNumber: conferenceNumber, token, .unreachable), at: now + Self.requestLimit)
        }
        let arrival = now + network.latency * 4
        guard case .configuration = token else {
            // The practice server speaks no BOSH and knows no conference requests over HTTP.
            return queue.push(.response(conferenceNumber: conferenceNumber, token, status: 404, body: []), at: arrival)
        }
        switch network.configuration {
        case .served:
            let path = Self.target(of: url)
            let body = path == "/config.js" ? Array(practice.configScript().utf8) : []
            queue.push(
                .response(
                    conferenceNumber: conferenceNumber, token, status: path == "/config.js" ? 200 : 404, body: body),
                at: arrival)
        case .status(let status):
            queue.push(.response(conferenceNumber: conferenceNumber, token, status: status, body: []), at: arrival)
        case .trouble(let trouble):
            queue.push(.failure(conferenceNumber: conferenceNumber, token, trouble), at: arrival)
        }
    }

    /// Path and query of an address.
    private static func target(of url: String) -> String {
        var slashes = 0
        guard
            let start = url.indices.first(where: { index in
                if url[index] == "/" { slashes += 1 }
                return slashes == 3
            })
        else { return "/" }
        return String(url[start...])
    }

    // MARK: WebSockets

    func connect(_ token: SocketToken, url: String) {
        socketsGiven += 1
        let id = socketsGiven
        sockets[id] = Socket(conferenceNumber: conferenceNumber, token: token)
        guard !network.isCut else {
            return queue.push(.refused(socket: id, .unreachable), at: now + Self.requestLimit)
        }
        switch token.role == .signalling ? network.signalling : network.bridgeChannel {
        case .served: queue.push(.upgrade(socket: id, path: Self.target(of: url)), at: now + network.latency * 3)
        case .status(let status): queue.push(.refused(socket: id, .status(status)), at: now + network.latency * 4)
        case .trouble(let trouble): queue.push(.refused(socket: id, trouble), at: now + network.latency * 4)
        }
    }

    func socket(of token: SocketToken) -> Int? {
        sockets.first { $0.value.token == token && $0.value.conferenceNumber == conferenceNumber && $0.value.isHeld }?
            .key
    }

    func sendFromBox(_ text: String, on token: SocketToken) {
        guard let id = socket(of: token) else { return }
        traffic.texts += 1
        carry(.textToServer(socket: id, text))
    }

    /// Texts are carried in order and never lost; while the cable is out they wait.
    private func carry(_ delivery: Delivery) {
        if let id = delivery.socket, sockets[id]?.isDead == true { return }
        if network.isCut {
            waitingTexts.append(delivery)
        } else {
            queue.push(delivery, at: now + network.latency)
        }
    }

    func releaseWaitingTexts() {
        let waiting = waitingTexts
        waitingTexts = []
        for delivery in waiting { carry(delivery) }
    }

    func closeByBox(_ id: Int) {
        guard sockets[id]?.isHeld == true else { return }
        sockets[id]?.isHeld = false
        carry(.closeToServer(socket: id))
    }

    /// The connection under a socket breaks, for both sides.
    package func breakSocket(_ role: SocketRole) {
        guard let (id, _) = sockets.first(where: { $0.value.token.role == role && $0.value.isHeld && $0.value.isOpen })
        else { return }
        queue.push(.refused(socket: id, .broken), at: now + network.latency)
        practice.socketClosed(id, at: now)
        settlePractice()
    }

    /// The server finds out by itself that the box's signalling connection is dead.
    package func serverNoticesDeadSocket() {
        let dead = sockets.filter { $0.value.token.role == .signalling && $0.value.isOpen }.keys
        for id in dead { practice.socketClosed(id, at: now) }
        settlePractice()
    }

    // MARK: Addresses

    /// The box is on another network: its address and whatever ran on it are gone, a new one is there after `gap`.
    package func moveBox(gap: Duration = .zero) {
        for id in sockets.keys { sockets[id]?.isDead = true }
        boxAddress = TransportAddress(.v4(0xC633_6401), port: boxAddress.port + 1)
        conference?.socketsChanged([], at: now)
        drainConference()
        let (generation, address) = (socketGeneration, boxAddress)
        queue.push(.addressGained(address, generation: generation), at: now + gap)
    }

    /// The box's address is gone, and is there again after `gap`, as when a cable is put in again.
    package func replugBox(gap: Duration) {
        conference?.socketsChanged([], at: now)
        drainConference()
        queue.push(.addressGained(boxAddress, generation: socketGeneration), at: now + gap)
    }

    // MARK: Datagrams

    func sendFromBox(_ bytes: [UInt8], on path: DatagramPath) {
        let kind = DatagramKind(bytes)
        traffic.count(kind, at: now)
        guard path.remote == Self.bridgeAddress, path.local == boxAddress, let delay = delay(of: kind) else { return }
        queue.push(.datagramToBridge(bytes, from: path.local), at: now + delay)
    }

    /// How long a datagram takes; nil when it gets lost.
    private func delay(of kind: DatagramKind) -> Duration? {
        guard !network.isCut, !network.blocksDatagrams else { return nil }
        if case .dtls = kind { return network.latency }
        if network.loss > 0, Double.random(in: 0..<1, using: &random) < network.loss {
            traffic.lost += 1
            return nil
        }
        guard network.jitter > .zero else { return network.latency }
        return network.latency
            + .nanoseconds(Int64.random(in: 0...network.jitter.wholeNanoseconds, using: &random))
    }

    // MARK: The other end

    /// Carries what the practice conference wants sent.
    func settlePractice() {
        while let remote = practice.pollDatagram(into: &datagram) {
            guard let delay = delay(of: DatagramKind(datagram)) else { continue }
            queue.push(.datagramToBox(datagram, to: remote, generation: socketGeneration), at: now + delay)
        }
        while let output = practice.poll() {
            switch output {
            case .sendText(let socket, let text): carry(.textToBox(socket: socket, text))
            case .closeSocket(let socket, let code): carry(.closeToBox(socket: socket, code: Int(code)))
            }
        }
        practiceAlarm = practice.soonest.instant
    }

    // MARK: Arrival

    func deliver(_ delivery: Delivery) {
        switch delivery {
        case .response(let number, let token, let status, let body):
            guard number == conferenceNumber else { return }
            conference?.received(token, status: status, body: body, at: now)
            drainConference()
        case .failure(let number, let token, let trouble):
            guard number == conferenceNumber else { return }
            conference?.requestFailed(token, trouble, at: now)
            drainConference()
        case .upgrade(let id, let path): upgrade(id, path: path)
        case .upgraded(let id):
            guard let socket = listening(id) else { return }
            sockets[id]?.isOpen = true
            conference?.webSocketOpened(socket.token, at: now)
            drainConference()
        case .refused(let id, let trouble): end(id, code: nil, trouble)
        case .closeToBox(let id, let code): end(id, code: code, nil)
        case .textToBox(let id, let text):
            guard let socket = listening(id) else { return }
            record(.received(socket.token.role, text))
            conference?.webSocketReceived(socket.token, text: text, at: now)
            drainConference()
        case .textToServer(let id, let text):
            practice.socketReceived(id, text: text, at: now)
            settlePractice()
        case .closeToServer(let id):
            sockets[id] = nil
            practice.socketClosed(id, at: now)
            settlePractice()
        case .mediaSocketsOpened(let generation):
            guard generation == socketGeneration else { return }
            conference?.socketsOpened(network.isCut ? [] : [boxAddress], at: now)
            drainConference()
        case .addressGained(let address, let generation):
            guard generation == socketGeneration, address == boxAddress else { return }
            conference?.socketsChanged([address], at: now)
            drainConference()
        case .datagramToBridge(let bytes, let sender):
            datagram = bytes
            practice.receive(&datagram, from: sender, at: now)
            settlePractice()
        case .datagramToBox(let bytes, let local, let generation):
            guard hasMediaSockets, generation == socketGeneration, local == boxAddress else { return }
            datagram = bytes
            let path = DatagramPath(local: local, remote: Self.bridgeAddress)
            if case .audio(let ssrc, _, _, _, _) = conference?.receive(&datagram, on: path, at: now) {
                heard[ssrc, default: 0] += 1
            }
            drainConference()
        }
    }

    /// The socket, if the conference of now still listens to it.
    private func listening(_ id: Int) -> Socket? {
        guard let socket = sockets[id], socket.isHeld, socket.conferenceNumber == conferenceNumber else { return nil }
        return socket
    }

    private func upgrade(_ id: Int, path: String) {
        guard sockets[id]?.isHeld == true else { return }
        switch practice.socketOpened(id, path: path, at: now) {
        case .signalling, .bridgeChannel: queue.push(.upgraded(socket: id), at: now + network.latency)
        case .refused(let status): queue.push(.refused(socket: id, .status(status)), at: now + network.latency)
        }
        settlePractice()
    }

    private func end(_ id: Int, code: Int?, _ trouble: NetworkTrouble?) {
        let socket = listening(id)
        sockets[id] = nil
        guard let socket else { return }
        record(.closedSocket(socket.token.role))
        conference?.webSocketClosed(socket.token, code: code, trouble, at: now)
        drainConference()
    }
}
