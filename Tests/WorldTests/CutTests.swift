import Basis
import Conference
import Devices
import Practice
import Room
import SimWorld
import Testing

/// A line that is cut for a while, and one whose addresses change: the call goes on by itself.
@Suite struct CutTests {
    private func inCall(_ options: WorldOptions = WorldOptions()) throws -> World {
        let world = try World(options)
        try #require(world.join())
        world.run(.seconds(3))
        return world
    }

    private static let unmanaged = WorldOptions(
        practice: PracticeOptions(channel: .webSocket, framesPerSecond: 5, resumption: nil))

    /// Cuts the line; true when new pictures of everybody came within `limit` of its return.
    private func cut(_ world: World, for duration: Duration, picturesWithin limit: Duration) -> Bool {
        world.network.isCut = true
        world.run(duration)
        world.network.isCut = false
        let before = world.pictures
        return world.run(atMost: limit) { $0.newPictures(since: before).allSatisfy { $0 > 0 } && $0.hasMedia }
    }

    @Test(arguments: [2, 8, 20]) func aShortCutIsOutlastedAndNothingIsOpenedAnew(seconds: Int) throws {
        let world = try inCall()
        let offers = world.milestones.count { $0 == .offered }
        #expect(cut(world, for: .seconds(seconds), picturesWithin: .milliseconds(1_500)))
        #expect(world.call?.isInterrupted == false)
        let heard = world.heard.values.reduce(0, +)
        let sent = try #require(world.observation?.audioPackets)
        world.run(.seconds(5))
        #expect(world.call?.attempt == 1)
        #expect(world.milestones.count { $0 == .offered } == offers)
        #expect(world.heard.values.reduce(0, +) > heard + 200)
        #expect(world.observation.map { $0.audioPackets > sent + 200 } == true)
        #expect(world.timesInMeeting == 1)
    }

    @Test func whatTheLineCarriesIsNotForgottenOverACut() throws {
        let world = try inCall()
        world.run(.seconds(10))
        let before = try #require(world.bandwidth)
        world.network.isCut = true
        world.run(.seconds(8))
        world.network.isCut = false
        world.run(.seconds(3))
        #expect(world.bandwidth.map { $0 > before * 7 / 10 } == true)
    }

    @Test func aCutIsToldWithinTwoSecondsAndItsEndAtOnce() throws {
        let world = try inCall()
        let cutAt = world.now
        world.network.isCut = true
        world.run(.milliseconds(1_500))
        #expect(world.call?.isInterrupted == false)
        #expect(world.run(atMost: .milliseconds(500)) { $0.call?.isInterrupted == true })
        #expect(world.room.panel().status == Lamp(.orange, .blink1Hz))
        #expect(world.hasMedia, "the pictures stay")
        world.run(.seconds(6))
        #expect(world.call?.isInterrupted == true)
        let backAt = world.now
        world.network.isCut = false
        #expect(world.run(atMost: .milliseconds(700)) { $0.call?.isInterrupted == false })
        #expect(world.room.panel().status == Lamp(.white))
        let told = world.instants { $0 == .fact(.lineInterrupted) }
        let ended = world.instants { $0 == .fact(.lineRestored) }
        #expect(told.count == 1 && ended.count == 1)
        #expect(told.allSatisfy { $0 - cutAt < .seconds(2) })
        #expect(ended.allSatisfy { $0 - backAt < .milliseconds(700) })
    }

    @Test func aCutOfHalfAMinuteIsOutlasted() throws {
        let world = try inCall()
        let endpoint = try #require(world.observation?.endpoint)
        #expect(cut(world, for: .seconds(30), picturesWithin: .seconds(8)))
        world.run(.seconds(10))
        #expect(world.call?.attempt == 1)
        #expect(world.call?.isInterrupted == false)
        #expect(world.observation?.endpoint == endpoint)
        #expect(world.timesInMeeting == 1)
        #expect(world.openedSockets.contains { $0.contains("previd=") })
    }

    @Test func whatWasPressedDuringACutIsSeenAfterIt() throws {
        let world = try inCall()
        world.network.isCut = true
        world.run(.seconds(20))
        world.press(.mute)
        world.press(.hand)
        world.run(.seconds(2))
        world.network.isCut = false
        #expect(world.run(atMost: .seconds(3)) { $0.observation?.audioMuted == true })
        #expect(world.run(atMost: .seconds(1)) { $0.observation?.raisedHand == true })
        #expect(world.call?.attempt == 1)
    }

