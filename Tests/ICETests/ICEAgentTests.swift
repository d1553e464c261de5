import Basis
import ICE
import Testing

private let server = address("198.51.100.9", 3478)

/// Two nodes as room and bridge: the room is controlled and number 0.
private func pair(
    seed: UInt64, room: [TransportAddress] = [address("192.0.2.10")],
    bridge: [TransportAddress] = [address("203.0.113.20")]
) -> World {
    var world = World(seed: seed)
    world.add(.controlled, room)
    world.add(.controlling, bridge)
    return world
}

private func areNominated(_ world: World) -> Bool {
    world.nodes.allSatisfy(\.agent.isNominated)
}

@Suite struct ICEAgentTests {
    @Test func connectsOverIPv4() throws {
        var world = pair(seed: 1)
        world.introduce()
        let start = world.now
        let isReached = world.run(for: .seconds(2), until: areNominated)
        #expect(isReached)
        // One round trip for the check, one for the nomination.
        #expect(world.now - start <= .milliseconds(100))
        let path = DatagramPath(local: address("192.0.2.10"), remote: address("203.0.113.20"))
        #expect(world.nodes[0].agent.selectedPath == path)
        #expect(world.nodes[1].agent.selectedPath == DatagramPath(local: path.remote, remote: path.local))
        #expect(world.nodes[0].selections == [path])
        #expect(world.nodes[0].agent.roundTrip == .milliseconds(30))
        #expect(world.nodes[0].requests.allSatisfy { !$0.message.useCandidate })
    }

    @Test func mayUseAValidPairBeforeNomination() {
        var world = pair(seed: 2)
        world.introduce()
        let isReached = world.run(for: .seconds(2)) { $0.nodes[0].agent.selectedPath != nil }
        #expect(isReached)
        #expect(!world.nodes[0].agent.isNominated)
        let isReachedThen = world.run(for: .seconds(2), until: areNominated)
        #expect(isReachedThen)
    }

    @Test func prefersTheBetterOfTwoFamilies() {
        var world = pair(
            seed: 3, room: [address("2001:db8::10"), address("192.0.2.10")],
            bridge: [address("2001:db8:1::20"), address("203.0.113.20")])
        world.introduce()
        let isReached = world.run(for: .seconds(2), until: areNominated)
        #expect(isReached)
        world.run(for: .seconds(5))
        #expect(world.nodes[0].agent.selectedPath?.local == address("2001:db8::10"))
        #expect(world.nodes[1].agent.selectedPath?.remote == address("2001:db8::10"))
    }

    @Test func fallsBackWhenTheBetterFamilyIsDead() {
        var world = pair(
            seed: 4, room: [address("2001:db8::10"), address("192.0.2.10")],
            bridge: [address("2001:db8:1::20"), address("203.0.113.20")])
        world.isBlocked = { from, _ in from.address.isV6 }
        world.introduce()
        let isReached = world.run(for: .seconds(1), until: areNominated)
        #expect(isReached)
        #expect(world.nodes[0].agent.selectedPath?.local == address("192.0.2.10"))
        #expect(world.nodes[1].agent.selectedPath?.remote == address("192.0.2.10"))
    }

    @Test func linkLocalGoesOnlyWithLinkLocal() {
        var world = pair(
            seed: 5, room: [address("fe80::10"), address("2001:db8::10")], bridge: [address("2001:db8:1::20")])
        world.introduce()
        let isReached = world.run(for: .seconds(1), until: areNominated)
        #expect(isReached)
        #expect(!world.nodes[0].requests.contains { $0.path.local == address("fe80::10") })
    }

