import Basis
import ICE

/// One STUN message alone, then a series of datagrams to an agent in the midst of its checks.
///
/// In a series `control` chooses the path (bits 3 and 4), whether the message is signed with the key that the agent
/// expects (5) and whether it answers a request of the agent (6), which no mutation would ever guess.
func fuzzSTUN(_ bytes: [UInt8]) throws(BrokenProperty) {
    try checkMessage(bytes)
    var bench = AgentBench()
    var series = DatagramSeries(bytes)
    while let datagram = series.next() {
        try bench.receive(datagram)
    }
    try bench.settle()
}

private func checkMessage(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard let message = STUNMessage.parse(bytes.span) else { return }
    _ = (message.username, message.priority, message.iceControlled, message.iceControlling, message.errorCode)
    _ = (message.xorMappedAddress, message.unknownRequired(besides: []), message.useCandidate)
    _ = message.isAuthentic(key: Redacted([1]))
    guard !message.hasIntegrity else { return }
    let written = message.encoded(fingerprint: message.hasFingerprint)
    try check(written.count == bytes.count, "STUN: as long as read")
    try check(STUNMessage.parse(written.span) == message, "STUN: reads what it wrote")
}

/// A controlled agent on one base, with two candidates of its peer and a STUN server.
private struct AgentBench {
    private static let local = ICECredentials(ufrag: "room", password: Redacted("aaaaaaaaaaaaaaaaaaaaaaaa"))
    private static let remote = ICECredentials(ufrag: "jvb", password: Redacted("bbbbbbbbbbbbbbbbbbbbbbbb"))
    private static let base = TransportAddress(.v4(0x0A00_0002), port: 40_000)
    private static let peers = [
        TransportAddress(.v4(0xC000_020A), port: 10_000), TransportAddress(.v4(0xCB00_7107), port: 10_000),
        TransportAddress(.v4(0xC633_6401), port: 3_478), TransportAddress(.v4(0xC633_64FF), port: 9),
    ]

    private var agent: ICEAgent
    private var now = MonotonicInstant.zero + .seconds(1)
    private var requests: [(path: DatagramPath, message: STUNMessage)] = []

    init() {
        agent = ICEAgent(role: .controlled, local: Self.local, random: RandomSource(seed: 1))
        agent.addHost(Self.base, localPreference: 65_535)
        agent.gather(from: Self.peers[2], at: now)
        agent.setRemote(Self.remote, at: now)
        for (index, peer) in Self.peers.prefix(2).enumerated() {
            agent.addRemote(
                ICECandidate(
                    foundation: "\(index)", priority: 2_130_706_431 - UInt32(index), address: peer, kind: .host),
                at: now)
        }
        agent.advance(to: now + .milliseconds(50))
    }

    mutating func receive(_ datagram: DatagramSeries.Datagram) throws(BrokenProperty) {
        now += datagram.pause
        agent.advance(to: now)
        try drain()
        let control = datagram.control
        var path = DatagramPath(local: Self.base, remote: Self.peers[Int(control >> 3 & 3)])
        var bytes = datagram.bytes
        if control & 0x60 != 0, let read = STUNMessage.parse(bytes.span) {
            var transaction = read.transaction
            if control & 0x40 != 0, read.messageClass != .request, !requests.isEmpty {
                let request = requests.removeLast()
                transaction = request.message.transaction
                path = request.path
            }
            var message = STUNMessage(read.messageClass, read.method, transaction: transaction)
            for attribute in read.attributes { message.set(attribute.type, attribute.value) }
            let key = read.messageClass == .request ? Self.local : Self.remote
            let isSigned = control & 0x20 != 0
            bytes = message.encoded(key: isSigned ? Redacted(Array(key.password.revealed.utf8)) : nil)
        }
        agent.receive(bytes.span, on: path, at: now)
        try drain()
    }

    /// Lets the agent do what it is still waiting for.
    mutating func settle() throws(BrokenProperty) {
        for _ in 0..<20 {
            guard let next = agent.soonest.instant else { return }
            now = max(now, next)
            agent.advance(to: now)
            try drain()
            try check((agent.soonest.instant ?? now + .seconds(1)) > now, "ICE: what was due is done")
        }
    }

    private mutating func drain() throws(BrokenProperty) {
        while agent.pollEvent() != nil {}
        while let (path, bytes) = agent.pollTransmit() {
            let message = try demand(STUNMessage.parse(bytes.span), "ICE: sends STUN")
            try check(path.local == Self.base, "ICE: sends from its base")
            if message.messageClass == .request { requests.append((path, message)) }
        }
        if let path = agent.selectedPath { try check(path.local == Self.base, "ICE: selects its base") }
        try check(agent.summary.utf8.count < 200, "ICE: one line of summary")
    }
}