    @Test func twoMinutesAreTooLongForTheServerAndTheMeetingIsEnteredAnew() throws {
        let world = try inCall()
        world.network.isCut = true
        world.run(.seconds(30))
        world.serverNoticesDeadSocket()
        world.run(.seconds(30))
        #expect(world.call?.isInterrupted == true)
        world.run(.seconds(60))
        #expect(world.fault == nil)
        world.network.isCut = false
        #expect(world.run(atMost: .seconds(20)) { $0.call?.attempt == 2 && $0.hasMedia && $0.pictures.count == 2 })
        #expect(world.call?.isInterrupted == false)
        #expect(world.timesInMeeting == 1)
        #expect(world.partners == 2)
    }

    @Test func tenMinutesAreFollowedByARejoinWithoutAnybodysHelp() throws {
        let world = try inCall()
        world.network.isCut = true
        world.run(.seconds(60))
        world.serverNoticesDeadSocket()
        world.run(.seconds(540))
        #expect(world.fault == nil)
        world.network.isCut = false
        #expect(world.run(atMost: .seconds(60)) { $0.hasMedia && $0.pictures.count == 2 })
        #expect(world.timesInMeeting == 1)
    }

    @Test(arguments: [8, 30, 60]) func aServerThatManagesNoStreamsIsWaitedForAndSeesNoGhost(seconds: Int) throws {
        let world = try inCall(Self.unmanaged)
        _ = cut(world, for: .seconds(seconds), picturesWithin: .seconds(15))
        #expect(world.run(atMost: .seconds(10)) { $0.hasMedia && $0.call?.isInterrupted == false })
        #expect(world.call?.attempt == 1)
        #expect(world.timesInMeeting == 1)
    }

    @Test func aBrokenSignallingSocketAloneIsNotSeen() throws {
        let world = try inCall()
        let heard = world.heard.values.reduce(0, +)
        world.breakSocket(.signalling)
        world.run(.seconds(3))
        #expect(world.instants { $0 == .fact(.lineInterrupted) }.isEmpty)
        #expect(world.heard.values.reduce(0, +) > heard + 120)
        #expect(world.call?.attempt == 1)
        #expect(world.timesInMeeting == 1)
        world.press(.mute)
        #expect(world.run(atMost: .seconds(1)) { $0.observation?.audioMuted == true })
    }

    @Test func aBridgeThatFallsSilentWhileTheServerSpeaksIsReplaced() throws {
        let world = try inCall()
        world.network.blocksDatagrams = true
        #expect(world.run(atMost: .seconds(3)) { $0.call?.isInterrupted == true })
        #expect(world.run(atMost: .seconds(10)) { world in world.milestones.count { $0 == .offered } == 2 })
        #expect(world.call?.isInterrupted == true)
        world.network.blocksDatagrams = false
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia && $0.call?.isInterrupted == false })
        #expect(world.call?.attempt == 1)
        #expect(world.run(atMost: .seconds(2)) { $0.pictures.count == 2 })
    }

    // MARK: Addresses

    @Test func anotherNetworkIsMovedToWithinSecondsInTheSameMeeting() throws {
        let world = try inCall()
        let endpoint = try #require(world.observation?.endpoint)
        world.moveBox(gap: .seconds(2))
        world.run(.milliseconds(100))
        #expect(world.call?.isInterrupted == true)
        world.run(.milliseconds(1_900))
        let before = world.pictures
        #expect(
            world.run(atMost: .seconds(3)) { world in
                world.call?.isInterrupted == false && world.newPictures(since: before).contains { $0 > 0 }
            })
        #expect(world.call?.attempt == 1)
        #expect(world.observation?.endpoint == endpoint)
        #expect(world.timesInMeeting == 1)
        let sent = try #require(world.observation?.audioPackets)
        world.run(.seconds(3))
        #expect(world.observation.map { $0.audioPackets > sent + 100 } == true)
    }

    @Test func anotherNetworkBesideAServerThatManagesNoStreamsTakesARejoin() throws {
        let world = try inCall(Self.unmanaged)
        world.moveBox()
        #expect(world.run(atMost: .seconds(20)) { $0.call?.attempt == 2 && $0.hasMedia })
    }

    @Test func aCablePutInAgainGoesOnWhereItWas() throws {
        let world = try inCall()
        let offers = world.milestones.count { $0 == .offered }
        world.network.isCut = true
        world.replugBox(gap: .seconds(5))
        #expect(world.call?.isInterrupted == true)
        world.run(.seconds(5))
        world.network.isCut = false
        #expect(world.run(atMost: .seconds(1)) { $0.call?.isInterrupted == false })
        world.run(.seconds(5))
        #expect(world.milestones.count { $0 == .offered } == offers)
        #expect(world.call?.attempt == 1)
        #expect(world.timesInMeeting == 1)
    }
}