    @Test(arguments: 10..<60)
    func connectsThroughLoss(seed: Int) {
        var world = pair(
            seed: UInt64(seed), room: [address("2001:db8::10"), address("192.0.2.10")],
            bridge: [address("2001:db8:1::20"), address("203.0.113.20"), address("10.8.0.1")])
        world.loss = 0.3
        world.isBlocked = { _, to in to == address("10.8.0.1") }
        world.introduce()
        let isReached = world.run(for: .seconds(12), until: areNominated)
        #expect(isReached)
        world.loss = 0
        world.run(for: .seconds(10))
        let (ours, theirs) = (world.nodes[0].agent.selectedPath, world.nodes[1].agent.selectedPath)
        #expect(ours != nil && ours?.local == theirs?.remote && ours?.remote == theirs?.local)
    }

    @Test func nominatesAnotherPairWhenTheFirstDiesMeanwhile() {
        var world = pair(
            seed: 6, room: [address("2001:db8::10"), address("192.0.2.10")],
            bridge: [address("2001:db8:1::20"), address("203.0.113.20")])
        world.introduce()
        let isNominating = world.run(for: .seconds(1)) { $0.nodes[1].requests.contains { $0.message.useCandidate } }
        #expect(isNominating)
        world.isBlocked = { from, _ in from.address.isV6 }
        // The nomination under way is already on the network; it arrives, the answer does not.
        world.run(for: .seconds(1))
        #expect(world.nodes[0].agent.selectedPath?.local == address("2001:db8::10"))
        let isReached = world.run(for: .seconds(8)) {
            $0.nodes.allSatisfy { $0.agent.isNominated && $0.agent.selectedPath?.local.address.isV6 == false }
        }
        #expect(isReached)
    }

    @Test func isAFunctionOfItsSeed() {
        func course(_ seed: UInt64) -> [String] {
            var world = pair(seed: seed)
            world.loss = 0.3
            world.introduce()
            world.run(for: .seconds(60))
            return world.nodes.flatMap { $0.requests.map { "\($0.at.nanoseconds) \($0.message.transaction)" } }
        }
        #expect(course(7) == course(7))
        #expect(course(7) != course(8))
    }

    @Test func gathersServerReflexiveCandidates() throws {
        var world = pair(seed: 50, room: [address("10.0.0.2"), address("2001:db8::10")])
        world.stunServers = [server]
        world.nodes[0].nat = [address("10.0.0.2"): address("198.51.100.77", 40000)]
        world.nodes[0].agent.gather(from: server, at: world.now)
        #expect(world.nodes[0].agent.isGathering)
        world.run(for: .milliseconds(100))
        #expect(!world.nodes[0].agent.isGathering)
        #expect(world.nodes[0].when(.gatheringFinished) != nil)
        let reflexive = try #require(world.nodes[0].agent.localCandidates.first { $0.kind == .srflx })
        #expect(reflexive.address == address("198.51.100.77", 40000))
        #expect(reflexive.related == address("10.0.0.2"))
        #expect(reflexive.priority == ICECandidate.priority(kind: .srflx, localPreference: 65535))
        #expect(world.nodes[0].agent.localCandidates.count == 3)
    }

    @Test func aSilentOrRedundantServerGivesNoCandidate() {
        var world = pair(seed: 51)
        world.nodes[0].agent.gather(from: server, at: world.now)
        world.run(for: .seconds(10))
        #expect(world.nodes[0].when(.gatheringFinished) != nil)
        world.stunServers = [server]
        world.nodes[0].agent.gather(from: server, at: world.now)
        world.run(for: .seconds(1))
        world.nodes[0].agent.gather(from: address("2001:db8::9", 3478), at: world.now)
        world.run(for: .seconds(1))
        #expect(world.nodes[0].events.count { $0.event == .gatheringFinished } == 3)
        #expect(world.nodes[0].agent.localCandidates.map(\.kind) == [.host])
    }

    @Test func meetsAcrossTwoNATs() {
        var world = pair(seed: 52, room: [address("10.0.0.2")], bridge: [address("10.0.0.2", 20000)])
        world.stunServers = [server]
        world.nodes[0].nat = [address("10.0.0.2"): address("198.51.100.77", 40000)]
        world.nodes[1].nat = [address("10.0.0.2", 20000): address("203.0.113.88", 50000)]
        for index in 0...1 { world.nodes[index].agent.gather(from: server, at: world.now) }
        world.introduce()
        let isReached = world.run(for: .seconds(5), until: areNominated)
        #expect(isReached)
        #expect(world.nodes[0].agent.selectedPath?.remote == address("203.0.113.88", 50000))
        #expect(world.nodes[1].agent.selectedPath?.remote == address("198.51.100.77", 40000))
    }

