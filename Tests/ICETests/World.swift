import Basis
import ICE

/// Agents, a network between them and a clock that only moves when told: every run is a function of its seed.
struct World {
    struct Node {
        var agent: ICEAgent
        var credentials: ICECredentials
        var events: [(at: MonotonicInstant, event: ICEEvent)] = []
        /// Public addresses that a NAT gives to our bases, and whether it lets strangers in.
        var nat: [TransportAddress: TransportAddress] = [:]
        /// Destinations this node has sent to, by base: what an address-restricted NAT lets back in.
        var opened: Set<DatagramPath> = []
        /// When each new transaction of ours left.
        var requests: [(at: MonotonicInstant, path: DatagramPath, message: STUNMessage)] = []

        var selections: [DatagramPath] {
            events.compactMap { if case .selected(let path) = $0.event { path } else { nil } }
        }

        func when(_ event: ICEEvent) -> MonotonicInstant? {
            events.first { $0.event == event }?.at
        }
    }

    private struct Packet {
        let at: MonotonicInstant
        let from: TransportAddress
        let to: TransportAddress
        let bytes: [UInt8]
    }

    private(set) var now = MonotonicInstant.zero + .seconds(100)
    var nodes: [Node] = []
    var loss = 0.0
    var latency = Duration.milliseconds(15)
    /// Whether candidates reach the other node.
    var isTrickling = true
    var stunServers: Set<TransportAddress> = []
    var isBlocked: @Sendable (_ from: TransportAddress, _ to: TransportAddress) -> Bool = { _, _ in false }
    private var packets: [Packet] = []
    private var random: RandomSource

    init(seed: UInt64) {
        random = RandomSource(seed: seed)
    }

    /// Adds a node with its bases; returns its index.
    @discardableResult
    mutating func add(_ role: ICEAgent.Role, _ bases: [TransportAddress]) -> Int {
        let credentials = ICECredentials.generate(using: &random)
        var agent = ICEAgent(role: role, local: credentials, random: random.fork())
        for (index, base) in bases.enumerated() { agent.addHost(base, localPreference: UInt16(65535 - index)) }
        nodes.append(Node(agent: agent, credentials: credentials))
        return nodes.count - 1
    }

    /// Gives each of the two first nodes the other's credentials.
    mutating func introduce() {
        nodes[0].agent.setRemote(nodes[1].credentials, at: now)
        nodes[1].agent.setRemote(nodes[0].credentials, at: now)
    }

    mutating func run(for duration: Duration) {
        let end = now + duration
        settle()
        while let next = nextInstant, next <= end {
            now = max(now, next)
            deliver()
            for index in nodes.indices { nodes[index].agent.advance(to: now) }
            settle()
        }
        now = end
    }

    /// Runs until the condition holds or the time is over; true when it holds.
    mutating func run(for limit: Duration, until condition: (World) -> Bool) -> Bool {
        let end = now + limit
        settle()
        while !condition(self) {
            guard let next = nextInstant, next <= end else { return false }
            run(for: max(next - now, .zero))
        }
        return true
    }

    private var nextInstant: MonotonicInstant? {
        (packets.map(\.at) + nodes.compactMap { $0.agent.soonest.instant }).min()
    }

    /// Takes everything the agents have to say.
    private mutating func settle() {
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            for index in nodes.indices {
                while let event = nodes[index].agent.pollEvent() {
                    isQuiet = false
                    nodes[index].events.append((now, event))
                    if case .localCandidate(let candidate) = event, isTrickling {
                        for other in nodes.indices where other != index {
                            nodes[other].agent.addRemote(candidate, at: now)
                        }
                    }
                }
                while let (path, bytes) = nodes[index].agent.pollTransmit() {
                    isQuiet = false
                    send(bytes, on: path, from: index)
                }
            }
        }
    }

    private mutating func send(_ bytes: [UInt8], on path: DatagramPath, from index: Int) {
        if let message = STUNMessage.parse(bytes.span), message.messageClass == .request,
            !nodes[index].requests.contains(where: { $0.message.transaction == message.transaction })
        {
            nodes[index].requests.append((now, path, message))
        }
        nodes[index].opened.insert(path)
        inject(bytes, from: nodes[index].nat[path.local] ?? path.local, to: path.remote)
    }

    /// Puts a datagram on the network.
    mutating func inject(_ bytes: [UInt8], from: TransportAddress, to: TransportAddress) {
        if isBlocked(from, to) || Double.random(in: 0..<1, using: &random) < loss { return }
        packets.append(Packet(at: now + latency, from: from, to: to, bytes: bytes))
    }

    private mutating func deliver() {
        let due = packets.filter { $0.at <= now }
        packets.removeAll { $0.at <= now }
        for packet in due {
            if stunServers.contains(packet.to) {
                answer(packet)
                continue
            }
            for index in nodes.indices {
                for base in nodes[index].agent.localCandidates where base.kind == .host || base.kind == .relay {
                    let path = DatagramPath(local: base.address, remote: packet.from)
                    let publicAddress = nodes[index].nat[base.address]
                    guard packet.to == publicAddress ?? base.address else { continue }
                    if publicAddress != nil, !nodes[index].opened.contains(path) { continue }
                    nodes[index].agent.receive(packet.bytes.span, on: path, at: now)
                }
            }
        }
    }

    private mutating func answer(_ packet: Packet) {
        guard let request = STUNMessage.parse(packet.bytes.span), request.messageClass == .request else { return }
        var response = STUNMessage(.success, .binding, transaction: request.transaction)
        response.xorMappedAddress = packet.from
        inject(response.encoded(fingerprint: false), from: packet.to, to: packet.from)
    }
}

/// `host:port` or `[host]:port` of a literal that the test wrote itself.
func address(_ text: String, _ port: UInt16 = 10000) -> TransportAddress {
    guard let address = IPAddress(text) else { preconditionFailure("\(text) is not an IP address") }
    return TransportAddress(address, port: port)
}

/// `STUNMessage.parse` of an array: a span cannot pass through the testing macros.
func parse(_ bytes: [UInt8]) -> STUNMessage? {
    STUNMessage.parse(bytes.span)
}

/// `ICEAgent.isSTUN` of an array, for the same reason.
func isSTUN(_ bytes: [UInt8]) -> Bool {
    ICEAgent.isSTUN(bytes.span)
}

/// An addressed Binding request as a peer with these credentials makes it.
func binding(
    from peer: ICECredentials, to agent: ICECredentials,
    change: (inout STUNMessage) -> Void = { _ in }
) -> STUNMessage {
    var message = STUNMessage(.request, .binding, transaction: .init(high: 7, low: 8))
    message.username = "\(agent.ufrag):\(peer.ufrag)"
    message.priority = ICECandidate.priority(kind: .prflx, localPreference: 1)
    message.iceControlling = 5
    change(&message)
    return message
}

extension ICECredentials {
    /// The HMAC key of this side's password.
    var integrityKey: Redacted<[UInt8]> { Redacted(Array(password.revealed.utf8)) }
}
