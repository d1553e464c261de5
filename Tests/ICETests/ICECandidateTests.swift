import Basis
import ICE
import Testing

@Suite struct ICECandidateTests {
    @Test func prioritiesFollowTheFormula() {
        // RFC 8445 section 5.1.2.1: 2^24 × type + 2^8 × local + 255.
        #expect(ICECandidate.priority(kind: .host, localPreference: 65535) == 2_130_706_431)
        #expect(ICECandidate.priority(kind: .prflx, localPreference: 65535) == 1_862_270_975)
        #expect(ICECandidate.priority(kind: .srflx, localPreference: 65535) == 1_694_498_815)
        #expect(ICECandidate.priority(kind: .relay, localPreference: 0) == 255)
    }

    @Test func credentialsAreIceCharsOfTheRightLength() {
        var random = RandomSource(seed: 1)
        let one = ICECredentials.generate(using: &random)
        let two = ICECredentials.generate(using: &random)
        #expect(one != two)
        #expect(one.ufrag.utf8.count == 8)
        #expect(one.password.revealed.utf8.count == 24)
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        #expect((one.ufrag + one.password.revealed).allSatisfy { allowed.contains($0) })
        #expect(!"\(one)".contains(one.password.revealed))
    }

    @Test func foundationsTellKindsAndBasesApart() {
        var world = World(seed: 2)
        world.stunServers = [address("198.51.100.9", 3478)]
        world.add(.controlled, [address("10.0.0.2"), address("10.0.0.2", 10001), address("10.0.0.3")])
        for port in UInt16(10000)...10001 {
            world.nodes[0].nat[address("10.0.0.2", port)] = address("203.0.113.1", port)
        }
        world.nodes[0].nat[address("10.0.0.3")] = address("203.0.113.1", 10009)
        world.nodes[0].agent.gather(from: address("198.51.100.9", 3478), at: world.now)
        world.run(for: .seconds(1))
        let candidates = world.nodes[0].agent.localCandidates
        #expect(candidates.count == 6)
        func foundations(_ kind: ICECandidate.Kind, _ base: String) -> Set<String> {
            Set(
                candidates.filter { $0.kind == kind && ($0.related ?? $0.address).address == IPAddress(base) }
                    .map(\.foundation))
        }
        #expect(foundations(.host, "10.0.0.2").count == 1)
        #expect(foundations(.srflx, "10.0.0.2").count == 1)
        #expect(Set(candidates.map(\.foundation)).count == 4)
    }
}
