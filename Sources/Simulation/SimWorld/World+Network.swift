internal import Basis
package import Conference
internal import Jitsi
internal import MediaSession
internal import Practice
internal import RoomController

/// The wires: what leaves one side arrives at the other, later or not at all.
extension World {
    func carryOut(_ request: NetworkRequest, of number: Int) {
        switch request {
        case .get(let token, let url):
            record(.get(url: url))
            self.request(token, url: url, of: number)
        case .post(let token, let url, _, let body, _):
            record(.post(url: url.revealed))
            self.post(token, url: url.revealed, body: body.revealed, of: number)
        case .openWebSocket(let token, let url, _, _):
            record(.openedSocket(token.role, url: url.revealed))
            connect(token, url: url.revealed, of: number)
        case .sendText(let token, let text):
            record(.sent(token.role, text.revealed))
            sendFromBox(text.revealed, on: token, of: number)
        case .closeWebSocket(let token):
            record(.closedSocket(token.role))
            if let id = wires.socket(of: token, number) { closeByBox(id) }
        case .closeAll:
            for id in wires.sockets.filter({ $0.value.conference == number }).keys.sorted() { closeByBox(id) }
        case .openMediaSockets:
            closeMediaSockets()
            wires.hasMediaSockets = true
            wires.mediaConference = number
            wires.push(.mediaSocketsOpened(generation: wires.socketGeneration, of: number), at: now)
        case .closeMediaSockets: closeMediaSockets()
        case .resolve(let host, let port): resolve(host, port: port, of: number)
        case .lookUp(let look, let host): lookUp(look, host, of: number)
        case .greet(let look, _): greet(look, of: number)
        case .fetchCalendar(let look):
            wires.push(.answer(.calendar(number: look, network.calendar), of: number), at: now + network.latency * 4)
        case .openRelay(let relay, let service): openRelay(relay, service.host, of: number)
        case .closeRelays: wires.relays = []
        // Addresses change by `moveBox`, which tells.
        case .abandonRequests, .refreshMediaSockets: break
        }
    }

    private func closeMediaSockets() {
        wires.socketGeneration += 1
        wires.hasMediaSockets = false
        wires.relays = []
    }

    // MARK: Requests

    private func request(_ token: RequestToken, url: String, of number: Int) {
        traffic.requests += 1
        guard !network.isCut else {
            return wires.push(.answer(.failure(token, .unreachable), of: number), at: now + Self.requestLimit)
        }
        let arrival = now + network.latency * 4
        guard case .configuration = token else {
            // The practice server knows no conference requests over HTTP.
            return wires.push(.answer(.response(token, status: 404, body: []), of: number), at: arrival)
        }
        switch network.configuration {
        case .served:
            let isThere = Self.target(of: url) == "/config.js"
            let body = isThere ? Array(configuration.utf8) : []
            wires.push(.answer(.response(token, status: isThere ? 200 : 404, body: body), of: number), at: arrival)
        case .status(let status):
            wires.push(.answer(.response(token, status: status, body: []), of: number), at: arrival)
        case .body(let text):
            wires.push(.answer(.response(token, status: 200, body: Array(text.utf8)), of: number), at: arrival)
        case .trouble(let trouble): wires.push(.answer(.failure(token, trouble), of: number), at: arrival)
        }
    }

    private func post(_ token: RequestToken, url: String, body: String, of number: Int) {
        guard options.speaksBOSH, case .bosh = token, !network.isCut else {
            return request(token, url: url, of: number)
        }
        traffic.requests += 1
        wires.push(.bosh(body, WorldBOSH.Held(token: token, number: number)), at: now + network.latency)
    }

