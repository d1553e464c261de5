internal import Basis
internal import Conference
internal import Jitsi
internal import Logging
internal import NetworkIO

/// The TURN servers of a call.
extension CallActor {
    func openRelay(_ number: Int, _ service: ExternalService) {
        guard let username = service.username, let password = service.password else { return }
        let transport: RelayServer.Transport =
            service.type == "turns" ? .tls : service.transport == "tcp" ? .tcp : .udp
        let server = RelayServer(
            host: service.host, port: service.port, transport: transport, username: username, password: password)
        let generation = socketGeneration
        let conferenceNumber = conferenceNumber
        log.info("relay", metadata: ["server": "\(service.host):\(service.port)", "transport": "\(transport)"])
        let connection = network.openRelay(
            server, random: random.fork(),
            onAllocated: { [weak self] allocation in
                self?.assumeIsolated { actor in
                    guard actor.socketGeneration == generation, let relay = actor.relays[number] else { return }
                    actor.relaysByAddress[allocation.relayed] = relay
                }
                self?.withConference(of: conferenceNumber) {
                    $0.relayOpened(
                        number: number, relayed: allocation.relayed, server: allocation.server,
                        mapped: allocation.mapped, at: $1)
                }
            },
            onDatagram: { [weak self] bytes, peer in
                self?.receiveRelayed(bytes, from: peer, number: number, generation: generation)
            },
            onEnd: { [weak self] reason in
                self?.assumeIsolated { actor in
                    guard actor.socketGeneration == generation else { return }
                    actor.log.warning(
                        "relay-ended", metadata: ["server": "\(service.host)", "detail": "\(reason)"])
                    actor.forgetRelay(number)
                }
            })
        relays[number] = connection
    }

    private func forgetRelay(_ number: Int) {
        guard let relay = relays.removeValue(forKey: number) else { return }
        relaysByAddress = relaysByAddress.filter { $0.value !== relay }
        relay.close()
    }

    func closeRelays() {
        for relay in relays.values { relay.close() }
        relays = [:]
        relaysByAddress = [:]
    }

    private nonisolated func receiveRelayed(
        _ bytes: Span<UInt8>, from peer: TransportAddress, number: Int, generation: Int
    ) {
        var copy: [UInt8] = []
        copy.append(copying: bytes)
        let filled = copy
        assumeIsolated { actor in
            guard actor.socketGeneration == generation, let relay = actor.relays[number],
                let local = actor.relaysByAddress.first(where: { $0.value === relay })?.key
            else { return }
            actor.datagram = filled
            actor.receiveDatagram(from: peer, local: local)
        }
    }
}
