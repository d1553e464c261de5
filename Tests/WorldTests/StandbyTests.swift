import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import RoomController
import SimWorld
import Testing

@Suite struct StandbyTests {
    /// A box that is let stand by, after the moment that it waits first.
    private func standingBy(latency: Duration = .milliseconds(20)) throws -> World {
        let world = try World(WorldOptions(standsBy: true))
        world.network.latency = latency
        try #require(world.run(atMost: .seconds(5)) { $0.isStandingBy })
        return world
    }

    private func ready(latency: Duration = .milliseconds(20)) throws -> World {
        let world = try standingBy(latency: latency)
        try #require(world.run(atMost: .seconds(5)) { $0.isReady })
        return world
    }

    @Test func whatStoodByJoinsInFarFewerRoundTrips() throws {
        func timeToPictures(_ world: World) throws -> Duration {
            let pressed = world.now
            try #require(world.join())
            return world.now - pressed
        }
        let other = try World()
        other.network.latency = .milliseconds(50)
        let cold = try timeToPictures(other)
        let warm = try timeToPictures(try ready(latency: .milliseconds(50)))
        // Configuration, connection, stream, authentication, stream, binding.
        #expect(cold - warm >= .milliseconds(400))
    }

    @Test func untilThePressNobodyNotices() throws {
        let world = try ready()
        world.run(.seconds(120))
        #expect(world.isReady, "it answers the server's pings and sends its own")
        #expect(world.isIdle && !world.hasConference)
        #expect(world.observation == nil)
        #expect(world.traffic.datagrams == 0)
        #expect(!world.journal.contains { if case .fact = $0.entry { true } else { false } })
        #expect(world.observed.status?.isStandingBy == true)
        #expect(world.join())
        #expect(
            world.milestones.filter { $0 != .channelOpen } == [
                .configuration, .signallingOpen, .authenticated, .focusReady, .joined, .offered, .mediaConnected,
                .secured,
            ])
        #expect(world.observation?.failure == nil)
    }

    @Test func aPressMayComeBeforeItIsReady() throws {
        for milliseconds in [1, 60, 120, 200] {
            let world = try standingBy()
            world.run(.milliseconds(milliseconds))
            #expect(world.join(), "pressed after \(milliseconds) ms")
        }
    }

    @Test func aConnectionThatDiedUnseenCostsAMomentOnly() throws {
        let world = try ready()
        // What it stands on is gone, and nobody told the box: a router that was started anew.
        world.moveBox()
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia && $0.pictures.count == 2 })
        let died = world.first { entry in
            if case .diagnostic(let diagnostic) = entry { diagnostic.code == "standby-dead" } else { false }
        }
        #expect(died != nil)
        #expect(world.isInCall)
    }

    @Test func theServersEndEndsItWithoutAWordAndItComesBackByItself() throws {
        let world = try ready()
        world.network.isCut = true
        #expect(world.run(atMost: .seconds(90)) { !$0.isReady })
        #expect(world.isIdle)
        world.network.isCut = false
        #expect(world.run(atMost: .seconds(120)) { $0.isReady })
        #expect(world.isIdle)
        #expect(world.join())
    }

    @Test func anotherNetworkMeansAnotherConnection() throws {
        let world = try ready()
        world.moveBox()
        world.happen(.network(NetworkState(hasCarrier: true, address: IPAddress("198.51.100.1"))))
        #expect(!world.isStandingBy)
        #expect(world.run(atMost: .seconds(10)) { $0.isReady })
        #expect(world.join())
    }

    @Test func afterACallItStandsByAgain() throws {
        let world = try ready()
        try #require(world.join())
        #expect(!world.isStandingBy)
        world.press(.hangUp)
        #expect(world.run(atMost: .seconds(10)) { $0.isReady })
        #expect(world.observation == nil)
    }
}

@Suite struct StandbyPlanTests {
    private func instant(_ seconds: Double) -> MonotonicInstant { .zero + .milliseconds(Int(seconds * 1_000)) }

