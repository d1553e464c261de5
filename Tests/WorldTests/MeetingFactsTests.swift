import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld
import Testing

/// What the meeting is, from the server's word to what the room knows.
@Suite struct MeetingFactsTests {
    private func inCall(_ options: WorldOptions = WorldOptions()) throws -> World {
        let world = try World(options)
        try #require(world.join())
        return world
    }

    private func captions(_ world: World) -> [Caption] {
        world.journal.compactMap { if case .caption(let caption) = $0.entry { caption } else { nil } }
    }

    @Test func aRecordingIsSeenComingGoingOnAndEnding() throws {
        let world = try inCall()
        #expect(world.meetingFacts == MeetingFacts())
        world.inMeeting { practice, _ in practice.setRecording("pending", by: "Camille") }
        #expect(world.run(atMost: .milliseconds(100)) { $0.meetingFacts.recording == .starting })
        world.inMeeting { practice, _ in practice.setRecording("on", by: "Camille") }
        #expect(world.run(atMost: .milliseconds(100)) { $0.meetingFacts.recording == .on })
        #expect(world.meetingFacts.recordingStarter == "Camille")
        world.inMeeting { practice, _ in practice.setRecording("on", isStream: true) }
        #expect(world.run(atMost: .milliseconds(100)) { $0.meetingFacts.liveStream == .on })
        world.inMeeting { practice, _ in practice.setRecording("off") }
        #expect(world.run(atMost: .milliseconds(100)) { $0.meetingFacts.recording == .off })
        #expect(world.meetingFacts.liveStream == .on)
        #expect(world.hasMedia)
    }

