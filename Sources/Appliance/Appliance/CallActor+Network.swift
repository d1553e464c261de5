internal import Basis
internal import Conference
internal import Jitsi
internal import Logging
internal import NIOCore
internal import NetworkIO
internal import Room
internal import RoomController

/// Carries out what the controller wants of the network.
extension CallActor {
    func carryOut(_ request: NetworkRequest, of number: Int) {
        let answer: @Sendable (NetworkAnswer) -> Void = { [weak self] in self?.answer($0, of: number) }
        switch request {
        case .get(let token, let url): network.request(token, .get, url: url, answer: answer)
        case .post(let token, let url, let contentType, let body, let bearer):
            network.request(
                token, .post, url: url.revealed, headers: HTTPField.of(contentType: contentType, bearer: bearer),
                body: Array(body.revealed.utf8), answer: answer)
        case .abandonRequests: network.abandonConnections()
        case .openWebSocket(let token, let url, let subprotocol, let origin):
            openWebSocket(token, url: url.revealed, subprotocol: subprotocol, origin: origin, of: number)
        case .sendText(let token, let text): webSockets[token, of: number]?.send(text.revealed)
        case .closeWebSocket(let token): webSockets.remove(token, of: number)?.close()
        case .closeAll: for socket in webSockets.removeAll(of: number) { socket.close() }
        case .openMediaSockets:
            closeMediaSockets()
            bind(sockets.open(hostAddresses), of: number)
        case .closeMediaSockets: closeMediaSockets()
        case .refreshMediaSockets: refreshMediaSockets(of: number)
        case .openRelay(let relay, let service): openRelay(relay, service, of: number)
        case .closeRelays: for relay in relays.removeAll() { relay.close() }
        case .resolve(let host, let port): network.resolve(host, port: port, answer: answer)
        case .lookUp(let look, let host): network.lookUp(look, host: host, proxy: settings.proxy, answer: answer)
        case .greet(let look, let server): network.greet(look, server, answer: answer)
        case .fetchCalendar(let look):
            settings.calendarSource?.fetch(over: network) { answer(.calendar(number: look, $0)) }
        }
    }

    // MARK: WebSockets

    private func openWebSocket(_ token: SocketToken, url: String, subprotocol: String?, origin: String, of number: Int)
    {
        webSockets[token, of: number] = network.connectWebSocket(
            url: url, subprotocol: subprotocol, origin: origin, timeout: .seconds(10),
            onOpen: { [weak self] in self?.answer(.webSocketOpened(token), of: number) },
            onText: { [weak self] text in self?.answer(.webSocketText(token, text), of: number) },
            onSkip: { [weak self] in self?.answer(.webSocketSkipped(token), of: number) },
            onClose: { [weak self] end in
                self?.assumeIsolated { _ = $0.webSockets.remove(token, of: number) }
                switch end {
                case .failed(let error):
                    self?.answer(.webSocketClosed(token, code: nil, NetworkTrouble(error)), of: number)
                case .closed(let code, _): self?.answer(.webSocketClosed(token, code: Int(code), nil), of: number)
                }
            })
    }

    // MARK: Media sockets

    private var hostAddresses: [IPAddress] {
        NetworkContext.interfaceAddresses(includeLoopback: settings.usesLoopbackMedia)
    }

    private func closeMediaSockets() {
        for relay in relays.removeAll() { relay.close() }
        for socket in sockets.close() { socket.close() }
    }

    private func refreshMediaSockets(of number: Int) {
        guard let change = sockets.refresh(hostAddresses) else { return }
        log.notice(
            "addresses", metadata: ["now": "\(sockets.addresses.map(\.description).joined(separator: " "))"])
        // What runs on an address that is gone cannot end by itself for a long time.
        if change.isAnyGone { network.abandonConnections() }
        for socket in change.closed { socket.close() }
        bind(change.binding, of: number)
    }

    /// Binds a socket to each address, then tells unless the sockets were closed meanwhile.
    private func bind(_ binding: MediaSocketBinding, of number: Int) {
        guard !binding.addresses.isEmpty else { return answer(binding.answer(sockets.present), of: number) }
        for address in binding.addresses {
            network.bindUDP(
                address: address,
                onDatagram: { [weak self] bytes, remote in
                    self?.receive(bytes, from: remote, on: address, generation: binding.generation)
                },
                onRest: { [weak self] in self?.assumeIsolated { $0.drain() } },
                completion: { [weak self] result in
                    self?.assumeIsolated { $0.socketBound(result, binding, of: number) }
                })
        }
    }

    private func socketBound(_ result: Result<UDPSocket, NetworkError>, _ binding: MediaSocketBinding, of number: Int) {
        if case .failure(let error) = result { log.warning("udp-bind", metadata: ["detail": "\(error)"]) }
        let bound = try? result.get()
        switch sockets.bound(bound, binding) {
        case .waiting: break
        case .complete(let present): answer(binding.answer(present), of: number)
        case .late: bound?.close()
        }
    }

    private nonisolated func receive(
        _ bytes: Span<UInt8>, from remote: TransportAddress, on address: IPAddress, generation: Int
    ) {
        keep(bytes)
        assumeIsolated { actor in
            guard let local = actor.sockets.local(address, generation: generation) else { return }
            actor.receiveDatagram(from: remote, local: local)
        }
    }

    /// Copies a datagram into `datagram`: a span cannot go where the actor's state is.
    private nonisolated func keep(_ bytes: Span<UInt8>) {
        var copy = assumeIsolated { actor -> [UInt8] in
            var buffer: [UInt8] = []
            swap(&buffer, &actor.datagram)
            return buffer
        }
        copy.removeAll(keepingCapacity: true)
        copy.append(copying: bytes)
        let filled = copy
        copy = []
        assumeIsolated { $0.datagram = filled }
    }

    // MARK: Relays

    private func openRelay(_ relay: Int, _ service: ExternalService, of number: Int) {
        guard let server = RelayServer(service) else { return }
        let generation = relays.generation
        relays.add(
            network.openRelay(
                server, random: .system,
                onAllocated: { [weak self] allocation in
                    self?.assumeIsolated { $0.relays.allocated(relay, allocation.relayed, generation: generation) }
                    self?.answer(
                        .relayOpened(
                            number: relay, relayed: allocation.relayed, server: allocation.server,
                            mapped: allocation.mapped), of: number)
                },
                onDatagram: { [weak self] bytes, peer in
                    self?.receiveRelayed(bytes, from: peer, relay: relay, generation: generation)
                },
                onEnd: { [weak self] reason in
                    self?.assumeIsolated { actor in
                        guard let ended = actor.relays.remove(relay, generation: generation) else { return }
                        actor.log.warning(
                            "relay-ended", metadata: ["server": "\(service.host)", "detail": "\(reason)"])
                        ended.close()
                    }
                }), number: relay)
    }

    private nonisolated func receiveRelayed(
        _ bytes: Span<UInt8>, from peer: TransportAddress, relay: Int, generation: Int
    ) {
        keep(bytes)
        assumeIsolated { actor in
            guard let local = actor.relays.address(of: relay, generation: generation) else { return }
            actor.receiveDatagram(from: peer, local: local)
            actor.drain()
        }
    }
}