    /// As with a videobridge: it is never told our candidates that matter, it discovers them.
    @Test func discoversPeerReflexiveCandidates() {
        var world = pair(seed: 53, room: [address("10.0.0.2")])
        world.isTrickling = false
        world.nodes[0].nat = [address("10.0.0.2"): address("198.51.100.77", 40000)]
        world.nodes[0].agent.addRemote(world.nodes[1].agent.localCandidates[0], at: world.now)
        world.introduce()
        let isReached = world.run(for: .seconds(2), until: areNominated)
        #expect(isReached)
        #expect(world.nodes[1].agent.selectedPath?.remote == address("198.51.100.77", 40000))
    }

    @Test func answersAndRemembersChecksBeforeTheCredentials() {
        var world = pair(seed: 54)
        world.isTrickling = false
        world.nodes[1].agent.addRemote(world.nodes[0].agent.localCandidates[0], at: world.now)
        world.nodes[1].agent.setRemote(world.nodes[0].credentials, at: world.now)
        world.run(for: .seconds(3))
        // Its check is answered, so the pair is valid over there although nothing was signalled here.
        #expect(world.nodes[1].agent.selectedPath != nil)
        #expect(world.nodes[0].agent.selectedPath == nil)
        #expect(world.nodes[0].requests.isEmpty)
        world.nodes[0].agent.setRemote(world.nodes[1].credentials, at: world.now)
        let isReached = world.run(for: .milliseconds(100), until: areNominated)
        #expect(isReached)
    }

    @Test func pairsWhatComesLate() {
        var world = pair(seed: 55, room: [], bridge: [address("203.0.113.20")])
        world.introduce()
        world.run(for: .seconds(5))
        world.nodes[0].agent.addHost(address("192.0.2.10"), localPreference: 1)
        let isReached = world.run(for: .seconds(1), until: areNominated)
        #expect(isReached)
    }

    @Test func triesAgainUntilThePeerIsReady() {
        var world = pair(seed: 56)
        world.isBlocked = { _, _ in true }
        world.introduce()
        world.run(for: .seconds(20))
        world.isBlocked = { _, _ in false }
        let isReached = world.run(for: .seconds(9), until: areNominated)
        #expect(isReached)
    }

    @Test func checksOverARelay() {
        var world = pair(seed: 57, room: [address("192.0.2.10")])
        let relayed = address("198.51.100.5", 49152)
        world.isBlocked = { from, to in from == address("192.0.2.10") || to == address("192.0.2.10") }
        world.nodes[0].agent.addRelay(
            relayed, server: server, mapped: address("192.0.2.10"), localPreference: 1, at: world.now)
        world.introduce()
        let isReached = world.run(for: .seconds(3), until: areNominated)
        #expect(isReached)
        #expect(world.nodes[0].agent.selectedPath == DatagramPath(local: relayed, remote: address("203.0.113.20")))
        #expect(world.nodes[0].agent.localCandidates.last?.kind == .relay)
    }

    @Test(arguments: [ICEAgent.Role.controlled, .controlling], [60, 61, 62, 63])
    func aRoleConflictIsRepaired(role: ICEAgent.Role, seed: Int) {
        var world = World(seed: UInt64(seed))
        world.add(role, [address("192.0.2.10")])
        world.add(role, [address("203.0.113.20")])
        world.introduce()
        let isReached = world.run(for: .seconds(3), until: areNominated)
        #expect(isReached)
        #expect(world.nodes[0].agent.role != world.nodes[1].agent.role)
    }

