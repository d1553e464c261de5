import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld
import Testing

/// From the press to the pictures, and what may come between.
@Suite struct JoiningTests {
    @Test func aPressJoinsAndBothPartnersPicturesArriveAfterTheConstraints() throws {
        let world = try World()
        #expect(world.join())
        #expect(world.participants.map(\.name) == ["Camille", "Idris"])
        #expect(world.videoSources.count == 2)
        #expect(world.videoSources.allSatisfy { world.pictures[$0.ssrc]?.keyframes == 1 })
        let constraints = try #require(world.first { $0.isSent(.bridgeChannel, "ReceiverVideoConstraints") })
        let picture = try #require(world.first { $0.isFirstPicture })
        #expect(constraints < picture)
        #expect(
            world.milestones.filter { $0 != .channelOpen } == [
                .configuration, .signallingOpen, .authenticated, .focusReady, .joined, .offered, .mediaConnected,
                .secured,
            ])
        #expect(world.now - .zero < .seconds(3))
        let observation = try #require(world.observation)
        #expect(observation.name == "Salle du conseil")
        #expect(observation.refusals == [])
        #expect(observation.rejectedMessages == 0)
        #expect(observation.failure == nil)
    }

    @Test func thePartnersHearAndSeeTheBox() throws {
        let world = try World()
        #expect(world.join())
        world.run(.seconds(2))
        let observation = try #require(world.observation)
        #expect(observation.audioPackets > 90)
        #expect(observation.videoFrames > 15)
        #expect(observation.keyframes >= 1)
        #expect(observation.audioMuted == false)
        #expect(observation.videoMuted == false)
        #expect(world.heard.values.reduce(0, +) > 50)
    }

    @Test(arguments: [
        (PracticeOptions.Channel.webSocket, PracticeChannel.webSocket), (.sctp, .sctp), (.both, .sctp),
    ])
    func theBridgeChannelOpensTheWayThatIsOffered(offered: PracticeOptions.Channel, opened: PracticeChannel) throws {
        let world = try World(WorldOptions(practice: PracticeOptions(channel: offered, framesPerSecond: 5)))
        #expect(world.join())
        #expect(world.observation?.channel == opened)
        #expect(world.milestones.contains(.channelOpen))
    }

    @Test func aServerThatIsUnreachableIsTriedWithGrowingPausesAndThenGivenUp() throws {
        let world = try World()
        world.network.configuration = .trouble(.unreachable)
        world.press(.join(room: 0))
        world.run(.seconds(600))
        #expect(world.fault == .serverUnreachable)
        let tries = world.instants(\.isGet)
        #expect(tries.count == RoomState.maximumFailures)
        let pauses = zip(tries.dropFirst(), tries).map { $0 - $1 }
        #expect(pauses.first.map { $0 < .seconds(3) } == true)
        #expect(pauses.last.map { $0 > .seconds(15) } == true)
        #expect(world.hasConference == false)

        world.network.configuration = .served
        #expect(world.join())
        #expect(world.call?.attempt == RoomState.maximumFailures + 1)
    }

    @Test func aServerThatComesBackIsJoinedWithoutAPress() throws {
        let world = try World()
        world.network.isCut = true
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(15)) { $0.waiting == .retry(.serverUnreachable) })
        world.network.isCut = false
        #expect(world.run(atMost: .seconds(30)) { $0.hasMedia })
    }

    @Test func aNameThatNobodyKnowsEndsAsServerNotFound() throws {
        let world = try World()
        world.network.configuration = .trouble(.nameNotFound)
        world.press(.join(room: 0))
        world.run(.seconds(600))
        #expect(world.fault == .serverNotFound)
    }

    @Test func aRefusedCertificateIsAFaultAtOnce() throws {
        let world = try World()
        world.network.configuration = .trouble(.certificate)
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(1)) { $0.fault == .certificateRefused })
        world.run(.seconds(3_600))
        #expect(world.fault == .certificateRefused)
        #expect(world.traffic.requests == 1)
        #expect(world.traffic.datagrams == 0)
    }

    @Test(arguments: [
        (NetworkTrouble.proxyAccount, RoomFault.proxyAccountRefused), (.proxyRefused, .proxyRefused),
    ])
    func aProxyThatRefusesIsAFaultAtOnce(trouble: NetworkTrouble, fault: RoomFault) throws {
        let world = try World()
        world.network.configuration = .trouble(trouble)
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(1)) { $0.fault == fault })
        // One that lets the page through and not the signalling is the same.
        let other = try World()
        other.network.signalling = .trouble(trouble)
        other.press(.join(room: 0))
        #expect(other.run(atMost: .seconds(10)) { $0.fault == fault })
    }

    /// The usual address may be another room.
    @Test func aRoomThatConfigJSHidesIsAFaultAndNotAGuess() throws {
        let world = try World()
        world.network.configuration = .body("var config = { hosts: { domain: 'd.example', muc: document.title } };")
        world.press(.join(room: 0))
        // It may have been mended: the box looks again a few times before it gives up.
        #expect(world.run(atMost: .seconds(300)) { $0.fault == .configurationNotUnderstood })
        #expect(world.openedSockets.isEmpty)
    }

    @Test func aWebPageInPlaceOfConfigJSIsNone() throws {
        let practice = PracticeOptions(xmppDomain: "127.0.0.1", channel: .webSocket, framesPerSecond: 5)
        let world = try World(WorldOptions(practice: practice))
        world.network.configuration = .body("<!DOCTYPE html><html></html>")
        #expect(world.join())
    }

    @Test func boshComesFirstWhereTheServerPrefersIt() throws {
        let world = try World()
        world.network.configuration = .body("var config = { preferBosh: true, websocket: 'ws://127.0.0.1:8000/x' };")
        world.press(.join(room: 0))
        world.run(.seconds(1))
        #expect(world.first { $0 == .post(url: "http://127.0.0.1:8000/http-bind?room=entrainement") } != nil)
    }

    @Test func withoutConfigJSTheUsualPlacesAreTried() throws {
        let practice = PracticeOptions(xmppDomain: "127.0.0.1", channel: .webSocket, framesPerSecond: 5)
        let world = try World(WorldOptions(practice: practice))
        world.network.configuration = .status(404)
        #expect(world.join())
        #expect(world.openedSockets.first == "ws://127.0.0.1:8000/xmpp-websocket?room=entrainement")
    }

    @Test func aWebSocketThatIsNotThereFallsBackToBOSH() throws {
        let world = try World()
        world.network.signalling = .status(404)
        world.press(.join(room: 0))
        world.run(.seconds(1))
        #expect(world.first { $0 == .post(url: "http://127.0.0.1:8000/http-bind?room=entrainement") } != nil)
        // Nobody speaks BOSH there either.
        world.run(.seconds(600))
        #expect(world.fault == .notAMeetingServer)
    }

    @Test func aPasswordIsAskedForUntilItIsRight() throws {
        let practice = PracticeOptions(channel: .webSocket, password: "sésame", framesPerSecond: 5)
        let world = try World(WorldOptions(practice: practice))
        world.press(.join(room: 0))
        world.run(.seconds(120))
        #expect(world.waiting == .password(wrong: false))
        world.provide(password: "citrouille")
        world.run(.seconds(120))
        #expect(world.waiting == .password(wrong: true))
        world.provide(password: "sésame")
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
        #expect(world.call?.attempt == 1)
    }

    @Test func aConfiguredPasswordOpensTheDoor() throws {
        let practice = PracticeOptions(channel: .webSocket, password: "sésame", framesPerSecond: 5)
        let world = try World(WorldOptions(practice: practice, roomPassword: "sésame"))
        #expect(world.join())
    }

    @Test func aWrongConfiguredPasswordIsSaidAndWaitsForTheRightOne() throws {
        let practice = PracticeOptions(channel: .webSocket, password: "sésame", framesPerSecond: 5)
        let world = try World(WorldOptions(practice: practice, roomPassword: "citrouille"))
        world.press(.join(room: 0))
        world.run(.seconds(60))
        #expect(world.waiting == .password(wrong: true))
        world.provide(password: "sésame")
        #expect(world.run(atMost: .seconds(5)) { $0.hasMedia })
    }

    @Test func hangingUpBetweenTwoTriesEndsThem() throws {
        let world = try World()
        world.network.configuration = .trouble(.unreachable)
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(1)) { $0.waiting == .retry(.serverUnreachable) })
        world.press(.hangUp)
        #expect(world.isIdle)
        world.run(.seconds(3_600))
        #expect(world.isIdle)
        #expect(world.traffic.requests == 1)
    }

    @Test func aPressBetweenTwoTriesTriesAtOnce() throws {
        let world = try World()
        world.network.configuration = .trouble(.unreachable)
        world.press(.join(room: 0))
        world.run(.seconds(60))
        let requests = world.traffic.requests
        #expect(requests > 3)
        #expect(world.waiting == .retry(.serverUnreachable))
        world.network.configuration = .served
        world.press(.join(room: 0))
        #expect(world.traffic.requests == requests + 1)
        #expect(world.run(atMost: .seconds(3)) { $0.hasMedia })
    }

    @Test(arguments: [0, 60, 120, 200, 260, 300, 340, 380])
    func aCableThatIsOutForAWhileWhileJoiningOnlyDelays(milliseconds: Int) throws {
        let world = try World()
        world.press(.join(room: 0))
        world.run(.milliseconds(milliseconds))
        world.network.isCut = true
        world.run(.seconds(4))
        world.network.isCut = false
        #expect(world.run(atMost: .seconds(20)) { $0.hasMedia && $0.pictures.count == 2 })
    }

    @Test(arguments: [0, 50, 90, 150, 250, 400, 600])
    func hangingUpWhileJoiningEndsIdleWithNothingLeft(milliseconds: Int) throws {
        let world = try World()
        world.press(.join(room: 0))
        world.run(.milliseconds(milliseconds))
        world.press(.hangUp)
        #expect(world.run(atMost: .seconds(1)) { $0.isIdle && !$0.hasConference })
        world.run(.seconds(5))
        let traffic = world.traffic
        world.run(.seconds(3_600))
        #expect(world.isIdle)
        #expect(world.observation == nil)
        #expect(world.traffic == traffic)
        #expect(world.inFlight == 0)
    }

    @Test func aForeignFingerprintEndsTheCallBeforeAnyMediaIsSent() throws {
        let practice = PracticeOptions(channel: .webSocket, wrongFingerprint: true, framesPerSecond: 5)
        let world = try World(WorldOptions(practice: practice))
        world.press(.join(room: 0))
        #expect(world.run(atMost: .seconds(10)) { $0.fault != nil })
        #expect(world.fault == .mediaKeyMismatch)
        world.run(.seconds(600))
        #expect(world.fault == .mediaKeyMismatch)
        #expect(world.traffic.dtls > 0)
        #expect(world.traffic.media == 0)
        #expect(world.pictures.isEmpty)
        #expect(world.observation == nil)
        #expect(world.traffic.requests == 1)
    }
}
