import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld
import Testing

/// In the meeting: what the buttons do and what the others do.
@Suite struct CallTests {
    private func inCall(_ options: WorldOptions = WorldOptions()) throws -> World {
        let world = try World(options)
        try #require(world.join())
        return world
    }

    // MARK: Buttons

    @Test func muteReachesPresenceAndNoSoundLeavesAfterIt() throws {
        let world = try inCall()
        world.run(.seconds(1))
        #expect(world.traffic.audio > 40)
        world.press(.mute)
        let audio = world.traffic.audio
        world.run(.seconds(10))
        #expect(world.traffic.audio == audio)
        #expect(world.observation?.audioMuted == true)
        #expect(world.observation?.videoMuted == false)
        world.press(.mute)
        world.run(.seconds(1))
        #expect(world.traffic.audio > audio + 40)
        #expect(world.observation?.audioMuted == false)
    }

    @Test func cameraOffStopsThePicturesAndTellsTheOthers() throws {
        let world = try inCall()
        world.run(.seconds(1))
        world.press(.camera)
        let (video, audio) = (world.traffic.video, world.traffic.audio)
        #expect(video > 0)
        world.run(.seconds(10))
        #expect(world.traffic.video == video)
        #expect(world.traffic.audio > audio + 400)
        #expect(world.observation?.videoMuted == true)
        #expect(world.texts(.bridgeChannel, containing: #""videoType":"none""#) == 1)
        world.press(.camera)
        world.run(.seconds(1))
        #expect(world.traffic.video > video)
        #expect(world.observation?.videoMuted == false)
    }

    @Test func aRaisedHandIsSeen() throws {
        let world = try inCall()
        world.press(.hand)
        world.run(.seconds(1))
        #expect(world.observation?.raisedHand == true)
        world.press(.mute, .long)
        world.run(.seconds(1))
        #expect(world.observation?.raisedHand == false)
        #expect(world.observation?.audioMuted == false)
    }

    @Test func whoJoinsMutedIsNeverHeard() throws {
        let world = try World()
        world.press(.mute)
        #expect(world.join())
        world.run(.seconds(5))
        #expect(world.traffic.audio == 0)
        #expect(world.observation?.audioMuted == true)
    }

    @Test func hangUpLeavesWithinASecondAndTheRoomIsIdle() throws {
        let world = try inCall()
        world.press(.mute)
        world.run(.seconds(1))
        world.press(.hangUp)
        #expect(world.run(atMost: .seconds(1)) { $0.isIdle && $0.observation == nil })
        #expect(world.hasConference == false)
        #expect(world.room.microphoneMuted == false)
        world.run(.seconds(5))
        let traffic = world.traffic
        world.run(.seconds(3_600))
        #expect(world.traffic == traffic)
        #expect(world.inFlight == 0)
    }

    @Test func hangingUpWithTheCableOutIsIdleInThreeSeconds() throws {
        let world = try inCall()
        world.network.isCut = true
        world.press(.hangUp)
        #expect(world.run(atMost: RoomState.leaveLimit + .milliseconds(1)) { $0.isIdle })
        #expect(world.run(atMost: .seconds(5)) { !$0.hasConference })
        let traffic = world.traffic
        world.run(.seconds(600))
        #expect(world.traffic == traffic)
        #expect(world.isIdle)
    }

    @Test func anIdleBoxSendsNothingAtAll() throws {
        let world = try World()
        world.run(.seconds(3_600))
        #expect(world.traffic == WorldTraffic())
        #expect(world.journal.map(\.entry) == [.phase(.idle)])
        #expect(world.mostInFlight == 0)
    }

    @Test func theSameRoomCanBeJoinedAgainAndAgain() throws {
        let world = try World()
        for number in 1...4 {
            #expect(world.join())
            #expect(world.call?.attempt == number)
            world.press(.hangUp)
            #expect(world.run(atMost: .seconds(1)) { $0.isIdle })
        }
    }

    // MARK: The others

    @Test func aPartnerWhoLeavesTakesSourcesAndPicturesAlong() throws {
        let world = try inCall()
        #expect(world.statistics()?.sources == 4)
        world.inMeeting { $0.removePartner(named: "Camille", at: $1) }
        world.run(.seconds(1))
        #expect(world.participants.map(\.name) == ["Idris"])
        #expect(world.videoSources.map(\.owner) == world.participants.map(\.id))
        #expect(world.statistics()?.sources == 2)
        let before = world.pictures
        world.run(.seconds(2))
        #expect(world.newPictures(since: before).map { $0 >= 8 } == [true])
    }

    @Test func aPartnerWhoComesIsSeen() throws {
        let world = try inCall()
        world.inMeeting { practice, now in
            practice.addPartner(PracticePartner(name: "Noor", colour: .violet, tone: 660), at: now)
        }
        #expect(world.run(atMost: .seconds(3)) { $0.pictures.count == 3 })
        #expect(world.partner("Noor")?.videoMuted == false)
        #expect(world.videoSources.count == 3)
        #expect(world.observation?.forwardedSources.count == 3)
    }

    @Test func aPartnersMutedCameraIsToldAndSendsNoPictures() throws {
        let world = try inCall()
        world.inMeeting { $0.setPartner(named: "Idris", audioMuted: true, videoMuted: true, at: $1) }
        world.run(.seconds(1))
        let idris = try #require(world.partner("Idris"))
        #expect(idris.videoMuted)
        #expect(idris.audioMuted)
        let before = world.pictures
        world.run(.seconds(2))
        let owners = world.videoSources.map(\.owner)
        #expect(zip(owners, world.newPictures(since: before)).allSatisfy { ($0 == idris.id) == ($1 == 0) })
        world.inMeeting { $0.setPartner(named: "Idris", audioMuted: false, videoMuted: false, at: $1) }
        world.run(.seconds(2))
        #expect(world.partner("Idris")?.videoMuted == false)
        #expect(world.newPictures(since: before).allSatisfy { $0 > 3 })
    }