    @Test func whoJoinsARecordedMeetingKnowsItBeforeThePictures() throws {
        let world = try World()
        world.inMeeting { practice, _ in practice.setRecording("on") }
        #expect(world.join())
        #expect(world.meetingFacts.recording == .on)
        let known = try #require(
            world.first { if case .facts(let facts) = $0 { facts.recording == .on } else { false } })
        let picture = try #require(world.first { $0.isFirstPicture })
        #expect(known < picture)
    }

    @Test func whatIsSaidIsWrittenDownWithItsSpeaker() throws {
        let world = try inCall()
        world.inMeeting { practice, _ in
            practice.setTranscriber(true)
            practice.caption("Bonjour à", id: "1", isInterim: true, partnerNamed: "Idris")
            practice.caption("Bonjour à tous", id: "1", isInterim: false, partnerNamed: "Idris")
        }
        world.run(.milliseconds(100))
        #expect(world.meetingFacts.isTranscribed)
        #expect(captions(world).map(\.text) == ["Bonjour à", "Bonjour à tous"])
        #expect(captions(world).map(\.name) == ["Idris", "Idris"])
        #expect(captions(world).map(\.isInterim) == [true, false])
        #expect(world.participants.map(\.name) == ["Camille", "Idris"])
        world.inMeeting { practice, _ in practice.setTranscriber(false) }
        world.run(.milliseconds(100))
        #expect(!world.meetingFacts.isTranscribed)
    }

    @Test func lockLobbyAndEncryptionAreKnown() throws {
        let world = try inCall()
        world.inMeeting { practice, _ in
            practice.setPassword("sésame")
            practice.setLobby(true)
            practice.setEncryption(true, partnerNamed: "Idris")
        }
        #expect(
            world.run(atMost: .seconds(1)) {
                $0.meetingFacts.hasPassword && $0.meetingFacts.isMembersOnly && $0.meetingFacts.isEncrypted
            })
        world.inMeeting { practice, _ in
            practice.setPassword(nil)
            practice.setLobby(false)
            practice.setEncryption(false, partnerNamed: "Idris")
        }
        #expect(world.run(atMost: .seconds(1)) { $0.meetingFacts == MeetingFacts() })
        #expect(world.hasMedia)
    }

    @Test func aPartnersConnectionIsKnownWhenItTells() throws {
        let world = try inCall()
        world.inMeeting { $0.tellQuality(35, partnerNamed: "Camille", at: $1) }
        world.run(.milliseconds(100))
        let camille = try #require(world.partner("Camille"))
        let idris = try #require(world.partner("Idris"))
        #expect(world.connectionQuality(of: camille.id) == 35)
        #expect(world.connectionQuality(of: idris.id) == nil)
    }

    @Test func whatListenersLoseIsKnownForAWhile() throws {
        let world = try inCall()
        #expect(world.listenersLoss == nil)
        world.inMeeting { $0.tellQuality(90, loss: 2, partnerNamed: "Camille", at: $1) }
        world.inMeeting { $0.tellQuality(35, loss: 12, partnerNamed: "Idris", at: $1) }
        world.run(.milliseconds(100))
        #expect(world.listenersLoss == 0.12)
        world.run(.seconds(20))
        world.inMeeting { $0.tellQuality(90, loss: 1, partnerNamed: "Camille", at: $1) }
        world.run(.seconds(6))
        #expect(world.listenersLoss == 0.01, "what Idris said is old")
    }

    @Test(arguments: [PracticeOptions.Channel.webSocket, .sctp])
    func theWayToTheBridgeIsKnown(channel: PracticeOptions.Channel) throws {
        let world = try inCall(WorldOptions(practice: PracticeOptions(channel: channel, framesPerSecond: 5)))
        let way = try #require(world.mediaWay)
        #expect(way.remote == .v4(0xC000_0201))
        #expect(!way.isRelayed)
        #expect(way.cipher == "AES-128-GCM")
        #expect(way.bridge == (channel == .webSocket ? ["default-id", "practice"] : ["practice"]))
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.terminate(endpoint, reinvites: false, at: $1) }
        world.run(.seconds(1))
        #expect(world.mediaWay == nil)
    }

    // MARK: The end

    @Test func whoIsKickedLearnsByWhomAndWhy() throws {
        let world = try inCall()
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.kick(endpoint, by: "Camille", reason: "Trop de bruit", at: $1) }
        world.run(.seconds(1))
        guard case .ended(.kicked, _) = world.room.phase else {
            Issue.record("\(world.room.phase)")
            return
        }
        #expect(world.first { $0 == .farewell(by: "Camille", reason: "Trop de bruit") } != nil)
    }

    @Test func aMeetingThatIsEndedForAllIsSaidAndNotJoinedAgain() throws {
        let world = try inCall()
        world.inMeeting { $0.end(reason: "Séance levée", at: $1) }
        world.run(.seconds(1))
        guard case .ended(.roomClosed, _) = world.room.phase else {
            Issue.record("\(world.room.phase)")
            return
        }
        #expect(world.first { $0 == .farewell(by: "", reason: "Séance levée") } != nil)
        world.run(.seconds(600))
        #expect(world.isIdle)
        #expect(world.observation == nil)
    }

    @Test func aRoomThatIsMadeAnewIsJoinedAgainByItself() throws {
        let world = try inCall()
        world.inMeeting {
            $0.end(reason: "", venue: "entrainement@conference.practice.invalid", at: $1)
        }
        #expect(world.run(atMost: .seconds(1)) { $0.observation == nil })
        #expect(world.run(atMost: .seconds(10)) { $0.hasMedia && $0.observation != nil })
        #expect(world.call?.attempt == 1)
        let before = world.pictures
        world.run(.seconds(2))
        #expect(world.newPictures(since: before).map { $0 > 3 } == [true, true])
    }

    @Test func aScriptMakesThingsHappenInItsOrder() throws {
        var practice = PracticeOptions(channel: .webSocket, framesPerSecond: 2)
        practice.script = [.recording, .captions, .lock, .kick]
        let world = try inCall(WorldOptions(practice: practice))
        world.run(.seconds(18))
        #expect(world.meetingFacts.recording == .on)
        #expect(world.meetingFacts.isTranscribed)
        #expect(world.meetingFacts.hasPassword)
        #expect(captions(world).contains { $0.isInterim } && captions(world).contains { !$0.isInterim })
        #expect(world.run(atMost: .seconds(5)) { !$0.isInCall })
        guard case .ended(.kicked, _) = world.room.phase else {
            Issue.record("\(world.room.phase)")
            return
        }
    }

    @Test func theRoomForgetsWhatHappenedInIt() throws {
        var practice = PracticeOptions(channel: .webSocket, framesPerSecond: 2)
        practice.script = [.lock, .recording]
        let world = try inCall(WorldOptions(practice: practice))
        world.run(.seconds(12))
        #expect(world.meetingFacts.hasPassword && world.meetingFacts.recording == .on)
        world.press(.hangUp)
        world.run(.seconds(5))
        #expect(world.join())
        world.run(.seconds(1))
        #expect(!world.meetingFacts.hasPassword && world.meetingFacts.recording == .off)
    }
}
