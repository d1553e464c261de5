import Basis
import Conference
import Devices
import Practice
import Room
import SimWorld
import Testing

/// What the room hears of a call, beside the call.
@Suite struct SoundTests {
    private func sounds(_ world: World) -> [RoomSound] {
        world.journal.compactMap { if case .sound(let sound) = $0.entry { sound } else { nil } }
    }

    @Test func aCallIsHeardFromItsBeginningToItsEnd() throws {
        let world = try World()
        #expect(world.join())
        world.run(.seconds(10))
        #expect(sounds(world) == [.joined])
        world.inMeeting { practice, now in
            practice.addPartner(PracticePartner(name: "Noor", colour: .violet, tone: 660), at: now)
        }
        world.run(.seconds(10))
        world.inMeeting { $0.removePartner(named: "Camille", at: $1) }
        world.run(.seconds(10))
        world.press(.mute)
        world.run(.seconds(1))
        world.press(.mute)
        world.run(.seconds(1))
        world.press(.hangUp)
        world.run(.seconds(10))
        #expect(sounds(world) == [.joined, .somebodyJoined, .somebodyLeft, .muted, .unmuted, .left])
    }

    @Test func aLineThatBreaksIsHeardAndNobodyIsAnnouncedAgain() throws {
        let world = try World(
            WorldOptions(practice: PracticeOptions(channel: .webSocket, framesPerSecond: 5, resumption: nil)))
        #expect(world.join())
        world.run(.seconds(5))
        world.breakSocket(.signalling)
        #expect(world.run(atMost: .seconds(10)) { $0.hasMedia && $0.call?.attempt == 2 })
        world.run(.seconds(10))
        #expect(sounds(world) == [.joined, .connectionLost, .connectionBack])
    }

    @Test func beingPutOutIsHeardAsLeaving() throws {
        let world = try World()
        #expect(world.join())
        world.run(.seconds(5))
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.kick(endpoint, at: $1) }
        world.run(.seconds(5))
        #expect(sounds(world) == [.joined, .left])
    }

    @Test func copiesOfEarlierSoundAreAcceptedWhereTheyAreOffered() throws {
        let world = try World()
        #expect(world.join())
        // The parameter of RFC 2198 that names Opus twice.
        #expect(world.texts(.signalling, containing: "111/111") == 1)
    }
}
