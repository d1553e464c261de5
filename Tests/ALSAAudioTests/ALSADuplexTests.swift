import ALSAAudio
import Basis
import Devices
import Testing

/// A duplex on a fake kernel, driven as the audio loop does it.
struct Rig: ~Copyable {
    let kernel: FakeSound
    var duplex: ALSADuplex<FakeSound>
    var now: MonotonicInstant
    var block = [Int16](repeating: 0, count: 480)
    var missed = 0
    var read = 0
    var longestStep = Duration.zero

    init(_ kernel: FakeSound, _ settings: SoundSettings = SoundSettings()) {
        self.kernel = kernel
        duplex = ALSADuplex(settings: settings, calls: kernel)
        now = kernel.now()
    }

    mutating func open() throws(DeviceError) {
        try duplex.openMicrophone()
        try duplex.openSpeaker()
    }

    /// One period.
    mutating func step() throws(DeviceError) {
        let before = kernel.now()
        now = duplex.wait()
        longestStep = max(longestStep, now - before)
        if try duplex.read(into: &block, at: now) { read += 1 } else { missed += 1 }
        let silence = [Int16](repeating: 1_000, count: 480)
        try duplex.write(silence.span, at: now)
    }

    mutating func step(_ count: Int) throws(DeviceError) {
        for _ in 0..<count { try step() }
    }

    mutating func close() {
        duplex.closeMicrophone()
        duplex.closeSpeaker()
    }

    /// Steps; after an error closes and opens again, as the loop does. The errors that were seen.
    mutating func persist(_ count: Int) -> [DeviceError] {
        var errors: [DeviceError] = []
        for _ in 0..<count {
            do throws(DeviceError) {
                try duplex.openMicrophone()
                try duplex.openSpeaker()
                try step()
            } catch {
                errors.append(error)
                close()
                now = duplex.wait()
            }
        }
        return errors
    }
}

@Suite struct ALSADuplexTests {
    @Test func goesAtTheSpeakersPaceAndLosesNothing() throws {
        var rig = Rig(FakeSound())
        try rig.open()
        let begin = rig.kernel.now()
        try rig.step(1_000)
        let elapsed = rig.kernel.now() - begin
        // The buffer takes one block at once.
        #expect(abs(elapsed.wholeMilliseconds - 9_990) <= 12)
        #expect(rig.missed <= 2)
        #expect(rig.longestStep <= .milliseconds(30))
        var previous: Int?
        var steps = 0
        for _ in 0..<100 {
            try rig.step()
            for sample in rig.block {
                let value = Int(UInt16(bitPattern: sample))
                if let previous, (value - previous) & 0xFFFF != 1 { steps += 1 }
                previous = value
            }
        }
        #expect(steps == 0)
        let health = rig.duplex.health
        #expect(health == DuplexHealth())
        #expect(rig.kernel.played.dropFirst(1_440).allSatisfy { $0 == 1_000 })
        // 30 to 40 ms wait in the speaker's buffer, 15 in the microphone's.
        #expect((1_440...2_900).contains(rig.duplex.echoPath.delaySamples))
    }

    @Test(arguments: [48_000, 44_100, 32_000, 16_000], SampleFormat.allCases)
    func runsHardwareOfOtherRatesAndFormats(rate: Int, format: SampleFormat) throws {
        var card = FakeCard()
        card.capture = PCMAbilities(formats: [format], rates: [rate], channels: 2...2)
        card.playback = PCMAbilities(formats: [format], rates: [rate], channels: 2...8)
        card.grain = 1
        var rig = Rig(FakeSound([0: card]))
        try rig.open()
        let begin = rig.kernel.now()
        try rig.step(500)
        #expect(abs((rig.kernel.now() - begin).wholeMilliseconds - 5_000) <= 30)
        #expect(rig.missed <= 4)
        #expect(rig.duplex.health == DuplexHealth())
        // After the resampler has started, a constant stays that constant.
        #expect(rig.kernel.played.suffix(4_000).allSatisfy { abs(Int($0) - 1_000) <= 2 })
    }

