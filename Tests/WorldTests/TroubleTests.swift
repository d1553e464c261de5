import Basis
import Conference
import Devices
import Practice
import Room
import SimWorld
import Testing

/// The network in the middle of a call, and calls that last.
@Suite struct TroubleTests {
    private func inCall(_ options: WorldOptions = WorldOptions()) throws -> World {
        let world = try World(options)
        try #require(world.join())
        return world
    }

    private static let unmanaged = WorldOptions(
        practice: PracticeOptions(channel: .webSocket, framesPerSecond: 5, resumption: nil))

    @Test func aLostSignallingSocketIsFollowedByANewAttemptWhereStreamsAreNotManaged() throws {
        let world = try inCall(Self.unmanaged)
        world.breakSocket(.signalling)
        #expect(world.run(atMost: .seconds(1)) { $0.waiting == .retry(.serverUnreachable) })
        #expect(world.run(atMost: .seconds(10)) { $0.hasMedia && $0.pictures.count == 2 })
        #expect(world.call?.attempt == 2)
    }

    @Test func muteOutlivesARejoin() throws {
        let world = try inCall(Self.unmanaged)
        world.press(.mute)
        world.breakSocket(.signalling)
        #expect(world.run(atMost: .seconds(10)) { $0.call?.attempt == 2 && $0.hasMedia })
        let audio = world.traffic.audio
        world.run(.seconds(5))
        #expect(world.traffic.audio == audio)
        #expect(world.observation?.audioMuted == true)
    }

    @Test func aLostBridgeChannelIsOpenedAgainInTheSameCall() throws {
        let world = try inCall()
        let constraints = world.texts(.bridgeChannel, containing: "ReceiverVideoConstraints")
        world.breakSocket(.bridgeChannel)
        world.run(.milliseconds(100))
        #expect(world.observation?.channel == PracticeChannel.none)
        #expect(world.run(atMost: .seconds(5)) { $0.observation?.channel == .webSocket })
        world.run(.seconds(1))
        #expect(world.texts(.bridgeChannel, containing: "ReceiverVideoConstraints") == constraints + 1)
        #expect(world.call?.attempt == 1)
        #expect(world.hasMedia)
    }

    @Test func aBridgeChannelThatIsRefusedKeepsSoundGoing() throws {
        let world = try World()
        world.network.bridgeChannel = .status(503)
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
        world.run(.seconds(60))
        #expect(world.hasMedia)
        #expect(world.heard.values.reduce(0, +) > 1_000)
        // One at once, then after 1, 2, 4… seconds.
        let sockets = world.openedSockets.count { $0.contains("/colibri-ws/") }
        #expect((5...8).contains(sockets))
    }

    @Test func aCableThatIsOutForFiveSecondsEndsNothing() throws {
        let world = try inCall()
        world.network.isCut = true
        world.run(.seconds(5))
        world.network.isCut = false
        world.run(.seconds(5))
        let before = world.pictures
        world.run(.seconds(3))
        #expect(world.call?.attempt == 1)
        #expect(world.hasMedia)
        #expect(world.newPictures(since: before).map { $0 > 8 } == [true, true])
    }

