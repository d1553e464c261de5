internal import Basis
internal import Jitsi
internal import NetworkIO

/// The allocations on TURN servers of a call, by the conference's number, and those that stand by their relayed address.
struct RelayConnections<Relay: AnyObject> {
    /// Tells those of one call from those of another.
    private(set) var generation = 0
    private var relays: [Int: Relay] = [:]
    private var byAddress: [TransportAddress: Relay] = [:]

    subscript(local: TransportAddress) -> Relay? { byAddress[local] }

    mutating func add(_ relay: Relay, number: Int) { relays[number] = relay }

    /// The server has given that relay an address.
    mutating func allocated(_ number: Int, _ address: TransportAddress, generation: Int) {
        guard generation == self.generation, let relay = relays[number] else { return }
        byAddress[address] = relay
    }

    /// The relayed address; nil for a relay that has none, or of an earlier call.
    func address(of number: Int, generation: Int) -> TransportAddress? {
        guard generation == self.generation, let relay = relays[number] else { return nil }
        return byAddress.first { $0.value === relay }?.key
    }

    /// The relay, which is to be closed; nil where it is none of this call.
    mutating func remove(_ number: Int, generation: Int) -> Relay? {
        guard generation == self.generation, let relay = relays.removeValue(forKey: number) else { return nil }
        byAddress = byAddress.filter { $0.value !== relay }
        return relay
    }

    /// All of them, which are to be closed.
    mutating func removeAll() -> [Relay] {
        generation += 1
        defer {
            relays = [:]
            byAddress = [:]
        }
        return Array(relays.values)
    }
}

extension RelayServer {
    /// Nil for a service without an account: nobody relays for strangers.
    init?(_ service: ExternalService) {
        guard let username = service.username, let password = service.password else { return nil }
        let transport: Transport = service.type == "turns" ? .tls : service.transport == "tcp" ? .tcp : .udp
        self.init(
            host: service.host, port: service.port, transport: transport, username: username, password: password)
    }
}