    @Test(arguments: [-200.0, 200])
    func followsTheClockOfAnotherCard(drift: Double) throws {
        var microphone = FakeCard()
        microphone.playback = nil
        microphone.drift = drift
        var speaker = FakeCard()
        speaker.capture = nil
        speaker.id = "Other"
        var rig = Rig(FakeSound([0: microphone, 1: speaker]))
        try rig.open()
        try rig.step(20)
        let missedAtStart = rig.missed
        #expect(missedAtStart <= 4)
        try rig.step(12_000)
        #expect(rig.missed == missedAtStart)
        let health = rig.duplex.health
        #expect(health.droppedBlocks == 0 && health.overruns == 0 && health.underruns == 0)
        #expect(abs(Double(health.driftPartsPerMillion) - drift) <= 60)
    }

    @Test func theMicrophoneAloneSetsThePace() throws {
        var card = FakeCard()
        card.playback = nil
        var rig = Rig(FakeSound([0: card]))
        try rig.duplex.openMicrophone()
        let begin = rig.kernel.now()
        try rig.step(300)
        #expect(abs((rig.kernel.now() - begin).wholeMilliseconds - 3_000) <= 12)
        #expect(rig.missed <= 1)
    }

    @Test func withoutDevicesTheClockSetsThePace() throws {
        var rig = Rig(FakeSound([:]))
        let begin = rig.kernel.now()
        try rig.step(300)
        #expect(rig.kernel.now() - begin == .seconds(3))
        // After a stall it goes on from the present.
        rig.kernel.pass(.seconds(5))
        let resumed = rig.kernel.now()
        try rig.step(100)
        #expect(rig.kernel.now() - resumed >= .milliseconds(950))
    }

    @Test func noCardIsAbsent() {
        var rig = Rig(FakeSound([:]))
        do throws(DeviceError) {
            try rig.open()
            Issue.record("opened")
        } catch {
            #expect(error.severity == .absent)
        }
    }

    @Test func anUnpluggedCardIsTakenUpAgain() throws {
        let kernel = FakeSound()
        var rig = Rig(kernel)
        try rig.open()
        try rig.step(100)
        kernel.setCard(0, nil)
        let errors = rig.persist(300)
        #expect(errors.first?.severity == .absent)
        #expect(kernel.openStreams == 0)
        // Another number after replugging.
        kernel.setCard(3, FakeCard())
        #expect(rig.persist(100).isEmpty)
        #expect(kernel.openStreams == 2)
        #expect(rig.longestStep <= .milliseconds(30))
    }

    @Test func fallsBackAndReturnsToWhatIsWanted() throws {
        var wanted = FakeCard()
        wanted.product = "aaaa"
        var other = FakeCard()
        other.product = "bbbb"
        let identity = DeviceIdentity.usb(vendor: 0x1234, product: 0xAAAA, serial: nil)
        let kernel = FakeSound([1: other])
        var rig = Rig(kernel, SoundSettings(microphones: [identity], speakers: [identity]))
        try rig.open()
        try rig.step(50)
        kernel.setCard(2, wanted)
        let errors = rig.persist(300)
        #expect(!errors.isEmpty && errors.allSatisfy { $0.severity == .transient })
        kernel.setCard(1, nil)
        // The wanted card goes on when the other leaves.
        #expect(rig.persist(300).isEmpty)
    }

    @Test func aBusyCardIsPassedOver() throws {
        var second = FakeCard()
        second.vendor = nil
        let kernel = FakeSound([0: FakeCard(), 1: second])
        kernel.fail(.open, 16, times: 1)
        var rig = Rig(kernel)
        try rig.open()
        try rig.step(100)
        #expect(kernel.opened == 2)
    }

