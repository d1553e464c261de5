import Basis
import ICE
import Testing

private func connected(seed: UInt64) throws -> World {
    var world = World(seed: seed)
    world.add(.controlled, [address("192.0.2.10")])
    world.add(.controlling, [address("203.0.113.20")])
    world.introduce()
    let isConnected = world.run(for: .seconds(2)) { $0.nodes.allSatisfy(\.agent.isNominated) }
    try #require(isConnected)
    return world
}

@Suite struct ICEConsentTests {
    @Test func asksEveryFourToSixSeconds() throws {
        var world = try connected(seed: 1)
        let start = world.now
        world.run(for: .seconds(600))
        let times = world.nodes[0].requests.map(\.at).filter { $0 > start }
        let intervals = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect((100...150).contains(times.count))
        #expect(intervals.allSatisfy { $0 >= .seconds(4) && $0 <= .seconds(6) })
        #expect(Set(intervals).count > 20)
        #expect(world.nodes.allSatisfy { $0.agent.selectedPath != nil && $0.when(.consentLost) == nil })
    }

    @Test func isLostThirtySecondsAfterTheLastAnswer() throws {
        var world = try connected(seed: 2)
        world.run(for: .seconds(60))
        let request = try #require(world.nodes[0].requests.last)
        world.run(for: max(request.at + .milliseconds(31) - world.now, .zero))
        world.isBlocked = { _, _ in true }
        world.run(for: .seconds(29))
        #expect(world.nodes[0].agent.selectedPath != nil)
        world.run(for: .seconds(3))
        #expect(world.nodes[0].when(.consentLost) == request.at + .milliseconds(30) + .seconds(30))
        #expect(world.nodes[0].agent.selectedPath == nil)
        let count = world.nodes[0].requests.count
        world.run(for: .seconds(60))
        #expect(world.nodes[0].requests.count == count)
    }

    @Test func survivesAnInterruptionThatEndsInTime() throws {
        var world = try connected(seed: 3)
        world.run(for: .seconds(10))
        for _ in 0..<5 {
            world.isBlocked = { _, _ in true }
            world.run(for: .seconds(17))
            world.isBlocked = { _, _ in false }
            world.run(for: .seconds(8))
        }
        #expect(world.nodes.allSatisfy { $0.agent.isNominated && $0.selections.count == 1 })
    }

    @Test func endsWhenThePeerRevokesIt() throws {
        var world = try connected(seed: 4)
        let count = world.nodes[0].requests.count
        let isReached = world.run(for: .seconds(7)) { $0.nodes[0].requests.count > count }
        #expect(isReached)
        let asked = try #require(world.nodes[0].requests.last)
        var refusal = STUNMessage(.error, .binding, transaction: asked.message.transaction)
        refusal.errorCode = .forbidden
        world.nodes[0].agent.receive(refusal.encoded().span, on: asked.path, at: world.now)
        #expect(world.nodes[0].agent.selectedPath != nil, "anybody can say so without the password")
        let key = world.nodes[1].credentials.integrityKey
        world.nodes[0].agent.receive(refusal.encoded(key: key).span, on: asked.path, at: world.now)
        #expect(world.nodes[0].agent.selectedPath == nil)
        let event = world.nodes[0].agent.pollEvent()
        #expect(event == .consentLost)
    }

    @Test func followsTheRoundTrip() throws {
        var world = try connected(seed: 5)
        world.latency = .milliseconds(100)
        world.run(for: .seconds(300))
        let roundTrip = try #require(world.nodes[0].agent.roundTrip)
        #expect(roundTrip > .milliseconds(190) && roundTrip <= .milliseconds(200))
    }
}
