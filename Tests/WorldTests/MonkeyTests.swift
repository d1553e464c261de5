import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld
import Testing

/// Anybody presses anything at any time while everything happens.
@Suite struct MonkeyTests {
    private func act(_ world: World, _ random: inout RandomSource) {
        let endpoint = world.observation?.endpoint ?? ""
        switch Int.random(in: 0..<18, using: &random) {
        case 0, 1: world.press(.mute)
        case 2: world.press(.camera)
        case 3: world.press(.hand)
        case 4: world.press(.mute, .long)
        case 5: world.press(.hangUp)
        case 6, 7, 8: world.press(.join(room: 0))
        case 9: world.inMeeting { $0.mute(.audio, of: endpoint, at: $1) }
        case 10: world.inMeeting { $0.mute(.video, of: endpoint, at: $1) }
        case 11: world.inMeeting { $0.terminate(endpoint, reinvites: true, at: $1) }
        case 12: world.inMeeting { $0.kick(endpoint, at: $1) }
        case 13: world.breakSocket(.signalling)
        case 14: world.breakSocket(.bridgeChannel)
        case 15:
            let status = world.meetingFacts.recording == .on ? "off" : "on"
            world.inMeeting { practice, _ in practice.setRecording(status, by: "Camille") }
        case 16:
            // The room is made anew, in its own place.
            world.inMeeting { $0.end(reason: "", venue: "entrainement@conference.practice.invalid", at: $1) }
        default:
            world.inMeeting { practice, now in
                if practice.partnerIDs.count > 2 {
                    practice.removePartner(named: "Noor", at: now)
                } else {
                    practice.addPartner(PracticePartner(name: "Noor", colour: .violet, tone: 660), at: now)
                }
            }
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func whateverHappensMuteIsMuteAndTheNextCallIsWhole(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let practice = PracticeOptions(channel: seed % 2 == 0 ? .webSocket : .both, framesPerSecond: 2)
        let world = try World(WorldOptions(practice: practice, seed: seed))
        var calls = 0
        for _ in 0..<120 {
            act(world, &random)
            if world.hasMedia { calls += 1 }
            let (isMuted, isOff) = (world.room.microphoneMuted, !world.room.cameraOn)
            let traffic = world.traffic
            let isIdle = world.isIdle && !world.hasConference
            world.run(.milliseconds(Int.random(in: 0..<600, using: &random)))
            if isMuted, world.room.microphoneMuted { #expect(world.traffic.audio == traffic.audio) }
            if isOff, !world.room.cameraOn { #expect(world.traffic.video == traffic.video) }
            if isIdle { #expect(world.traffic == traffic) }
        }
        #expect(calls > 10)
        world.press(.hangUp)
        #expect(world.run(atMost: .seconds(5)) { $0.isIdle && !$0.hasConference })
        world.run(.seconds(5))
        #expect(world.observation == nil)
        #expect(world.inFlight == 0)
        #expect(world.join(pictures: world.partners))
        world.run(.seconds(2))
        let observation = try #require(world.observation)
        #expect(observation.audioMuted == world.room.microphoneMuted)
        #expect(observation.videoMuted == !world.room.cameraOn)
        #expect(observation.refusals == [])
        #expect(observation.rejectedMessages == 0)
        #expect(observation.channel != PracticeChannel.none)
    }
}
