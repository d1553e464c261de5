import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld
import Testing

/// Waiting at the door until somebody opens it.
@Suite struct LobbyTests {
    private func knocking(
        password: String? = nil, configured: String? = nil, resumption: Duration? = .seconds(60)
    ) throws -> World {
        var practice = PracticeOptions(
            channel: .webSocket, password: password, framesPerSecond: 5, resumption: resumption)
        practice.lobby = true
        let world = try World(WorldOptions(practice: practice, roomPassword: configured))
        world.press(.join(room: 0))
        return world
    }

    @Test func whoIsLetInJoinsAndLeavesTheLobby() throws {
        let world = try knocking()
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        #expect(world.knocking == ["Salle du conseil"])
        world.run(.seconds(3_600))
        #expect(world.waiting == .lobby)
        #expect(world.traffic.media == 0)
        world.inMeeting { practice, _ in practice.admit(named: "Salle du conseil") }
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
        world.run(.seconds(1))
        #expect(world.knocking == [])
        #expect(world.call?.attempt == 1)
        #expect(world.meetingFacts.isMembersOnly)
        #expect(world.observation?.name == "Salle du conseil")
    }

    @Test func whoIsSentAwaySeesItAndDoesNotKnockAgain() throws {
        let world = try knocking()
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        world.inMeeting { practice, _ in practice.deny(named: "Salle du conseil") }
        #expect(world.run(atMost: .seconds(1)) { $0.fault == .lobbyRefused })
        world.run(.seconds(600))
        #expect(world.fault == .lobbyRefused)
        #expect(world.knocking == [])
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
    }

    @Test func hangingUpStopsWaiting() throws {
        let world = try knocking()
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        world.press(.hangUp)
        #expect(world.run(atMost: .seconds(1)) { $0.isIdle && !$0.hasConference && $0.knocking.isEmpty })
        world.inMeeting { practice, _ in practice.admit(named: "Salle du conseil") }
        world.run(.seconds(60))
        #expect(world.isIdle)
        #expect(world.observation == nil)
    }

    @Test func aLobbyThatIsClosedLetsEverybodyIn() throws {
        let world = try knocking()
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        world.inMeeting { practice, _ in practice.setLobby(false) }
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
        #expect(!world.meetingFacts.isLocked)
    }

    @Test func thePasswordOpensTheDoorOfALobbyToo() throws {
        let world = try knocking(password: "sésame", configured: "sésame")
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
        #expect(world.first { $0 == .fact(.inLobby) } == nil)

        let waiting = try knocking(password: "sésame")
        #expect(waiting.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        waiting.provide(password: "sésame")
        #expect(waiting.run(atMost: .seconds(5)) { $0.hasMedia })
        waiting.run(.seconds(1))
        #expect(waiting.knocking == [])
    }

    @Test func whoIsLetInNeedsNoPassword() throws {
        let world = try knocking(password: "sésame")
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        world.inMeeting { practice, _ in practice.admit(named: "Salle du conseil") }
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
    }

    @Test func aConnectionThatBreaksAtTheDoorKnocksAgain() throws {
        // Where the server forgets whoever's connection breaks.
        let world = try knocking(resumption: nil)
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        world.breakSocket(.signalling)
        #expect(world.run(atMost: .seconds(2)) { $0.waiting != .lobby })
        #expect(world.run(atMost: .seconds(10)) { $0.isAtTheDoor })
    }

    @Test func aConnectionThatBreaksAtTheDoorIsTakenUpAgain() throws {
        let world = try knocking()
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        world.breakSocket(.signalling)
        world.run(.seconds(5))
        #expect(world.isAtTheDoor && world.knocking == ["Salle du conseil"])
        world.inMeeting { practice, _ in practice.admit(named: "Salle du conseil") }
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
        #expect(world.openedSockets.contains { $0.contains("previd=") })
    }

    @Test func theDoorOpensByItselfWhereAScriptSaysSo() throws {
        var practice = PracticeOptions(channel: .webSocket, framesPerSecond: 5)
        practice.lobby = true
        practice.admitsAfter = .seconds(6)
        let world = try World(WorldOptions(practice: practice))
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(5)) { $0.isAtTheDoor })
        #expect(world.run(atMost: .seconds(10)) { $0.hasMedia })
    }
}

extension World {
    /// The box waits, and the others see it waiting.
    fileprivate var isAtTheDoor: Bool { waiting == .lobby && knocking == ["Salle du conseil"] }
}
