import Basis
import Devices
import MediaEngine
import Testing
import VoiceProcessing

@Suite struct EarconTests {
    /// The fundamental of `samples` in hertz, by the lag at which they are most like themselves.
    private static func pitch(_ samples: ArraySlice<Int16>) -> Double {
        let wave = samples.map { Double($0) }
        var likeness: [(lag: Int, value: Double)] = []
        for lag in 30...250 {
            var (product, first, second) = (0.0, 0.0, 0.0)
            for index in 0..<wave.count - lag {
                product += wave[index] * wave[index + lag]
                first += wave[index] * wave[index]
                second += wave[index + lag] * wave[index + lag]
            }
            likeness.append((lag, product / max(1, (first * second).squareRoot())))
        }
        let best = likeness.map(\.value).max() ?? 0
        // The first peak that is as good as the best: its multiples are, too.
        for index in 1..<likeness.count - 1
        where likeness[index].value > best * 0.97 && likeness[index].value >= likeness[index + 1].value {
            return 48_000 / Double(likeness[index].lag)
        }
        return 0
    }

    private static func pitches(_ sound: RoomSound) -> (first: Double, last: Double) {
        let samples = Earcon.samples(of: sound)
        return (pitch(samples[300..<2_700]), pitch(samples[(samples.count - 3_600)..<(samples.count - 1_200)]))
    }

    @Test(arguments: RoomSound.allCases)
    func isShortAndNeverClips(sound: RoomSound) {
        let samples = Earcon.samples(of: sound)
        #expect((48 * 150...48 * 750).contains(samples.count))
        #expect(samples.map { abs(Int($0)) }.max() == Earcon.peak)
        #expect(samples.first == 0 && samples.last == 0)
        // A click would be a step; the steepest wave here is 1,400 Hz with its overtones.
        let steepest = zip(samples, samples.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0
        #expect(steepest < Earcon.peak / 3)
        // Loud enough to be heard, not a plateau of full loudness.
        let level = AudioLevel.level(of: samples.span)
        #expect((9...20).contains(level))
    }

    @Test(arguments: [
        (RoomSound.joined, 440.0, 660.0), (.left, 440, 294), (.somebodyJoined, 1_047, 1_397),
        (.somebodyLeft, 1_175, 880), (.connectionLost, 523, 311), (.connectionBack, 392, 784),
    ])
    func hasItsNotes(sound: RoomSound, first: Double, last: Double) {
        let found = Self.pitches(sound)
        #expect(abs(found.first - first) < first * 0.03)
        #expect(abs(found.last - last) < last * 0.03)
    }

    @Test func whatOpensRisesAndWhatClosesFalls() {
        for sound in [RoomSound.joined, .somebodyJoined, .unmuted, .connectionBack] {
            let found = Self.pitches(sound)
            #expect(found.last > found.first * 1.1, "\(sound)")
        }
        for sound in [RoomSound.left, .somebodyLeft, .muted, .connectionLost] {
            let found = Self.pitches(sound)
            #expect(found.last < found.first * 0.9, "\(sound)")
        }
    }

    @Test func registersAndLengthsTellThemApart() {
        let others = [RoomSound.somebodyJoined, .somebodyLeft]
        let microphone = [RoomSound.muted, .unmuted]
        for sound in RoomSound.allCases {
            let found = Self.pitches(sound)
            #expect((min(found.first, found.last) > 850) == others.contains(sound), "\(sound)")
            #expect((max(found.first, found.last) < 500) == (microphone.contains(sound) || sound == .left), "\(sound)")
        }
        let lengths = [RoomSound.muted, .left, .connectionLost].map { Earcon.samples(of: $0).count }
        #expect(lengths[0] * 2 < lengths[1] && lengths[1] * 3 / 2 < lengths[2])
    }
}

/// The sounds in the speaker's output.
@Suite struct EarconPlayingTests {
    private static func world(volume: Int = 100) throws -> AudioWorld {
        let world = try AudioWorld(amplitude: 30_000, period: 160, firstTimestamp: 0)
        world.exchange.setSoundVolume(volume)
        return world
    }

    @Test func isPlayedInTheCallSampleForSample() throws {
        let world = try Self.world()
        world.exchange.start()
        world.step(5)
        world.exchange.play(.joined)
        world.step(100)
        let wave = Earcon.samples(of: .joined)
        let played = world.played
        #expect(played[..<2_400].allSatisfy { $0 == 0 })
        #expect(Array(played[2_400..<2_400 + wave.count]) == wave)
        #expect(played[(2_400 + wave.count)...].allSatisfy { $0 == 0 })
        #expect(world.speaker.isOpen)
    }

    @Test func hasTheVolumeThatIsConfigured() throws {
        func peak(_ volume: Int) throws -> Int {
            let world = try Self.world(volume: volume)
            world.exchange.start()
            world.exchange.play(.connectionLost)
            world.step(100)
            return world.played.map { abs(Int($0)) }.max() ?? 0
        }
        #expect(try peak(100) == Earcon.peak)
        // 20 dB.
        #expect((Earcon.peak / 10 - 20...Earcon.peak / 10 + 20).contains(try peak(50)))
        #expect(try peak(0) == 0)
    }

