import Basis
import ICE
import Testing

/// A path that is watched: silences are noticed, asked about and outlasted.
@Suite struct ICEWatchTests {
    private func watched(seed: UInt64, bases: [String] = ["192.0.2.10"]) throws -> World {
        var world = World(seed: seed)
        world.add(.controlled, bases.map { address($0) })
        world.add(.controlling, [address("203.0.113.20")])
        world.introduce()
        let isConnected = world.run(for: .seconds(2)) { $0.nodes.allSatisfy(\.agent.isNominated) }
        try #require(isConnected)
        world.nodes[0].agent.beginWatch(at: world.now)
        world.nodes[0].events = []
        return world
    }

    private func block(_ world: inout World, _ isBlocked: Bool) {
        world.isBlocked = { _, _ in isBlocked }
    }

    @Test func aPeerThatAnswersIsNeverInterrupted() throws {
        var world = try watched(seed: 1)
        world.run(for: .seconds(120))
        #expect(world.nodes[0].events.isEmpty)
        // About once a second while nothing else comes.
        #expect((100...200).contains(world.nodes[0].requests.count))
    }

    @Test func mediaThatComesSparesTheQuestions() throws {
        var world = try watched(seed: 2)
        let before = world.nodes[0].requests.count
        let path = try #require(world.nodes[0].agent.selectedPath)
        for _ in 0..<500 {
            world.run(for: .milliseconds(20))
            world.nodes[0].agent.hear(on: path, at: world.now)
        }
        // For consent alone.
        #expect(world.nodes[0].requests.count - before <= 3)
    }

    @Test(arguments: [2, 8, 25]) func aSilenceIsToldSoonAndItsEndAtOnce(seconds: Int) throws {
        var world = try watched(seed: 3)
        world.run(for: .seconds(10))
        let cut = world.now
        block(&world, true)
        world.run(for: .seconds(seconds))
        let told = try #require(world.nodes[0].when(.interrupted))
        #expect(told - cut < .milliseconds(1_700))
        #expect(world.nodes[0].agent.isInterrupted)
        #expect(world.nodes[0].agent.selectedPath != nil)
        let back = world.now
        block(&world, false)
        world.run(for: .seconds(1))
        let restored = try #require(world.nodes[0].when(.restored))
        #expect(restored - back < .milliseconds(600))
        #expect(!world.nodes[0].agent.isInterrupted)
        #expect(world.nodes[0].selections.isEmpty)
    }

    @Test func withoutConsentNothingIsSentUntilThePeerAnswersAgain() throws {
        var world = try watched(seed: 4)
        let path = try #require(world.nodes[0].agent.selectedPath)
        block(&world, true)
        world.run(for: .seconds(40))
        #expect(world.nodes[0].agent.selectedPath == nil)
        #expect(world.nodes[0].when(.consentLost) == nil)
        // What merely arrives is no consent.
        world.nodes[0].agent.hear(on: path, at: world.now)
        #expect(world.nodes[0].agent.selectedPath == nil)
        // The peer, not watching, has given up by now; one that has not answers again.
        var other = try watched(seed: 4)
        other.nodes[1].agent.beginWatch(at: other.now)
        block(&other, true)
        other.run(for: .seconds(60))
        #expect(other.nodes.allSatisfy { $0.agent.selectedPath == nil })
        block(&other, false)
        other.run(for: .seconds(1))
        #expect(other.nodes.allSatisfy { $0.agent.selectedPath != nil && !$0.agent.isInterrupted })
        #expect(other.nodes[0].events.map(\.event) == [.interrupted, .restored])
    }

    @Test func anotherBaseTakesOverWhenTheFirstStaysSilent() throws {
        var world = try watched(seed: 5, bases: ["192.0.2.10", "198.51.100.7"])
        world.run(for: .seconds(5))
        let dead = try #require(world.nodes[0].agent.selectedPath).local
        world.isBlocked = { from, to in from == dead || to == dead }
        world.run(for: .seconds(6))
        let path = try #require(world.nodes[0].agent.selectedPath)
        #expect(path.local != dead)
        // The peer still sends to the other: that we reach it is not enough.
        #expect(world.nodes[0].agent.isInterrupted)
        world.nodes[0].agent.hear(on: path, at: world.now)
        #expect(!world.nodes[0].agent.isInterrupted)
        world.run(for: .seconds(20))
        #expect(world.nodes[0].agent.selectedPath == path)
    }