    /// What config.js says: of a server that speaks BOSH alone where the world is one.
    private var configuration: String {
        let script = practice.configScript()
        guard options.speaksBOSH else { return script }
        return script.split(separator: "\n", omittingEmptySubsequences: false)
            .map {
                $0.contains("websocket:") ? "            bosh: 'http://\(Self.serverAddress)/http-bind'," : String($0)
            }
            .joined(separator: "\n")
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

    // MARK: Names and the check of the connection

    private func resolve(_ host: String, port: UInt16, of number: Int) {
        guard !network.isCut, let addresses = network.names[host] else { return }
        let found = addresses.map { TransportAddress($0, port: port) }
        wires.push(.answer(.resolved(found), of: number), at: now + network.latency * 2)
    }

    private func lookUp(_ look: Int, _ host: String, of number: Int) {
        let isFound = !network.isCut && network.configuration != .trouble(.nameNotFound)
        wires.push(.answer(.lookedUp(number: look, isFound: isFound), of: number), at: now + network.latency * 2)
    }

    private func greet(_ look: Int, of number: Int) {
        var trouble: NetworkTrouble?
        if case .trouble(let met) = network.configuration { trouble = met }
        if network.isCut { trouble = .unreachable }
        wires.push(.answer(.greeted(number: look, trouble), of: number), at: now + network.latency * 4)
    }

    // MARK: WebSockets

    private func connect(_ token: SocketToken, url: String, of number: Int) {
        let id = wires.add(Socket(conference: number, token: token))
        guard !network.isCut else {
            return wires.push(.refused(socket: id, .unreachable), at: now + Self.requestLimit)
        }
        switch token.role == .signalling ? network.signalling : network.bridgeChannel {
        case .served: wires.push(.upgrade(socket: id, path: Self.target(of: url)), at: now + network.latency * 3)
        case .status(let status): wires.push(.refused(socket: id, .status(status)), at: now + network.latency * 4)
        // A page in place of the upgrade.
        case .body: wires.push(.refused(socket: id, .status(200)), at: now + network.latency * 4)
        case .trouble(let trouble): wires.push(.refused(socket: id, trouble), at: now + network.latency * 4)
        }
    }

    private func sendFromBox(_ text: String, on token: SocketToken, of number: Int) {
        guard let id = wires.socket(of: token, number) else { return }
        traffic.texts += 1
        carry(.textToServer(socket: id, text))
    }

    /// Texts are carried in order and never lost; while the cable is out they wait.
    private func carry(_ delivery: Delivery) {
        if let id = delivery.socket, wires.sockets[id]?.isDead == true { return }
        if network.isCut {
            wires.waitingTexts.append(delivery)
        } else {
            wires.push(delivery, at: now + network.latency)
        }
    }

    func releaseWaitingTexts() {
        let waiting = wires.waitingTexts
        wires.waitingTexts = []
        for delivery in waiting { carry(delivery) }
    }

    private func closeByBox(_ id: Int) {
        guard wires.sockets[id]?.isHeld == true else { return }
        wires.sockets[id]?.isHeld = false
        carry(.closeToServer(socket: id))
    }

    /// The connection under a socket breaks, for both sides.
    package func breakSocket(_ role: SocketRole) {
        guard
            let id = wires.sockets.first(where: { $0.value.token.role == role && $0.value.isHeld && $0.value.isOpen })?
                .key
        else { return }
        wires.push(.refused(socket: id, .broken), at: now + network.latency)
        practice.socketClosed(id, at: now)
        settlePractice()
    }

    /// The server finds out by itself that the box's signalling connection is dead.
    package func serverNoticesDeadSocket() {
        let dead = wires.sockets.filter { $0.value.token.role == .signalling && $0.value.isOpen }.keys
        for id in dead { practice.socketClosed(id, at: now) }
        settlePractice()
    }

    // MARK: Addresses

    /// The box is on another network: its address and whatever ran on it are gone, a new one is there after `gap`.
    package func moveBox(gap: Duration = .zero) {
        for id in wires.sockets.keys { wires.sockets[id]?.isDead = true }
        wires.boxAddress = TransportAddress(.v4(0xC633_6401), port: wires.boxAddress.port + 1)
        replugBox(gap: gap)
    }

    /// The box's address is gone, and is there again after `gap`, as when a cable is put in again.
    package func replugBox(gap: Duration) {
        tell { [wires] in $0.answered(.mediaSocketsChanged([]), of: wires.mediaConference, at: $1) }
        wires.push(.addressGained(wires.boxAddress, generation: wires.socketGeneration), at: now + gap)
    }

    // MARK: Datagrams

    func sendFromBox(_ bytes: [UInt8], on path: DatagramPath) {
        let kind = DatagramKind(bytes)
        traffic.count(kind, at: now)
        let isRelayed = wires.relays.contains(path.local)
        if path.remote != Self.bridgeAddress { traffic.elsewhere.insert(path.remote) }
        guard path.remote == Self.bridgeAddress, isRelayed || path.local == wires.boxAddress,
            let delay = delay(of: kind, isRelayed: isRelayed)
        else { return }
        wires.push(.datagramToBridge(bytes, from: path.local), at: now + delay)
    }

    /// How long a datagram takes; nil when it gets lost.
    private func delay(of kind: DatagramKind, isRelayed: Bool) -> Duration? {
        guard !network.isCut, isRelayed || !network.blocksDatagrams else { return nil }
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
            let isRelayed = wires.relays.contains(remote)
            guard let delay = delay(of: DatagramKind(datagram), isRelayed: isRelayed) else { continue }
            wires.push(.datagramToBox(datagram, to: remote, generation: wires.socketGeneration), at: now + delay)
        }
        while let output = practice.poll() {
            switch output {
            case .sendText(let socket, let text) where wires.bosh.said(text, on: socket):
                if let (held, body) = wires.bosh.takeAnswer(on: socket) { answerBOSH(held, status: 200, body) }
            case .sendText(let socket, let text): carry(.textToBox(socket: socket, text))
            case .closeSocket(let socket, let code): carry(.closeToBox(socket: socket, code: Int(code)))
            }
        }
        practiceAlarm = practice.soonest.instant
    }