    @Test func aFirewallIsSaidAndTheCallComesWhenMediaPasses() throws {
        let world = try World()
        world.network.blocksDatagrams = true
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(3)) { $0.isInCall })
        #expect(world.run(atMost: .seconds(180)) { $0.waiting == .retry(.mediaBlocked) })
        #expect(world.traffic.media == 0)
        #expect(world.pictures.isEmpty)
        world.run(.seconds(60))
        world.network.blocksDatagrams = false
        #expect(world.run(atMost: .seconds(120)) { $0.hasMedia && $0.pictures.count == 2 })
    }

    @Test func aFirewallThatStaysIsAFaultInTheEnd() throws {
        let world = try World()
        world.network.blocksDatagrams = true
        world.press(.join(room: 0))
        world.run(.seconds(3_600))
        #expect(world.fault == .mediaBlocked)
        #expect(world.traffic.requests == RoomState.maximumFailures)
        #expect(world.traffic.media == 0)
        #expect(world.observation == nil)
        #expect(world.inFlight == 0)
    }

    @Test func afterAGapInTheMediaPicturesAreBackWithinASecondBothWays() throws {
        let world = try inCall()
        world.network.blocksDatagrams = true
        world.run(.seconds(4))
        world.network.blocksDatagrams = false
        let before = world.pictures
        let frames = try #require(world.observation?.videoFrames)
        world.run(.milliseconds(1_200))
        #expect(world.newPictures(since: before).map { $0 > 0 } == [true, true])
        #expect(world.observation.map { $0.videoFrames > frames } == true)
        #expect(world.call?.attempt == 1)
    }

    @Test func fivePercentLossLosesNoPicturesForLong() throws {
        let world = try inCall()
        world.network.loss = 0.05
        world.network.jitter = .milliseconds(15)
        var before = world.pictures
        for _ in 0..<10 {
            world.run(.seconds(3))
            // 15 pictures were made of each.
            #expect(world.newPictures(since: before).allSatisfy { $0 >= 10 })
            before = world.pictures
        }
        let statistics = try #require(world.statistics())
        #expect(world.traffic.lost > 100)
        // Of some 300 packets of pictures one in twenty does not come at first.
        #expect((6...40).contains(statistics.recovered))
        #expect(statistics.malformed == 0)
        let observation = try #require(world.observation)
        #expect(observation.videoFrames > 250)
        #expect(world.traffic.retransmissions > 10)
        #expect(world.hasMedia)
    }

    @Test func reorderingAloneCostsNoPicture() throws {
        let world = try inCall()
        world.network.jitter = .milliseconds(30)
        let before = world.pictures
        world.run(.seconds(10))
        #expect(world.newPictures(since: before).allSatisfy { $0 >= 49 })
        #expect(world.statistics()?.framesDropped == 0)
        #expect(world.pictures.values.allSatisfy { $0.keyframes == 1 })
    }

    @Test func tenMinutesLeaveNothingBehind() throws {
        let practice = PracticeOptions(
            channel: .webSocket,
            partners: PracticePartner.usual.map { partner in
                var partner = partner
                partner.audioMuted = true
                return partner
            }, framesPerSecond: 1)
        let world = try inCall(
            WorldOptions(practice: practice, soundPeriod: .milliseconds(100), picturePeriod: .seconds(1)))
        world.run(.seconds(300))
        let (texts, records) = (world.traffic.texts, world.journal.count)
        world.run(.seconds(300))
        #expect(world.hasMedia)
        #expect(world.call?.attempt == 1)
        let statistics = try #require(world.statistics())
        #expect(statistics.outboundDropped == 0)
        #expect(statistics.malformed == 0)
        #expect(statistics.unsupported == 0)
        #expect(statistics.unknownSSRC < 10)
        #expect(statistics.framesDropped == 0)
        #expect(statistics.bufferedBytes == 0)
        #expect(statistics.keyframeRequests <= 2)
        #expect(statistics.nacks == 0)
        #expect(world.mostInFlight < 100)
        #expect(world.inFlight < 20)
        // A ping and statistics each ten seconds, and no more.
        #expect(world.traffic.texts - texts < 100)
        #expect(world.journal.count - records < 300)
        #expect(world.pictures.values.allSatisfy { $0.frames > 590 })
        #expect(world.observation.map { $0.audioPackets > 5_900 } == true)
        #expect(world.observation?.rejectedMessages == 0)
    }

    @Test func oneSeedMakesOneStory() throws {
        // Without SCTP: its library has one clock for all, which other tests move.
        let practice = PracticeOptions(channel: .webSocket)
        func story(_ seed: UInt64) throws -> [WorldRecord] {
            let world = try inCall(WorldOptions(practice: practice, seed: seed))
            world.network.loss = 0.1
            world.run(.seconds(2))
            world.breakSocket(.signalling)
            world.run(.seconds(6))
            return world.journal.filter { record in
                switch record.entry {
                case .phase, .milestone, .fact, .firstPicture: true
                default: false
                }
            }
        }
        let first = try story(7)
        #expect(first.count > 20)
        #expect(try story(7) == first)
        #expect(try story(8) != first)
    }
}
