package import Basis
package import Devices

/// Knows how far the way to the meeting servers is good: by what the kernel says of cable and address, by asking for the
/// server's name and greeting it now and then while nothing else goes on, and by how far each attempt to join has come.
///
/// A machine: `pollRequest` says what to try, `resolved` and `connected` take the answers, `deadline` is when `advance` is
/// due.
package struct ConnectionCheck: Sendable {
    /// A server that the configured meetings are on.
    package struct Server: Hashable, Sendable {
        package var host: String
        package var port: UInt16
        package var isSecure: Bool
        /// On this machine itself: reached without any cable.
        package var isLocal: Bool

        package init(host: String, port: UInt16, isSecure: Bool, isLocal: Bool = false) {
            self.host = host
            self.port = port
            self.isSecure = isSecure
            self.isLocal = isLocal
        }
    }

    /// What is to be tried; `number` comes back with the answer.
    package enum Request: Equatable, Sendable {
        case resolve(number: Int, Server)
        case connect(number: Int, Server)
    }

    private enum Probe: Equatable {
        case resolving(Server, until: MonotonicInstant)
        case connecting(Server, until: MonotonicInstant)
    }

    /// Between two looks at servers that answer; boxes of one building are spread over the last part.
    package static let calmInterval = Duration.seconds(60)
    /// The first pause after a failure; each is twice the one before, up to the longest.
    package static let firstPause = Duration.seconds(2)
    package static let longestPause = Duration.seconds(30)
    /// An answer that takes longer is none.
    package static let answerLimit = Duration.seconds(8)
    /// So long may a cable be out, and an address be missing once there is a cable, before anything is said.
    package static let cableGrace = Duration.seconds(2)
    package static let addressGrace = Duration.seconds(10)
    /// Looks in a row that fail before anything is said.
    private static let patience = 2
    private static let mostServers = 4

    private let servers: [Server]
    private let spread: Duration
    private var network: NetworkState?
    private var clock = ClockTrust.plausible
    /// Since when there is no cable, and no address.
    private var withoutCable: MonotonicInstant?
    private var withoutAddress: MonotonicInstant?
    /// The address has been missing for longer than it takes to get one.
    private var isAddressLate = false
    private var isWatching = false
    /// What is known of the rungs beyond the address.
    private var known: [ConnectionRung: RungState] = [:]
    private var probe: Probe?
    private var waiting: [Server] = []
    /// The worst of the round: how the server failed that was reached furthest.
    private var roundFailure: [ConnectionRung: RungState] = [:]
    private var request: Request?
    private var number = 0
    private var failures = 0
    private var nextLook: MonotonicInstant?
    /// Whether somebody who looks at the screen ought to know.
    package private(set) var isBroken = false
    /// The server whose rungs are known.
    package private(set) var subject: Server?

    /// - Parameters:
    ///   - servers: those of the meetings; each is looked at once.
    ///   - seed: differs from box to box.
    package init(servers: [Server], seed: UInt64) {
        var distinct: [Server] = []
        for server in servers where !distinct.contains(server) { distinct.append(server) }
        self.servers = Array(distinct.prefix(Self.mostServers))
        subject = distinct.first
        spread = .milliseconds(Int64(seed % 15_000))
    }

    // MARK: What is known

    /// Rungs that are not in it are unknown.
    package var rungs: [ConnectionRung: RungState] {
        var rungs = known
        if let network, !isLocal {
            rungs[.cable] = network.hasCarrier ? .works : .fails(.noCarrier)
            if network.hasCarrier {
                rungs[.address] = network.address != nil ? .works : isAddressLate ? .fails(.noAddress) : .trying
            }
        } else if isLocal {
            rungs[.cable] = .works
            rungs[.address] = .works
        }
        switch clock {
        case .wrong: rungs[.time] = .fails(.clockWrong)
        case .plausible: rungs[.time] = nil
        case .kept: rungs[.time] = .works
        }
        return rungs
    }

    /// When `advance` is due.
    package var deadline: MonotonicInstant? {
        var soonest = Soonest()
        switch probe {
        case .resolving(_, let until), .connecting(_, let until): soonest.consider(until, "an answer")
        case nil: soonest.consider(nextLook, "the next look")
        }
        if isWatching, !isBroken { soonest.consider(withoutCable.map { $0 + Self.cableGrace }, "no cable") }
        if !isAddressLate { soonest.consider(withoutAddress.map { $0 + Self.addressGrace }, "no address") }
        return soonest.instant
    }

    // MARK: Facts

    package mutating func networkChanged(_ state: NetworkState, at now: MonotonicInstant) {
        let wasGood = isLinkGood
        let before = network
        network = state
        withoutCable = isLocal || state.hasCarrier ? nil : withoutCable ?? now
        withoutAddress = isLocal || !state.hasCarrier || state.address != nil ? nil : withoutAddress ?? now
        if withoutAddress == nil { isAddressLate = false }
        if !isLinkGood {
            abandonProbe()
            known = [:]
            failures = 0
            nextLook = nil
        } else if !wasGood || before?.address != state.address {
            // Another network, perhaps: what was known of the old one is worth nothing.
            known = [:]
            failures = 0
            if isWatching { nextLook = now }
        }
    }

    package mutating func clockRead(_ trust: ClockTrust) { clock = trust }

    /// Whether nothing else goes on: servers are looked at only then.
    package mutating func watch(_ isWanted: Bool, at now: MonotonicInstant) {
        guard isWanted != isWatching else { return }
        isWatching = isWanted
        if isWanted {
            isBroken = [known[.names], known[.tls]].contains { if case .fails = $0 { true } else { false } }
            if isLinkGood { nextLook = now + (known[.tls] == .works ? Self.calmInterval + spread : Self.firstPause) }
        } else {
            abandonProbe()
            nextLook = nil
            isBroken = false
            failures = 0
        }
    }

    package mutating func advance(to now: MonotonicInstant) {
        switch probe {
        case .resolving(_, let until) where until <= now: resolved(number, isFound: false, at: now)
        case .connecting(_, let until) where until <= now: connected(number, .noAnswer, at: now)
        case .resolving, .connecting: break
        case nil:
            if let nextLook, nextLook <= now, isWatching, isLinkGood { beginRound(at: now) }
        }
        if let withoutAddress, withoutAddress + Self.addressGrace <= now { isAddressLate = true }
        guard isWatching else { return }
        if let withoutCable, withoutCable + Self.cableGrace <= now { isBroken = true }
        if isAddressLate { isBroken = true }
    }

    // MARK: Looking

    /// What to try now, once.
    package mutating func pollRequest() -> Request? {
        defer { request = nil }
        return request
    }

    /// What became of a `resolve`; of an old one nothing.
    package mutating func resolved(_ number: Int, isFound: Bool, at now: MonotonicInstant) {
        guard number == self.number, case .resolving(let server, _) = probe else { return }
        guard isFound else { return fail(server, [.names: .fails(.nameUnknown)], at: now) }
        if subject == server {
            known[.names] = .works
            if isBroken, known[.tls] == nil { known[.tls] = .trying }
        }
        probe = .connecting(server, until: now + Self.answerLimit)
        self.number += 1
        request = .connect(number: self.number, server)
    }

    /// What became of a `connect`: nil for a server that answers.
    package mutating func connected(_ number: Int, _ trouble: RungTrouble?, at now: MonotonicInstant) {
        guard number == self.number, case .connecting(let server, _) = probe else { return }
        if let trouble { return fail(server, [.names: .works, .tls: .fails(trouble)], at: now) }
        abandonProbe()
        subject = server
        known[.names] = .works
        known[.tls] = .works
        failures = 0
        isBroken = false
        nextLook = now + Self.calmInterval + spread
    }

    private mutating func beginRound(at now: MonotonicInstant) {
        waiting = servers
        roundFailure = [:]
        nextLook = nil
        lookAtNext(at: now)
    }

    private mutating func lookAtNext(at now: MonotonicInstant) {
        guard !waiting.isEmpty else { return }
        let server = waiting.removeFirst()
        // What failed stays crossed out until it is found to work: the screen does not go to and fro.
        if isBroken, subject == server, known[.names] == nil { known[.names] = .trying }
        probe = .resolving(server, until: now + Self.answerLimit)
        number += 1
        request = .resolve(number: number, server)
    }

    private mutating func fail(
        _ server: Server, _ found: [ConnectionRung: RungState], at now: MonotonicInstant
    ) {
        if roundFailure.isEmpty || found.count > roundFailure.count {
            roundFailure = found
            subject = server
        }
        guard waiting.isEmpty else { return lookAtNext(at: now) }
        abandonProbe()
        known = roundFailure
        failures += 1
        if failures >= Self.patience { isBroken = true }
        nextLook = now + min(Self.firstPause * (1 << min(failures - 1, 4)), Self.longestPause)
    }

    private mutating func abandonProbe() {
        probe = nil
        request = nil
        waiting = []
        number += 1
    }

    // MARK: Joining

    /// An attempt to join begins; what was known of its server is found out anew.
    package mutating func joinBegan(_ server: Server) {
        subject = server
        known = [:]
    }

    /// An attempt has come so far: the rungs below work as well.
    package mutating func joinReached(_ rung: ConnectionRung) {
        for lower in [ConnectionRung.names, .tls, .signalling, .bridge, .media] {
            known[lower] = .works
            if lower == rung { break }
        }
    }

    /// An attempt failed.
    package mutating func joinFailed(_ fault: RoomFault) {
        switch fault {
        case .serverNotFound: known[.names] = .fails(.nameUnknown)
        case .serverUnreachable:
            // What was reached before tells who is silent: whatever answers at the server's door, or what lies behind.
            let rung: ConnectionRung = known[.tls] == .works ? .signalling : .tls
            known[.names] = .works
            known[rung] = .fails(.noAnswer)
        case .certificateRefused:
            known[.names] = .works
            known[.tls] = .fails(.certificateRefused)
        case .proxyAccountRefused, .proxyRefused:
            known[.names] = .works
            known[.tls] = .fails(.proxyRefused)
        case .notAMeetingServer:
            joinReached(.tls)
            known[.signalling] = .fails(.notAMeetingServer)
        case .configurationNotUnderstood: joinReached(.tls)
        case .accountRefused, .entryRefused, .meetingFull, .lobbyRefused, .signInRequired:
            joinReached(.signalling)
        case .mediaBlocked:
            joinReached(.signalling)
            known[.bridge] = .fails(.blocked)
        case .mediaKeyMismatch:
            joinReached(.bridge)
            known[.media] = .fails(.keyMismatch)
        case .mediaFailed:
            joinReached(.signalling)
            known[.media] = .fails(.engineFailed)
        }
    }

    // MARK: Helpers

    private var isLocal: Bool { servers.contains(where: \.isLocal) }

    /// Whether it makes sense to ask anybody. A host that says nothing of its links is believed to have one.
    private var isLinkGood: Bool {
        guard !servers.isEmpty else { return false }
        guard let network, !isLocal else { return true }
        return network.hasCarrier && network.address != nil
    }
}