    // MARK: Arrival

    func deliver(_ delivery: Delivery) {
        wires.arrived(delivery)
        switch delivery {
        case .answer(let answer, let number): tell { $0.answered(answer, of: number, at: $1) }
        case .upgrade(let id, let path): upgrade(id, path: path)
        case .upgraded(let id):
            guard let socket = listening(id) else { return }
            wires.sockets[id]?.isOpen = true
            tell { $0.answered(.webSocketOpened(socket.token), of: socket.conference, at: $1) }
        case .refused(let id, let trouble): end(id, code: nil, trouble)
        case .closeToBox(let id, let code): end(id, code: code, nil)
        case .textToBox(let id, let text):
            guard let socket = listening(id) else { return }
            record(.received(socket.token.role, text))
            tell { $0.answered(.webSocketText(socket.token, text), of: socket.conference, at: $1) }
        case .textToServer(let id, let text):
            practice.socketReceived(id, text: text, at: now)
            settlePractice()
        case .closeToServer(let id):
            wires.sockets[id] = nil
            practice.socketClosed(id, at: now)
            settlePractice()
        case .mediaSocketsOpened(let generation, let number):
            guard generation == wires.socketGeneration else { return }
            let bound = network.isCut ? [] : [wires.boxAddress]
            tell { $0.answered(.mediaSocketsOpened(bound), of: number, at: $1) }
        case .addressGained(let address, let generation):
            guard generation == wires.socketGeneration, address == wires.boxAddress else { return }
            tell { [wires] in $0.answered(.mediaSocketsChanged([address]), of: wires.mediaConference, at: $1) }
        case .bosh(let body, let request): receiveBOSH(body, request)
        case .boshExpiry(let request):
            if let (held, body) = wires.bosh.expire(request) { answerBOSH(held, status: 200, body) }
        case .datagramToBridge(let bytes, let sender):
            datagram = bytes
            practice.receive(&datagram, from: sender, at: now)
            settlePractice()
        case .datagramToBox(let bytes, let local, let generation):
            guard wires.hasMediaSockets, generation == wires.socketGeneration,
                local == wires.boxAddress || wires.relays.contains(local)
            else { return }
            receive(bytes, on: DatagramPath(local: local, remote: Self.bridgeAddress))
        }
    }

    private func receive(_ bytes: [UInt8], on path: DatagramPath) {
        datagram = bytes
        if case .audio(let ssrc, _, _, _, _) = controller.receive(&datagram, on: path, at: now) {
            observed.heard[ssrc, default: 0] += 1
        }
        drain()
    }

    /// The socket, if the box still listens to it.
    private func listening(_ id: Int) -> Socket? {
        guard let socket = wires.sockets[id], socket.isHeld else { return nil }
        return socket
    }

    private func upgrade(_ id: Int, path: String) {
        guard wires.sockets[id]?.isHeld == true else { return }
        switch practice.socketOpened(id, path: path, at: now) {
        case .signalling, .bridgeChannel: wires.push(.upgraded(socket: id), at: now + network.latency)
        case .refused(let status): wires.push(.refused(socket: id, .status(status)), at: now + network.latency)
        }
        settlePractice()
    }

    private func end(_ id: Int, code: Int?, _ trouble: NetworkTrouble?) {
        let socket = listening(id)
        wires.sockets[id] = nil
        guard let socket else { return }
        record(.closedSocket(socket.token.role))
        tell { $0.answered(.webSocketClosed(socket.token, code: code, trouble), of: socket.conference, at: $1) }
    }
}
