import Basis
import Devices
import MediaEngine
import Testing
import VoiceProcessing

/// What the loop tells people about the own sound.
@Suite struct AudioWatchTests {
    /// In a call.
    private static func call(amplitude: Int16) throws -> AudioWorld {
        let world = try AudioWorld(amplitude: amplitude, firstTimestamp: 0)
        world.exchange.start()
        return world
    }

    @Test(arguments: [(Int16(0), true), (4, true), (60, false)])
    func tellsForHowLongTheMicrophoneIsSilent(amplitude: Int16, isSilent: Bool) throws {
        let world = try Self.call(amplitude: amplitude)
        world.step(2_000)
        #expect(world.exchange.statistics.microphoneSilentFor == (isSilent ? .seconds(20) : .zero))
        world.exchange.isMuted = true
        world.step(100)
        #expect(world.exchange.statistics.microphoneSilentFor == .zero)
        world.exchange.isMuted = false
        world.step(100)
        #expect(world.exchange.statistics.microphoneSilentFor == (isSilent ? .seconds(1) : .zero))
        world.microphone.failure = DeviceError("capture", device: "test", errno: 19)
        world.step(100)
        #expect(world.exchange.statistics.microphoneSilentFor == .zero)
    }

    @Test func tellsOfSpeakingWhileMuted() throws {
        let world = try Self.call(amplitude: 2_000)
        world.step(100)
        #expect(!world.exchange.isTalkingWhileMuted)
        world.exchange.isMuted = true
        world.step(29)
        #expect(!world.exchange.isTalkingWhileMuted)
        world.step(1)
        #expect(world.exchange.isTalkingWhileMuted)
        world.exchange.isMuted = false
        world.step(1)
        #expect(!world.exchange.isTalkingWhileMuted)
        world.exchange.isMuted = true
        world.step(50)
        world.exchange.stop()
        world.step(1)
        #expect(!world.exchange.isTalkingWhileMuted)
    }

    @Test func talkingEndsTwoSecondsAfterTheLastWord() {
        var detector = MutedTalkDetector()
        func note(_ level: UInt8, _ count: Int) {
            for _ in 0..<count { detector.note(level: level, isMuted: true) }
        }
        // A knock is not a voice.
        note(20, 20)
        note(100, 300)
        #expect(!detector.isTalking)
        for _ in 0..<12 {
            note(30, 8)
            note(70, 4)
        }
        #expect(detector.isTalking)
        note(70, 190)
        #expect(detector.isTalking)
        note(70, 20)
        #expect(!detector.isTalking)
    }

    @Test func showsLevelsOfBothDirections() throws {
        let world = try Self.call(amplitude: 8_000)
        world.exchange.isMuted = true
        world.step(20)
        // A square wave's peak is its mean.
        #expect(world.exchange.meters.microphone == 12 && world.exchange.meters.microphonePeak == 12)
        #expect(world.exchange.meters.speaker == 127 && world.exchange.meters.speakerPeak == 127)
        world.exchange.stop()
        world.step(1)
        #expect(world.exchange.meters == AudioMeters())
    }

    @Test func theVolumeReachesTheSpeaker() throws {
        let source = try Self.call(amplitude: 8_000)
        source.exchange.setSending(true)
        source.step(20)
        var packets: [(UInt32, [UInt8])] = []
        var payload: [UInt8] = []
        while let header = source.exchange.outgoing.pop(into: &payload) { packets.append((header.timestamp, payload)) }
        func heard(volume: Int) throws -> Int {
            let world = try Self.call(amplitude: 0)
            world.exchange.setSpeakerVolume(volume)
            for (number, packet) in packets.enumerated() {
                world.exchange.incoming.push(
                    packet.1.span, range: 0..<packet.1.count,
                    header: IncomingAudio(
                        ssrc: 1, sequenceNumber: UInt16(number), timestamp: packet.0, arrival: world.now))
                world.step(2)
            }
            return world.speaker.blocks.joined().map { abs(Int($0)) }.max() ?? 0
        }
        let (full, half) = (try heard(volume: 100), try heard(volume: 50))
        #expect(full > 4_000)
        #expect(abs(half - full / 10) <= full / 100)
    }

    @Test(arguments: [
        (true, EchoSetting.auto, false), (false, .auto, true), (true, .software, true), (false, .off, false),
    ])
    func plansTheEchoAndReportsTheDevices(deviceCancels: Bool, setting: EchoSetting, weCancel: Bool) throws {
        let exchange = AudioExchange(outgoingWaker: CountingWaker())
        var loop = try AudioLoop(
            exchange: exchange,
            duplex: EchoingDuplex(script: DeviceScript(), delay: 5, isCancelledByDevice: deviceCancels),
            voice: VoiceSettings(echo: setting), firstTimestamp: 0)
        exchange.start()
        for _ in 0..<100 { loop.step(at: loop.wait()) }
        #expect(exchange.statistics.voicePlan.cancelsEcho == weCancel)
        #expect(exchange.statistics.echoDelay == 50)
        #expect(exchange.statistics.devices.underruns == 3)
        exchange.setVoice(.untouched)
        for _ in 0..<100 { loop.step(at: loop.wait()) }
        #expect(exchange.statistics.voicePlan == .nothing)
    }
}

@Suite struct EchoTestTests {
    @Test func findsDelayAndResidualEcho() throws {
        var duplex = EchoingDuplex(script: DeviceScript(), delay: 9)
        var told: [Int] = []
        let found = try EchoTrial.run(on: &duplex, voice: VoiceSettings()) { progress in
            told.append(progress)
            return true
        }
        let (result, plan) = try #require(found)
        #expect(plan == VoicePlan(cancelsEcho: true, suppressesNoise: true, controlsGain: false))
        #expect(result.delay == 90)
        // A quarter is 12 dB less.
        #expect((11...13).contains(result.returnLoss))
        #expect(result.enhancement >= 20)
        #expect(result.residualEcho >= 32)
        #expect(result.floor > 80)
        #expect(told.first == 13 && told == told.sorted())
    }

    @Test func seesWhereThereIsNoEchoAndLeavesADeviceAlone() throws {
        var duplex = EchoingDuplex(script: DeviceScript(), delay: 0, isCancelledByDevice: true)
        let (result, plan) = try #require(
            try EchoTrial.run(on: &duplex, voice: VoiceSettings()) { _ in true })
        #expect(plan == .nothing)
        #expect(result.delay == nil)
        #expect(result.echo == result.residual)
        #expect(result.returnLoss > 50)
    }

    @Test func stopsAndTellsErrors() throws {
        let script = DeviceScript()
        var duplex = EchoingDuplex(script: script, delay: 3)
        let stopped = try EchoTrial.run(on: &duplex, voice: VoiceSettings()) { $0 < 30 }
        #expect(stopped == nil)
        #expect(!script.isOpen)
        script.failure = DeviceError("open", device: "test", errno: 16)
        do throws(DeviceError) {
            _ = try EchoTrial.run(on: &duplex, voice: VoiceSettings()) { _ in true }
            Issue.record("no error")
        } catch {
            #expect(error.errno == 16)
        }
    }
}