    @Test func pacesNewTransactions() {
        let remote = (0..<12).map { address("203.0.113.\(20 + $0)") }
        var world = pair(seed: 70, room: [address("192.0.2.10"), address("192.0.2.11")], bridge: remote)
        world.isBlocked = { _, _ in true }
        world.introduce()
        world.run(for: .seconds(2))
        let times = world.nodes[0].requests.map(\.at)
        #expect(times.count == 24)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .milliseconds(20) })
        // By 2^32 × min(G, D) + 2 × max(G, D) + (G > D), the bridge being controlling.
        let first = world.nodes[0].requests.prefix(6).map(\.path)
        let expected = [(10, 20), (11, 20), (10, 21), (11, 21), (10, 22), (11, 22)].map { ours, theirs in
            DatagramPath(local: address("192.0.2.\(ours)"), remote: address("203.0.113.\(theirs)"))
        }
        #expect(first == expected)
    }

    @Test func boundsWhatThePeerCanMakeUsDo() {
        var world = pair(seed: 71, room: [address("192.0.2.10"), address("192.0.2.11")], bridge: [])
        for index in 0..<1000 {
            let candidate = ICECandidate(
                foundation: "1", priority: UInt32(index), address: address("203.0.113.20", UInt16(index + 1)),
                kind: .host)
            world.nodes[0].agent.addRemote(candidate, at: world.now)
        }
        world.introduce()
        world.run(for: .seconds(5))
        #expect(Set(world.nodes[0].requests.map(\.path.remote)).count <= 64)
        #expect(Set(world.nodes[0].requests.map(\.path)).count == 100)
        #expect(world.nodes[0].agent.summary.hasPrefix("2 local, 64 remote candidates; pairs: 0 waiting, 100 in"))
    }

    @Test(arguments: ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"])
    func sendsNothingToWhatIsNotAPlace(text: String) {
        var world = pair(seed: 72, room: [address("192.0.2.10"), address("2001:db8::10")], bridge: [])
        for (component, port) in [(1, UInt16(9)), (2, 9), (1, 0)] {
            let place = component == 1 && port == 9 ? address(text, 9) : address("203.0.113.20", port)
            world.nodes[0].agent.addRemote(
                ICECandidate(foundation: "1", component: component, priority: 1, address: place, kind: .host),
                at: world.now)
        }
        world.introduce()
        world.run(for: .seconds(1))
        #expect(world.nodes[0].requests.isEmpty)
    }

    @Test func refusesUnusableCredentials() {
        var world = pair(seed: 73)
        let endless = String(repeating: "x", count: 70000)
        world.nodes[0].agent.setRemote(ICECredentials(ufrag: endless, password: Redacted("y")), at: world.now)
        let output1 = world.nodes[0].agent.pollTransmit()?.bytes
        #expect(output1 == nil)
        world.run(for: .seconds(1))
        #expect(world.nodes[0].when(.failed) != nil)
        #expect(world.nodes[0].agent.soonest.instant == nil)
    }

    @Test func failsAfterThirtySecondsWithoutAPair() {
        var world = pair(seed: 74)
        world.isBlocked = { _, _ in true }
        let start = world.now
        world.introduce()
        world.run(for: .seconds(60))
        #expect(world.nodes.allSatisfy { $0.when(.failed) == start + .seconds(30) })
        #expect(world.nodes[0].requests.last.map { $0.at < start + .seconds(30) } == true)
        #expect(world.nodes[0].agent.soonest.instant == nil)
    }

    @Test func aWrongPasswordConnectsNothing() {
        var world = pair(seed: 75)
        let wrong = ICECredentials(
            ufrag: world.nodes[1].credentials.ufrag, password: Redacted("not the password at all"))
        world.nodes[0].agent.setRemote(wrong, at: world.now)
        world.nodes[1].agent.setRemote(world.nodes[0].credentials, at: world.now)
        world.run(for: .seconds(40))
        #expect(world.nodes[0].when(.failed) != nil)
        #expect(world.nodes[0].selections.isEmpty)
    }
}
