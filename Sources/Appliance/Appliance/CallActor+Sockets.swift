internal import Basis
internal import Conference
internal import Logging
internal import NIOCore
internal import NetworkIO

/// The UDP sockets of a call, one for each address of the host, as these come and go.
extension CallActor {
    /// More than this are not kept for addresses that are gone.
    private static var mostSockets: Int { 16 }

    private var hostAddresses: [IPAddress] {
        Array(
            NetworkContext.interfaceAddresses(includeLoopback: settings.usesLoopbackMedia).prefix(Self.mostSockets))
    }

    func openMediaSockets() {
        closeMediaSockets()
        socketGeneration += 1
        let addresses = hostAddresses
        mediaAddresses = addresses
        bind(addresses) { actor in
            actor.conference?.socketsOpened(actor.presentSockets, at: actor.clock.now)
        }
    }

    /// An address came or went. The socket of one that is gone is kept: a cable that is put in again often gets the same,
    /// and then the call goes on where it was.
    func addressesChanged() {
        let addresses = hostAddresses
        guard conference != nil, let former = mediaAddresses, addresses != former else { return }
        mediaAddresses = addresses
        log.notice(
            "addresses", metadata: ["now": "\(addresses.map(\.description).joined(separator: " "))"])
        // What runs on an address that is gone cannot end by itself for a long time.
        if former.contains(where: { !addresses.contains($0) }) { network.abandonConnections() }
        forgetOldSockets()
        let new = addresses.filter { address in !udpSockets.contains { $0.localAddress.address == address } }
        bind(new) { actor in
            actor.conference?.socketsChanged(actor.presentSockets, at: actor.clock.now)
        }
    }

    private func forgetOldSockets() {
        guard udpSockets.count >= Self.mostSockets else { return }
        for socket in udpSockets where mediaAddresses?.contains(socket.localAddress.address) != true {
            udpSocketsByAddress[socket.localAddress] = nil
            socket.close()
        }
        udpSockets.removeAll { mediaAddresses?.contains($0.localAddress.address) != true }
    }

    /// The bound addresses that the host has at present, in its own order.
    private var presentSockets: [TransportAddress] {
        (mediaAddresses ?? []).compactMap { address in
            udpSockets.first { $0.localAddress.address == address }?.localAddress
        }
    }

    /// Binds a socket to each, then does `completion` unless the sockets were closed meanwhile.
    private func bind(_ addresses: [IPAddress], completion: @escaping @Sendable (isolated CallActor) -> Void) {
        let generation = socketGeneration
        let waiting = NIOLoopBoundBox(addresses.count, eventLoop: eventLoop)
        guard !addresses.isEmpty else {
            completion(self)
            return drainConference()
        }
        for address in addresses {
            network.bindUDP(
                address: address,
                onDatagram: { [weak self] bytes, remote in
                    self?.receive(bytes, from: remote, on: address, generation: generation)
                },
                onRest: { [weak self] in self?.assumeIsolated { $0.drainConference() } },
                completion: { [weak self] result in
                    waiting.value -= 1
                    let isLast = waiting.value == 0
                    self?.assumeIsolated { actor in
                        actor.socketBound(result, generation: generation)
                        guard isLast, generation == actor.socketGeneration else { return }
                        completion(actor)
                        actor.drainConference()
                    }
                })
        }
    }

    private func socketBound(_ result: Result<UDPSocket, NetworkError>, generation: Int) {
        switch result {
        case .success(let socket):
            guard generation == socketGeneration else {
                socket.close()
                return
            }
            udpSockets.append(socket)
            udpSocketsByAddress[socket.localAddress] = socket
        case .failure(let error): log.warning("udp-bind", metadata: ["detail": "\(error)"])
        }
    }

    func closeMediaSockets() {
        socketGeneration += 1
        mediaAddresses = nil
        closeRelays()
        for socket in udpSockets { socket.close() }
        udpSockets = []
        udpSocketsByAddress = [:]
    }
}