    @Test func aCallThatEndsIsRungOutBeforeTheSpeakerCloses() throws {
        let world = try Self.world()
        world.exchange.start()
        world.exchange.setSending(true)
        world.step(10)
        let before = world.played.count
        world.exchange.play(.left)
        world.exchange.stop()
        world.step()
        #expect(!world.microphone.isOpen)
        let isRinging = !world.loop.isIdle
        #expect(world.speaker.isOpen && isRinging)
        var payload: [UInt8] = []
        #expect(world.exchange.outgoing.pop(into: &payload) == nil)
        world.step(60)
        let isRungOut = world.loop.isIdle
        #expect(!world.speaker.isOpen && isRungOut)
        #expect(world.speaker.opened == 1)
        let wave = Earcon.samples(of: .left)
        let played = Array(world.played[before...])
        #expect(Array(played.prefix(wave.count)) == wave)
        // What the device still holds at the end must be heard.
        #expect(played.count >= wave.count + 4_800)
        let end = world.played.count
        world.step(100)
        #expect(world.played.count == end)
        #expect(world.exchange.meters == AudioMeters())
    }

    @Test func outsideOfCallsTheSpeakerIsOpenForTheSoundAlone() throws {
        let world = try Self.world()
        world.step(3)
        let isIdleAtFirst = world.loop.isIdle
        #expect(isIdleAtFirst && world.speaker.opened == 0)
        world.exchange.play(.connectionLost)
        world.step()
        #expect(world.speaker.isOpen && world.microphone.opened == 0)
        world.step(99)
        let isIdleAgain = world.loop.isIdle
        #expect(isIdleAgain && !world.speaker.isOpen)
        #expect(Array(world.played.prefix(34_560)) == Earcon.samples(of: .connectionLost))
        // A call that begins while it sounds takes the open speaker over.
        let before = world.played.count
        world.exchange.play(.left)
        world.step(5)
        world.exchange.start()
        world.step(100)
        #expect(world.speaker.opened == 2 && world.speaker.isOpen)
        let played = Array(world.played[before...].drop { $0 == 0 }.prefix(20_000))
        #expect(played == Array(Earcon.samples(of: .left).drop { $0 == 0 }.prefix(20_000)))
    }

    @Test func aMissingSpeakerSilencesTheSoundAndNothingElse() throws {
        let world = try Self.world()
        world.speaker.failure = DeviceError("open", device: "test", errno: 19)
        world.exchange.play(.left)
        world.step(200)
        let isIdle = world.loop.isIdle
        #expect(isIdle)
        #expect(world.exchange.statistics.speakerFault == nil)
        // Nor is it heard late.
        world.speaker.failure = nil
        world.exchange.start()
        world.step(100)
        #expect(world.played.allSatisfy { $0 == 0 })
    }

    @Test func theNewestSoundReplacesTheOneThatPlaysWithoutAClick() throws {
        let world = try Self.world()
        world.exchange.start()
        world.exchange.play(.joined)
        world.step(10)
        world.exchange.play(.muted)
        world.step(100)
        let wave = Earcon.samples(of: .muted)
        let played = world.played
        #expect(Array(played[(4_800 + 480)..<(4_800 + wave.count)]) == Array(wave[480...]))
        let steepest = zip(played, played.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0
        #expect(steepest < Earcon.peak / 3)
    }

    @Test func loudSpeechAndASoundTogetherDoNotClip() throws {
        // What a second box heard and encoded.
        let source = try Self.world()
        source.exchange.start()
        source.exchange.setSending(true)
        source.step(120)
        let world = try Self.world()
        world.exchange.start()
        var payload: [UInt8] = []
        var number = 0
        while let header = source.exchange.outgoing.pop(into: &payload) {
            world.exchange.incoming.push(
                payload.span, range: 0..<payload.count,
                header: IncomingAudio(
                    ssrc: 1, sequenceNumber: UInt16(number), timestamp: header.timestamp, arrival: world.now))
            if number == 15 { world.exchange.play(.connectionBack) }
            world.step(2)
            number += 1
        }
        world.step(100)
        #expect(world.exchange.statistics.limitedBlocks > 5)
        #expect(world.played.allSatisfy { abs(Int($0)) < 32_767 })
    }

    /// The level at which a sound that is played again and again goes out to the others, −dBov, the last time.
    private static func levelSent(echo: EchoSetting) throws -> UInt8 {
        let exchange = AudioExchange(outgoingWaker: CountingWaker())
        var loop = try AudioLoop(
            exchange: exchange, duplex: EchoingDuplex(script: DeviceScript(), delay: 5),
            voice: VoiceSettings(echo: echo, suppressesNoise: false, controlsGain: false), firstTimestamp: 0)
        exchange.setSoundVolume(100)
        exchange.start()
        exchange.setSending(true)
        var loudest = AudioLevel.silence
        var payload: [UInt8] = []
        for _ in 0..<12 {
            exchange.play(.connectionBack)
            loudest = AudioLevel.silence
            for _ in 0..<80 {
                loop.step(at: loop.wait())
                while let header = exchange.outgoing.pop(into: &payload) { loudest = min(loudest, header.level) }
            }
        }
        return loudest
    }

    @Test func theEchoCancellerKnowsTheSound() throws {
        let (heard, left) = (try Self.levelSent(echo: .off), try Self.levelSent(echo: .software))
        // Pure tones teach a canceller little; a reference that lacked them would leave them as they are.
        #expect(heard < AudioLevel.silence)
        #expect(left >= heard + 4, "\(heard) without, \(left) with")
    }
}
