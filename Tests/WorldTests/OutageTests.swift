import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld
import Testing

/// The focus restarts, there is no bridge, moderators forbid: what is said, and that all goes on by itself.
@Suite struct OutageTests {
    private func inCall(_ options: WorldOptions = WorldOptions()) throws -> World {
        let world = try World(options)
        try #require(world.join())
        return world
    }

    private func isTold(_ world: World, _ notice: ConferenceNotice) -> Bool {
        world.first { $0 == .notice(notice) } != nil
    }

    // MARK: Jicofo started anew

    @Test func aFocusStartedAnewCostsNoMediaWhereTheBridgeGoesOn() throws {
        let world = try inCall()
        let secured = world.milestones.count { $0 == .secured }
        world.inMeeting { $0.restartFocus(after: .seconds(6), at: $1) }
        world.run(.milliseconds(500))
        #expect(isTold(world, .focusLeft))
        let before = world.pictures
        world.run(.seconds(4))
        #expect(world.newPictures(since: before).allSatisfy { $0 >= 15 }, "the bridge still sends")
        #expect(world.run(atMost: .seconds(12)) { world in world.milestones.count { $0 == .secured } > secured })
        #expect(isTold(world, .focusReturned))
        world.run(.seconds(2))
        #expect(world.hasMedia && world.pictures.count == 2)
        #expect(world.call?.attempt == 1)
        #expect(world.instants { $0 == .fact(.lineInterrupted) }.isEmpty)
    }

    @Test func aFocusThatTakesTheBridgeAlongIsSaidAndBackSoon() throws {
        let world = try inCall()
        let start = world.now
        let secured = world.milestones.count { $0 == .secured }
        world.inMeeting { $0.restartFocus(after: .seconds(10), keepsBridge: false, at: $1) }
        #expect(world.run(atMost: .seconds(10)) { world in world.first { $0 == .fact(.lineInterrupted) } != nil })
        #expect(world.run(atMost: .seconds(20)) { world in world.milestones.count { $0 == .secured } > secured })
        #expect(world.now - start < .seconds(20), "not two waits of 20 s")
        world.run(.seconds(2))
        #expect(world.hasMedia && world.pictures.count == 2)
        #expect(world.call?.isInterrupted == false)
        #expect(world.call?.attempt == 1)
    }

    // MARK: No bridge

    @Test func aMeetingWithoutABridgeIsSaidUntilThereIsOne() throws {
        let world = try World()
        world.inMeeting { $0.setBridge(isAvailable: false, at: $1) }
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(5)) { $0.call?.isInterrupted == true })
        #expect(isTold(world, .bridgeUnavailable))
        #expect(!world.hasMedia)
        world.run(.seconds(30))
        world.inMeeting { $0.setBridge(isAvailable: true, at: $1) }
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia && $0.pictures.count == 2 })
        #expect(isTold(world, .bridgeAvailable))
        #expect(world.call?.isInterrupted == false)
    }

    // MARK: Muting

    @Test func whoIsAloneUnmutesThoughTheFocusKnowsNoSession() throws {
        let world = try World(
            WorldOptions(practice: PracticeOptions(channel: .webSocket, partners: [], framesPerSecond: 5)))
        world.press(.join(room: 0))
        try #require(world.run(atMost: .seconds(5)) { $0.isInCall })
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.mute(.audio, of: endpoint, at: $1) }
        #expect(world.run(atMost: .seconds(2)) { $0.observation?.audioMuted == true })
        #expect(world.room.microphoneMuted)
        world.press(.mute)
        #expect(world.run(atMost: .seconds(2)) { $0.observation?.audioMuted == false })
        #expect(!world.room.microphoneMuted)
    }

    @Test func moderationIsReportedStepByStep() throws {
        let world = try inCall()
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { practice, _ in practice.moderate(.audio, isOn: true, by: "Camille") }
        #expect(world.run(atMost: .seconds(2)) { $0.observation?.audioMuted == true })
        #expect(isTold(world, .moderation(.audio, isOn: true, by: "Camille")))
        #expect(isTold(world, .muted(.audio, by: "Camille")))
        #expect(world.room.microphoneMuted)
        world.press(.mute)
        world.run(.seconds(1))
        #expect(isTold(world, .unmute(.audio, .refused)))
        #expect(world.room.microphoneMuted, "lamp and truth")
        world.inMeeting { practice, _ in practice.approve(.audio, of: endpoint) }
        world.run(.seconds(1))
        #expect(isTold(world, .unmute(.audio, .approved)))
        #expect(world.observation?.audioMuted == true)
        world.press(.mute)
        #expect(world.run(atMost: .seconds(2)) { $0.observation?.audioMuted == false })
        #expect(isTold(world, .unmute(.audio, .requested)) && isTold(world, .unmute(.audio, .granted)))
    }

    // MARK: A stream that breaks again and again

    @Test func aStreamThatBreaksAtEachResumptionIsGivenUp() throws {
        let world = try inCall()
        func resumptions() -> Int {
            world.journal.count { record in
                if case .diagnostic(let diagnostic) = record.entry {
                    diagnostic.code == "signalling-resumed"
                } else {
                    false
                }
            }
        }
        for _ in 0..<12 where world.call?.attempt == 1 {
            let before = resumptions()
            world.breakSocket(.signalling)
            _ = world.run(atMost: .seconds(20)) { $0.call?.attempt != 1 || resumptions() > before }
        }
        #expect(resumptions() == 6, "five short ones after the first")
        #expect(world.run(atMost: .seconds(20)) { $0.hasMedia && $0.call?.attempt == 2 })
    }
}
