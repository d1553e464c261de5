import Basis
import Devices
import MediaEngine
import Testing
import VoiceProcessing

@Suite struct AudioLoopTests {
    /// `count` packets of a square wave.
    private static func speech(amplitude: Int16, period: Int, count: Int) throws -> [SentAudio] {
        let world = try AudioWorld(amplitude: amplitude, period: period)
        world.exchange.start()
        world.exchange.setSending(true)
        var packets: [SentAudio] = []
        for _ in 0..<count {
            world.step(2)
            packets += world.takeSent()
        }
        return packets
    }

    @Test func devicesAreOpenInACallOnly() throws {
        let world = try AudioWorld()
        world.step(5)
        #expect(world.microphone.opened == 0)
        world.exchange.start()
        world.step()
        #expect(world.microphone.isOpen && world.speaker.isOpen)
        world.exchange.setSending(true)
        world.step(4)
        world.exchange.stop()
        world.step()
        #expect(!world.microphone.isOpen && !world.speaker.isOpen)
        #expect(world.takeSent().isEmpty)
    }

    @Test func sendsOnePacketAndOneWakeEachTwentyMilliseconds() throws {
        let world = try AudioWorld()
        world.exchange.start()
        world.step(10)
        #expect(world.takeSent().isEmpty)
        world.exchange.setSending(true)
        world.step(20)
        let sent = world.takeSent()
        #expect(sent.count == 10)
        #expect(world.waker.count == 10)
        let timestamps = stride(from: UInt32(1_000 + 960 * 5), to: 1_000 + 960 * 15, by: 960)
        #expect(sent.map(\.header.timestamp) == Array(timestamps))
        #expect(sent.map(\.header.marker) == [true] + [Bool](repeating: false, count: 9))
        // 8000 of 32768 is −12.25 dBov.
        #expect(sent.allSatisfy { $0.header.level == 12 })
        #expect(world.exchange.microphoneLevel == 12)
    }

    @Test func muteSilencesTheFrameBeingGathered() throws {
        let world = try AudioWorld()
        world.exchange.start()
        world.exchange.setSending(true)
        world.step(9)
        _ = world.takeSent()
        // Half a loud frame is gathered; the next block completes it.
        world.exchange.isMuted = true
        world.step()
        let first = world.takeSent()
        #expect(first.map(\.header.level) == [127])
        world.step(20)
        let tail = world.takeSent()
        #expect(tail.map(\.header.level) == [127, 127, 127, 127])

        // Nothing of the loud half is in any later packet.
        let listener = try AudioWorld()
        listener.exchange.start()
        listener.step()
        for (number, packet) in (first + tail).enumerated() {
            listener.receive(packet, ssrc: 1, number: number)
            listener.step(2)
        }
        listener.step(10)
        #expect(listener.speaker.blocks.joined().allSatisfy { abs(Int($0)) < 10 })
        #expect(world.exchange.microphoneLevel == 127)

        world.exchange.isMuted = false
        world.step(2)
        let back = world.takeSent()
        #expect(back.map(\.header.level) == [12])
        #expect(back.map(\.header.marker) == [true])
        #expect(back.map(\.header.timestamp) == [15_400])
    }

    @Test func unmuteInTheMiddleOfAFrameSendsNothingFromBefore() throws {
        let world = try AudioWorld()
        world.exchange.start()
        world.exchange.setSending(true)
        world.exchange.isMuted = true
        world.step(9)
        world.exchange.isMuted = false
        world.step()
        // Half of the frame is silence: 3 dB less.
        #expect(world.takeSent().last?.header.level == 15)
    }

    @Test func twoSourcesMixToTheirSum() throws {
        let low = try Self.speech(amplitude: 3_000, period: 160, count: 30)
        let high = try Self.speech(amplitude: 2_000, period: 60, count: 30)

        func heard(_ playsLow: Bool, _ playsHigh: Bool) throws -> [Int] {
            let world = try AudioWorld()
            world.exchange.start()
            for number in 0..<30 {
                if playsLow { world.receive(low[number], ssrc: 1, number: number) }
                if playsHigh { world.receive(high[number], ssrc: 2, number: 500 + number) }
                world.step(2)
            }
            return world.speaker.blocks.joined().map { Int($0) }
        }

        let (first, second, both) = (try heard(true, false), try heard(false, true), try heard(true, true))
        #expect(first.contains { abs($0) > 1_000 } && second.contains { abs($0) > 1_000 })
        #expect(both == zip(first, second).map { $0 + $1 })
    }

