import Basis
import Conference
import Devices
import Practice
import Room
import RoomController
import Scene
import SimWorld
import Testing

/// The ways to the server and to the bridge that are not the usual ones, and what goes on in an idle room.
@Suite struct PathsTests {
    @Test func aServerThatSpeaksBOSHAloneIsJoinedAndLeft() throws {
        let world = try World(WorldOptions(speaksBOSH: true))
        try #require(world.join(), "\(world.journal.suffix(40).map { "\($0)" }.joined(separator: "\n"))")
        #expect(world.openedSockets.allSatisfy { $0.contains("colibri-ws") }, "\(world.openedSockets)")
        world.run(.seconds(150))
        #expect(world.isInCall && world.hasMedia, "a request is held for a minute, and asked again")
        world.press(.mute)
        world.run(.seconds(1))
        #expect(world.observation?.audioMuted == true)
        #expect(world.observation?.refusals == [])
        world.press(.hangUp)
        #expect(world.run(atMost: .seconds(2)) { $0.isIdle && $0.observation == nil })
    }

    @Test func aBoxStandsByOverBOSHAsWell() throws {
        let world = try World(WorldOptions(standsBy: true, speaksBOSH: true))
        try #require(world.run(atMost: .seconds(10)) { $0.isReady })
        world.run(.seconds(130))
        #expect(world.isReady && world.isIdle)
        #expect(world.join())
    }

    @Test func whereDatagramsAreForbiddenTheRelayIsTheWay() throws {
        var practice = PracticeOptions(channel: .webSocket, framesPerSecond: 5)
        practice.services = [PracticeService(type: "turns", host: "turn.example.org", port: 443, transport: "tcp")]
        let world = try World(WorldOptions(practice: practice))
        world.network.blocksDatagrams = true
        try #require(world.join())
        #expect(world.first { $0 == .relayAsked(host: "turn.example.org") } != nil)
        #expect(world.mediaWay?.isRelayed == true)
        world.run(.seconds(2))
        #expect(world.observation.map { $0.audioPackets > 50 && $0.videoFrames > 10 } == true)
        // Who needs none asks for none.
        let other = try World(WorldOptions(practice: practice))
        try #require(other.join())
        other.run(.seconds(5))
        #expect(other.first { $0 == .relayAsked(host: "turn.example.org") } == nil)
    }

    @Test func theAddressOfASTUNServerIsLookedUpAndAsked() throws {
        var practice = PracticeOptions(channel: .webSocket, framesPerSecond: 5)
        practice.services = [PracticeService(type: "stun", host: "stun.example.org", port: 3_478, transport: "udp")]
        let address = TransportAddress(.v4(0xCB00_7102), port: 3_478)
        let world = try World(WorldOptions(practice: practice))
        world.network.names["stun.example.org"] = [address.address]
        try #require(world.join())
        world.run(.seconds(2))
        #expect(world.traffic.elsewhere == [address])
    }

    @Test func theCalendarIsReadInAnIdleRoomAndNotInACall() throws {
        let world = try World(WorldOptions(calendarRefresh: .seconds(600)))
        let start: Int64 = 3_900_000_000 - 2_208_988_800
        let meeting = ScheduledMeeting(title: "Budget", start: start + 1_200, end: start + 4_800, room: 0)
        world.network.calendar = .success(
            Agenda(meetings: [meeting], period: (start - 86_400)...(start + 8 * 86_400)))
        #expect(world.run(atMost: .seconds(10)) { $0.observed.scene?.nextMeeting != nil })
        #expect(world.observed.scene?.nextMeeting?.title == "Budget")
        #expect(world.observed.scene?.nextMeeting?.start == .init(hour: 21, minute: 40))
        world.network.calendar = .failure(.refused(status: 503))
        world.run(.seconds(1_800))
        #expect(world.observed.scene?.nextMeeting?.isRunning == true, "the last good one serves")
        world.run(.seconds(7_200))
        #expect(world.observed.scene?.nextMeeting == nil)
    }

    @Test func anIdleBoxSaysThatItsServerIsAwayAndThatItIsBack() throws {
        let world = try World()
        world.network.configuration = .trouble(.certificate)
        #expect(world.run(atMost: .seconds(120)) { $0.isDisconnected })
        world.network.configuration = .served
        #expect(world.run(atMost: .seconds(120)) { !$0.isDisconnected })
        #expect(world.traffic.requests == 0)
    }
}

extension World {
    fileprivate var isDisconnected: Bool {
        if case .disconnected = observed.scene?.phase { true } else { false }
    }
}