    @Test func recoversFromRunningDryAndOver() throws {
        var rig = Rig(FakeSound())
        try rig.open()
        try rig.step(100)
        rig.kernel.pass(.milliseconds(400))
        try rig.step(100)
        let health = rig.duplex.health
        #expect(health.underruns == 1)
        #expect(health.overruns == 1)
        let missed = rig.missed
        try rig.step(500)
        #expect(rig.missed == missed)
        #expect(rig.duplex.health == health)
    }

    @Test func waitsForASuspendedDeviceAndPreparesOneThatForgot() throws {
        var rig = Rig(FakeSound())
        try rig.open()
        try rig.step(100)
        // Suspended, and the driver cannot resume: prepared.
        rig.kernel.fail(.write, 86)
        try rig.step(10)
        #expect(rig.duplex.health.underruns == 1)
        rig.kernel.fail(.read, 86)
        try rig.step(10)
        #expect(rig.duplex.health.overruns == 1)
        // Still suspended for a while.
        rig.kernel.fail(.read, 86, times: 3)
        rig.kernel.fail(.resume, 11, times: 3)
        try rig.step(100)
        #expect(rig.kernel.count(.resume) == 5)
    }

    @Test func aDeviceThatStandsStillIsAnError() throws {
        let kernel = FakeSound()
        var rig = Rig(kernel)
        try rig.open()
        try rig.step(10)
        var stuck = FakeCard()
        stuck.isStuck = true
        kernel.setCard(0, stuck)
        do throws(DeviceError) {
            try rig.step(200)
            Issue.record("nothing was noticed")
        } catch {
            #expect(error.errno == 110 && error.severity == .transient)
        }
        #expect(rig.longestStep <= .milliseconds(30))
    }

    @Test func aDeviceThatIsAlwaysReadyDoesNotSpinTheThread() throws {
        var card = FakeCard()
        card.isAlwaysReady = true
        var rig = Rig(FakeSound([0: card]))
        try rig.open()
        let begin = rig.kernel.now()
        try rig.step(1_000)
        #expect(rig.kernel.now() - begin >= .milliseconds(9_300))
    }

    @Test func keepsALargeBufferThreeBlocksFull() throws {
        var card = FakeCard()
        card.buffer = 16_384
        var rig = Rig(FakeSound([0: card]))
        try rig.open()
        try rig.step(500)
        #expect(rig.duplex.echoPath.delaySamples < 3_400)
        #expect(rig.duplex.health == DuplexHealth())
    }

    @Test func fiftyOpensAndClosesLeakNothing() throws {
        let kernel = FakeSound()
        var rig = Rig(kernel)
        for _ in 0..<50 {
            try rig.open()
            try rig.step(3)
            rig.close()
        }
        #expect(kernel.opened == 100)
        #expect(kernel.openStreams == 0)
        rig.close()
    }

    @Test func anOwnerThatGoesClosesItsStreams() throws {
        let kernel = FakeSound()
        do {
            var rig = Rig(kernel)
            try rig.open()
            #expect(kernel.openStreams == 2)
        }
        #expect(kernel.openStreams == 0)
    }

    @Test func trustsASpeakerphoneWithItself() throws {
        var jabra = FakeCard()
        jabra.vendor = "0b0e"
        var rig = Rig(FakeSound([0: jabra]))
        try rig.open()
        #expect(rig.duplex.echoPath.isCancelledByDevice)
        var unknown = Rig(FakeSound())
        try unknown.open()
        #expect(!unknown.duplex.echoPath.isCancelledByDevice)
        let named = SoundSettings(cancelling: [.usb(vendor: 0x1234, product: 0x5678, serial: nil)])
        var configured = Rig(FakeSound(), named)
        try configured.open()
        #expect(configured.duplex.echoPath.isCancelledByDevice)
        // Two of them hear each other.
        var microphone = jabra
        microphone.playback = nil
        var speaker = jabra
        speaker.capture = nil
        var apart = Rig(FakeSound([0: microphone, 1: speaker]))
        try apart.open()
        #expect(!apart.duplex.echoPath.isCancelledByDevice)
    }
}