    @Test func whoIsLeftAloneStaysAndIsInvitedAgainWhenSomebodyComes() throws {
        let world = try inCall()
        world.inMeeting { practice, now in
            practice.removePartner(named: "Camille", at: now)
            practice.removePartner(named: "Idris", at: now)
        }
        world.run(.seconds(60))
        #expect(world.isInCall)
        #expect(world.hasMedia == false)
        #expect(world.videoSources.isEmpty)
        let datagrams = world.traffic.datagrams
        world.run(.seconds(600))
        #expect(world.traffic.datagrams == datagrams)
        world.inMeeting { practice, now in
            practice.addPartner(PracticePartner(name: "Noor", colour: .violet, tone: 660), at: now)
        }
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia && !$0.pictures.isEmpty && $0.videoSources.count == 1 })
        #expect(world.call?.attempt == 1)
    }

    @Test func aModeratorsMuteIsOurMuteAndUnmutingAsksTheFocusFirst() throws {
        let world = try inCall()
        world.run(.seconds(1))
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.mute(.audio, of: endpoint, at: $1) }
        #expect(world.run(atMost: .milliseconds(100)) { $0.room.microphoneMuted })
        let audio = world.traffic.audio
        world.run(.seconds(5))
        #expect(world.traffic.audio == audio)
        #expect(world.observation?.audioMuted == true)
        let asked = world.texts(.signalling, containing: "jitmeet/audio")
        world.press(.mute)
        // The focus is 20 ms away: before its answer nothing may be heard.
        world.run(.milliseconds(39))
        #expect(world.traffic.audio == audio)
        #expect(world.observation?.audioMuted == true)
        world.run(.seconds(1))
        #expect(world.texts(.signalling, containing: "jitmeet/audio") == asked + 1)
        #expect(world.observation?.audioMuted == false)
        #expect(world.traffic.audio > audio + 30)
    }

    @Test func aModeratorsCameraMuteIsOurs() throws {
        let world = try inCall()
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.mute(.video, of: endpoint, at: $1) }
        #expect(world.run(atMost: .milliseconds(100)) { !$0.room.cameraOn })
        let video = world.traffic.video
        world.run(.seconds(5))
        #expect(world.traffic.video == video)
        #expect(world.observation?.videoMuted == true)
        let keyframes = try #require(world.observation?.keyframes)
        let frames = try #require(world.observation?.videoFrames)
        world.press(.camera)
        world.run(.milliseconds(39))
        #expect(world.traffic.video == video)
        #expect(world.texts(.bridgeChannel, containing: #""videoType":"camera""#) == 1)
        world.run(.seconds(1))
        #expect(world.observation?.videoMuted == false)
        #expect(world.observation.map { $0.keyframes > keyframes && $0.videoFrames > frames + 5 } == true)
        #expect(world.texts(.bridgeChannel, containing: #""videoType":"camera""#) == 2)
    }

    @Test func aChatMessageIsShownWithItsName() throws {
        let world = try inCall()
        world.inMeeting { practice, _ in practice.say("Bonjour à tous", partnerNamed: "Idris") }
        world.run(.seconds(1))
        #expect(world.first { $0 == .chat(name: "Idris", text: "Bonjour à tous") } != nil)
    }

    @Test func whoIsKickedSeesTheCardAndDoesNotComeBack() throws {
        let world = try inCall()
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.kick(endpoint, at: $1) }
        world.run(.seconds(1))
        guard case .ended(.kicked, _) = world.room.phase else {
            Issue.record("\(world.room.phase)")
            return
        }
        #expect(world.hasConference == false)
        #expect(world.run(atMost: RoomState.endedCard) { $0.isIdle })
        world.run(.seconds(3_600))
        #expect(world.isIdle)
        #expect(world.traffic.requests == 1)
        #expect(world.observation == nil)
    }

    @Test(arguments: [(PracticeOptions.Channel.webSocket, PracticeChannel.webSocket), (.sctp, .sctp)])
    func aNewBridgeSessionBringsTheMediaBackInTheSameCall(
        offered: PracticeOptions.Channel, opened: PracticeChannel
    ) throws {
        let world = try inCall(WorldOptions(practice: PracticeOptions(channel: offered, framesPerSecond: 5)))
        world.run(.seconds(1))
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.terminate(endpoint, reinvites: true, at: $1) }
        #expect(world.run(atMost: .seconds(1)) { !$0.hasMedia })
        #expect(world.isInCall)
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
        let (before, audio) = (world.pictures, world.traffic.audio)
        world.run(.seconds(3))
        #expect(world.newPictures(since: before).map { $0 > 8 } == [true, true])
        #expect(world.traffic.audio > audio + 100)
        #expect(world.call?.attempt == 1)
        #expect(world.observation?.channel == opened)
        #expect(world.observation?.refusals == [])
    }

    @Test func aBridgeSessionThatEndsLeavesUsInTheRoom() throws {
        let world = try inCall()
        let endpoint = try #require(world.observation?.endpoint)
        world.inMeeting { $0.terminate(endpoint, reinvites: false, at: $1) }
        world.run(.seconds(1))
        let datagrams = world.traffic.datagrams
        world.run(.seconds(120))
        #expect(world.isInCall)
        #expect(world.hasMedia == false)
        #expect(world.traffic.datagrams == datagrams)
        #expect(world.observation?.endpoint == endpoint)
    }
}