    @Test func theLimiterKeepsALoudMixInRange() throws {
        let loud = try Self.speech(amplitude: 30_000, period: 160, count: 20)
        let world = try AudioWorld()
        world.exchange.start()
        for number in 0..<20 {
            for ssrc in 1...3 { world.receive(loud[number], ssrc: UInt32(ssrc), number: number) }
            world.step(2)
        }
        world.step(100)
        #expect(world.exchange.statistics.limitedBlocks > 20)
        let peak = world.speaker.blocks.dropFirst(20).prefix(15).joined().map { abs(Int($0)) }.max() ?? 0
        #expect((25_000...32_767).contains(peak))
    }

    @Test func reportsWhoIsHeardAndForgetsWhoIsNot() throws {
        let packets = try Self.speech(amplitude: 8_000, period: 160, count: 30)
        let world = try AudioWorld()
        world.exchange.start()
        for (number, packet) in packets.enumerated() {
            world.receive(packet, ssrc: 77, number: number)
            world.step(2)
        }
        let heard = world.exchange.heardSources
        #expect(heard.map(\.ssrc) == [77])
        #expect((10...15).contains(heard.first?.level ?? 127))
        world.step(100)
        #expect(world.exchange.heardSources.map(\.level) == [127])
        world.step(450)
        #expect(world.exchange.heardSources.isEmpty)
        world.receive(packets[0], ssrc: 78, number: 0)
        world.step(10)
        #expect(world.exchange.heardSources.map(\.ssrc) == [78])
        world.exchange.removeSource(78)
        world.step(10)
        #expect(world.exchange.heardSources.isEmpty)
    }

    @Test func aTimestampJumpIsHeardAsSilence() throws {
        let packets = try Self.speech(amplitude: 8_000, period: 160, count: 40)
        let world = try AudioWorld()
        world.exchange.start()
        // The bridge leaves packets 10 to 29 out and numbers on without a gap.
        for index in 0..<40 {
            if index < 10 { world.receive(packets[index], ssrc: 1, number: index) }
            if index >= 30 { world.receive(packets[index], ssrc: 1, number: index - 20) }
            world.step(2)
        }
        world.step(100)
        #expect(world.exchange.statistics.lostPackets == 0)
        #expect(world.exchange.statistics.latePackets == 0)
        let pause = world.speaker.blocks[36..<58].joined()
        #expect(pause.allSatisfy { $0 == 0 })
        #expect(world.speaker.blocks[66..<76].joined().contains { abs(Int($0)) > 4_000 })
    }

    @Test func boundsTheNumberOfSources() throws {
        let packet = try #require(try Self.speech(amplitude: 8_000, period: 160, count: 1).first)
        let world = try AudioWorld()
        world.exchange.start()
        world.step()
        for ssrc in 1...40 { world.receive(packet, ssrc: UInt32(ssrc), number: 0) }
        world.step(100)
        #expect(world.exchange.statistics.activeSources == 32)
        #expect(world.exchange.statistics.refusedPackets == 8)
    }

    @Test func aBrokenMicrophoneIsToldAndTriedAgain() throws {
        let world = try AudioWorld()
        world.microphone.failure = DeviceError("open", device: "test", errno: 19)
        world.exchange.start()
        world.exchange.setSending(true)
        world.step(50)
        #expect(world.exchange.statistics.microphoneFault?.severity == .absent)
        #expect(world.takeSent().isEmpty)
        #expect(world.speaker.isOpen)
        world.microphone.failure = nil
        // Half a second between two attempts.
        world.step(51)
        #expect(world.microphone.isOpen)
        world.step(100)
        #expect(world.exchange.statistics.microphoneFault == nil)
        #expect(!world.takeSent().isEmpty)
    }

    @Test func damagedPayloadsAreCountedNotFatal() throws {
        var random = RandomSource(seed: 21)
        let world = try AudioWorld()
        world.exchange.start()
        for number in 0..<1_000 {
            let payload = random.bytes(Int.random(in: 1...300, using: &random))
            world.exchange.incoming.push(
                payload.span, range: 0..<payload.count,
                header: IncomingAudio(
                    ssrc: 5, sequenceNumber: UInt16(truncatingIfNeeded: number),
                    timestamp: UInt32(truncatingIfNeeded: number * 960), arrival: world.now))
            world.step(2)
        }
        world.step(100)
        #expect(world.exchange.statistics.damagedPackets > 0)
        #expect(world.exchange.statistics.receivedPackets == 1_000)
    }

    @Test(arguments: [(Int16(32_767), UInt8(0)), (16_384, 6), (3_277, 20), (33, 60), (1, 90), (0, 127)])
    func measuresTheLevel(amplitude: Int16, level: UInt8) {
        let samples = [Int16](repeating: amplitude, count: 960)
        #expect(AudioLevel.level(of: samples.span) == level)
    }
}
