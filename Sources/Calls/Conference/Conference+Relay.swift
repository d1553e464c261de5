package import Basis
internal import Jitsi
internal import MediaSession

/// What is known of TURN servers, and what was asked of them.
struct RelayPlan {
    var services: [ExternalService] = []
    /// When they are asked, unless a pair works before.
    var deadline: MonotonicInstant?
    /// Allocations asked for in this attempt; the highest number is the newest.
    var asked = 0
    /// The numbers of the present media session.
    var current: Range<Int> = 0..<0
    var addresses: [TransportAddress] = []
}

/// The way around a network that blocks UDP: TURN, asked for only when nothing else has worked for a while, so that a
/// town's relay carries the few calls that need it.
extension Conference {
    /// A direct path takes a few round trips; who waits longer is behind something.
    static var relayPatience: Duration { .milliseconds(1_500) }
    /// The same where the session follows one whose bridge fell silent while the server did not: UDP may be forbidden.
    private static var renewedRelayPatience: Duration { .milliseconds(300) }
    /// One by TLS, one by TCP, one by UDP is all that can differ.
    private static var mostRelays: Int { 3 }

    mutating func learnRelays(_ services: [ExternalService], at now: MonotonicInstant) {
        let usable = services.filter {
            ["turn", "turns"].contains($0.type) && $0.username != nil && $0.password != nil
        }
        guard !usable.isEmpty else { return }
        relay.services = Array(usable.sorted { Self.rank($0) < Self.rank($1) }.prefix(Self.mostRelays))
        // They came late: the patience may be over already.
        if isWithoutPath, relay.deadline == nil, relay.current.isEmpty { planRelays(at: now) }
    }

    /// TLS passes where most is forbidden; UDP relays help only behind odd NATs.
    private static func rank(_ service: ExternalService) -> Int {
        service.type == "turns" ? 0 : service.transport == "tcp" ? 1 : 2
    }

    private var isWithoutPath: Bool {
        switch mediaSession {
        case .some(let session): session.selectedPath == nil
        case nil: false
        }
    }

    /// A media session has begun.
    mutating func planRelays(at now: MonotonicInstant) {
        relay.deadline = now + (line.renewingUntil == nil ? Self.relayPatience : Self.renewedRelayPatience)
    }

    mutating func openRelaysWhenDue(at now: MonotonicInstant) {
        guard let due = relay.deadline, due <= now else { return }
        relay.deadline = nil
        guard isWithoutPath, !relay.services.isEmpty else { return }
        let first = relay.asked
        for service in relay.services {
            outputs.append(.openRelay(number: relay.asked, service))
            relay.asked += 1
        }
        relay.current = first..<relay.asked
        diagnose(.info, "relay-asked", "\(relay.services.count)")
    }

    /// A TURN server relays `relayed` for us.
    package mutating func relayOpened(
        number: Int, relayed: TransportAddress, server: TransportAddress, mapped: TransportAddress?,
        at now: MonotonicInstant
    ) {
        guard relay.current.contains(number) else { return }
        relay.addresses.append(relayed)
        mediaSession?.addRelay(relayed, server: server, mapped: mapped, at: now)
        drainMedia(at: now)
    }

    mutating func closeRelays() {
        relay.deadline = nil
        relay.addresses = []
        guard !relay.current.isEmpty else { return }
        relay.current = 0..<0
        outputs.append(.closeRelays)
    }
}