    @Test func aBaseThatComesLaterIsTriedDuringASilence() throws {
        var world = try watched(seed: 6)
        let dead = try #require(world.nodes[0].agent.selectedPath).local
        world.isBlocked = { from, to in from == dead || to == dead }
        world.nodes[0].agent.suspect(isGone: true, at: world.now)
        #expect(world.nodes[0].agent.isInterrupted)
        let new = address("198.51.100.8", 40_000)
        world.nodes[0].agent.addHost(new, localPreference: 100)
        let isMoved = world.run(for: .seconds(6)) { $0.nodes[0].agent.selectedPath?.local == new }
        #expect(isMoved)
    }

    @Test func aShortLapseIsNoInterruption() throws {
        var world = try watched(seed: 7)
        world.run(for: .seconds(3))
        block(&world, true)
        world.run(for: .milliseconds(1_000))
        block(&world, false)
        world.run(for: .seconds(3))
        #expect(world.nodes[0].events.isEmpty)
    }

    @Test func whoWasHeldUpListensBeforeItJudges() throws {
        var world = try watched(seed: 9)
        let path = try #require(world.nodes[0].agent.selectedPath)
        // The agent is not called for four seconds, then with what had arrived meanwhile.
        let late = world.now + .seconds(4)
        world.nodes[0].agent.advance(to: late)
        #expect(!world.nodes[0].agent.isInterrupted)
        world.nodes[0].agent.hear(on: path, at: late)
        world.nodes[0].agent.advance(to: late + .milliseconds(650))
        #expect(!world.nodes[0].agent.isInterrupted)
    }

    /// Agents that are done refuse checks of other pairs than the selected one.
    @Test func aRefusalOfAnotherPairEndsASilence() throws {
        var world = try watched(seed: 11, bases: ["192.0.2.10", "192.0.2.11"])
        let silent = try #require(world.nodes[0].agent.selectedPath)
        world.isBlocked = { local, remote in local == silent.local || remote == silent.local }
        let count = world.nodes[0].requests.count
        func other(_ world: World) -> (path: DatagramPath, transaction: STUNMessage.TransactionID)? {
            world.nodes[0].requests.dropFirst(count).last { $0.path.local != silent.local }
                .map { ($0.path, $0.message.transaction) }
        }
        let isAsked = world.run(for: .seconds(10)) { $0.nodes[0].agent.isInterrupted && other($0) != nil }
        try #require(isAsked)
        let asked = try #require(other(world))
        var refusal = STUNMessage(.error, .binding, transaction: asked.transaction)
        refusal.errorCode = .forbidden
        let key = world.nodes[1].credentials.integrityKey
        world.nodes[0].agent.receive(refusal.encoded(key: key).span, on: asked.path, at: world.now)
        world.run(for: .zero)
        #expect(world.nodes[0].when(.consentLost) != nil)
    }

    @Test func aRefusalOfConsentStillEndsTheAgent() throws {
        var world = try watched(seed: 8)
        let count = world.nodes[0].requests.count
        let isAsked = world.run(for: .seconds(3)) { $0.nodes[0].requests.count > count }
        #expect(isAsked)
        let asked = try #require(world.nodes[0].requests.last)
        var refusal = STUNMessage(.error, .binding, transaction: asked.message.transaction)
        refusal.errorCode = .forbidden
        let key = world.nodes[1].credentials.integrityKey
        world.nodes[0].agent.receive(refusal.encoded(key: key).span, on: asked.path, at: world.now)
        world.run(for: .zero)
        #expect(world.nodes[0].when(.consentLost) != nil)
    }
}