    @Test func opensAfterAMomentAndAgainWithGrowingPauses() throws {
        var plan = StandbyPlan(random: RandomSource(seed: 7))
        var now = instant(0)
        var pauses: [Duration] = []
        #expect(step(&plan, 2, now) == nil)
        for _ in 0..<14 {
            let due = try #require(plan.deadline)
            pauses.append(due - now)
            now = due
            #expect(step(&plan, 2, now) == .open(meeting: 2))
            plan.ended(isRefusal: false, at: now)
        }
        #expect(pauses[0] <= .seconds(3))
        #expect(pauses[9] > .seconds(200))
        #expect(pauses.allSatisfy { $0 >= .milliseconds(500) && $0 <= .seconds(600) })
        // A server that lets us in and drops us at once is no better than one that does not.
        now = try #require(plan.deadline)
        #expect(step(&plan, 2, now) == .open(meeting: 2))
        plan.becameReady(at: now)
        plan.ended(isRefusal: false, at: now + .seconds(1))
        #expect(try #require(plan.deadline) - now > .seconds(200))
        // Once it stood for a while, the next pause is short again.
        now = try #require(plan.deadline)
        #expect(step(&plan, 2, now) == .open(meeting: 2))
        plan.becameReady(at: now)
        now += .seconds(61)
        plan.ended(isRefusal: false, at: now)
        #expect(try #require(plan.deadline) - now <= .seconds(6))
    }

    @Test func anAccountThatIsRefusedIsNotTriedAgain() throws {
        var plan = StandbyPlan(random: RandomSource(seed: 7))
        _ = step(&plan, 0, instant(0))
        #expect(step(&plan, 0, instant(3)) == .open(meeting: 0))
        plan.ended(isRefusal: true, at: instant(4))
        #expect(step(&plan, 0, instant(5)) == nil)
        #expect(plan.deadline == nil)
        #expect(changed(&plan, instant(6)) == nil)
        #expect(step(&plan, nil, instant(7)) == nil)
        #expect(step(&plan, 0, instant(4_000)) == nil)
        // Another meeting has nothing to do with it; and whoever is let in may stand by again.
        #expect(step(&plan, 1, instant(4_001)) == nil)
        #expect(step(&plan, 1, instant(4_004)) == .open(meeting: 1))
        plan.taken()
        plan.admitted(0)
        #expect(step(&plan, 0, instant(5_000)) == nil)
        #expect(step(&plan, 0, instant(5_003)) == .open(meeting: 0))
    }

    @Test func isMadeAnewNowAndThenAndClosedWhenNotWanted() throws {
        var plan = StandbyPlan(random: RandomSource(seed: 7))
        #expect(step(&plan, 0, instant(0)) == nil)
        #expect(step(&plan, 0, instant(3)) == .open(meeting: 0))
        plan.becameReady(at: instant(3))
        #expect(step(&plan, 0, instant(3_000)) == nil)
        let renewal = try #require(plan.deadline)
        #expect(step(&plan, 0, renewal) == .close)
        #expect(step(&plan, 0, renewal + .seconds(3)) == .open(meeting: 0))
        // Another meeting is likelier now.
        #expect(step(&plan, 1, renewal + .seconds(4)) == .close)
        #expect(step(&plan, 1, renewal + .seconds(7)) == .open(meeting: 1))
        #expect(step(&plan, nil, renewal + .seconds(8)) == .close)
        #expect(plan.deadline == nil)
    }

    @Test func anotherNetworkMeansAnotherConnection() {
        var plan = StandbyPlan(random: RandomSource(seed: 7))
        #expect(changed(&plan, instant(0)) == nil)
        _ = step(&plan, 0, instant(0))
        #expect(step(&plan, 0, instant(3)) == .open(meeting: 0))
        #expect(changed(&plan, instant(4)) == .close)
        #expect(step(&plan, 0, instant(7)) == .open(meeting: 0))
        plan.taken()
        #expect(plan.deadline == nil)
        #expect(changed(&plan, instant(8)) == nil)
    }

    private func step(_ plan: inout StandbyPlan, _ wanted: Int?, _ now: MonotonicInstant) -> StandbyPlan.Step? {
        plan.update(wanted: wanted, at: now)
    }

    private func changed(_ plan: inout StandbyPlan, _ now: MonotonicInstant) -> StandbyPlan.Step? {
        plan.networkChanged(at: now)
    }
}
