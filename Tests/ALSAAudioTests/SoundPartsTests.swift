import ALSAAudio
import Basis
import Devices
import Testing

@Suite struct SampleConversionTests {
    @Test(arguments: SampleFormat.allCases, [1, 2, 3, 8])
    func goesThereAndBack(format: SampleFormat, channels: Int) {
        let samples: [Int16] = [0, 1, -1, 12_345, -12_345, .max, .min]
        var bytes = [UInt8](repeating: 0xEE, count: 8 * channels * format.bytes)
        let frames = SampleConversion.encode(samples, 0..<7, format: format, channels: channels, into: &bytes)
        #expect(frames == 7)
        for mix in [CaptureMix.first, .average] {
            var back = [Int16](repeating: 99, count: 7)
            let count = SampleConversion.decode(
                bytes, frames: 7, format: format, channels: channels, mix: mix, into: &back)
            #expect(count == 7)
            #expect(back == samples)
        }
    }

    @Test func mixes() {
        let bytes: [UInt8] = [0x10, 0x00, 0x30, 0x00]
        var mono: [Int16] = [0]
        _ = SampleConversion.decode(bytes, frames: 1, format: .s16, channels: 2, mix: .first, into: &mono)
        #expect(mono == [0x10])
        _ = SampleConversion.decode(bytes, frames: 1, format: .s16, channels: 2, mix: .average, into: &mono)
        #expect(mono == [0x20])
    }

    @Test func survivesAnyNumbers() {
        var random = RandomSource(seed: 5)
        for _ in 0..<5_000 {
            let bytes = random.bytes(Int.random(in: 0...64, using: &random))
            var samples = [Int16](repeating: 0, count: Int.random(in: 0...16, using: &random))
            let format = SampleFormat.allCases.randomElement(using: &random) ?? .s16
            let channels = Int.random(in: -1...9, using: &random)
            let count = SampleConversion.decode(
                bytes, frames: Int.random(in: -5...100, using: &random), format: format, channels: channels,
                mix: Bool.random(using: &random) ? .first : .average, into: &samples)
            #expect((0...samples.count).contains(count))
            var target = bytes
            let lower = Int.random(in: -3...20, using: &random)
            let range = lower..<lower + Int.random(in: 0...20, using: &random)
            let frames = SampleConversion.encode(samples, range, format: format, channels: channels, into: &target)
            #expect((0...samples.count).contains(frames))
        }
    }
}

@Suite struct SampleRingTests {
    @Test func keepsTheOrderAndDropsTheOldest() {
        var ring = SampleRing(capacity: 5)
        #expect(ring.append([1, 2, 3], count: 3) == 0)
        var two: [Int16] = [0, 0]
        #expect(ring.copy(into: &two) && two == [1, 2])
        ring.drop(2)
        #expect(ring.append([4, 5, 6, 7, 8], count: 4) == 0)
        #expect(ring.append([9], count: 1) == 1)
        var five = [Int16](repeating: 0, count: 5)
        #expect(ring.copy(into: &five) && five == [4, 5, 6, 7, 9])
        ring.drop(4)
        let isEnough = ring.copy(into: &two)
        #expect(!isEnough)
        ring.drop(10)
        #expect(ring.count == 0)
    }

    @Test func behavesLikeAList() {
        var random = RandomSource(seed: 3)
        var ring = SampleRing(capacity: 32)
        var list: [Int16] = []
        var next: Int16 = 0
        for _ in 0..<3_000 {
            if Bool.random(using: &random) {
                let block = (0..<Int.random(in: 0...12, using: &random)).map { next &+ Int16($0) }
                next &+= Int16(block.count)
                ring.append(block, count: block.count)
                list = Array((list + block).suffix(32))
            } else {
                let number = Int.random(in: 0...10, using: &random)
                ring.drop(number)
                list.removeFirst(min(number, list.count))
            }
            var content = [Int16](repeating: 0, count: list.count)
            #expect(ring.count == list.count)
            #expect(ring.copy(into: &content) && content == list)
        }
    }
}

@Suite struct DriftFollowerTests {
    /// A buffer between two clocks: samples come in grains, are stretched by the correction, and leave by blocks.
    private func run(drift: Double, grain: Int, seconds: Int) -> (missed: Int, extremes: ClosedRange<Int>, last: Int) {
        var follower = DriftFollower(target: 1_056)
        var arrived = 0
        var fill = 576.0
        var missed = 0
        var (least, most) = (Int.max, Int.min)
        for step in 1...seconds * 100 {
            let now = MonotonicInstant.zero + .milliseconds(10 * step)
            let captured = Int(Double(step) * 480 * (1 + drift / 1e6)) / grain * grain
            fill += Double(captured - arrived) / (1 + Double(follower.partsPerMillion) / 1e6)
            arrived = captured
            _ = follower.follow(fill: Int(fill), at: now)
            if fill >= 480 { fill -= 480 } else { missed += 1 }
            if step > 100 { (least, most) = (min(least, Int(fill)), max(most, Int(fill))) }
        }
        return (missed, least...most, follower.partsPerMillion)
    }

    @Test(arguments: [-200.0, -50, 0, 20, 200], [1, 48, 240])
    func followsWithoutLosingABlock(drift: Double, grain: Int) {
        let (missed, extremes, last) = run(drift: drift, grain: grain, seconds: 300)
        #expect(missed == 0)
        // 576 is left at the target after a block has gone.
        #expect(extremes.lowerBound > 576 - 120 - grain && extremes.upperBound < 576 + 120 + grain)
        #expect(abs(Double(last) - drift) < 15 + Double(grain))
    }

    @Test func staysWithinItsLimits() {
        var follower = DriftFollower(target: 1_000)
        for step in 0..<100_000 {
            let correction = follower.follow(fill: .max / 4, at: .zero + .milliseconds(10 * step))
            #expect(correction <= 500)
        }
        #expect(follower.partsPerMillion == 500)
        follower.resynchronise()
        #expect(follower.partsPerMillion == 500)
    }

    @Test func aLongPauseTeachesNothing() {
        var follower = DriftFollower(target: 1_000)
        _ = follower.follow(fill: 1_010, at: .zero)
        let correction = follower.follow(fill: 1_010, at: .zero + .seconds(86_400))
        #expect(abs(correction) < 25)
    }
}

@Suite struct PaceGuardTests {
    @Test func letsClocksAndShortBurstsPass() {
        var pace = PaceGuard()
        for step in 0..<1_000 {
            // Two thousandths fast, in pairs.
            let now = MonotonicInstant.zero + .microseconds(9_980 * (step / 2 * 2))
            #expect(pace.admit(at: now) == nil)
        }
    }

    @Test func holdsWhatIsAlwaysReady() {
        var pace = PaceGuard()
        var now = MonotonicInstant.zero + .seconds(5)
        for _ in 0..<1_000 { now = pace.admit(at: now) ?? now }
        #expect(now - (.zero + .seconds(5)) >= .milliseconds(9_400))
    }
}

@Suite struct CardTests {
    private func card(_ number: Int, vendor: UInt16? = nil, both: Bool = true, id: String = "C") -> SoundCard {
        SoundCard(
            number: number, id: id,
            facts: DeviceFacts(
                node: "hw:\(number)", name: "Card \(number)", vendor: vendor, product: vendor.map { _ in 1 }),
            playbackDevices: both ? [0, 3] : [], captureDevices: [0, 1])
    }

    @Test func prefersWhatIsNamedThenUSBThatDoesBoth() {
        let cards = [card(0), card(1, vendor: 7, both: false), card(2, vendor: 8, id: "Loop")]
        func places(_ preferred: [DeviceIdentity]) -> [String] {
            SoundPlace.candidates(cards, .capture, preferred: preferred).map(\.name)
        }
        #expect(places([]) == ["hw:2,0", "hw:1,0", "hw:0,0"])
        #expect(places([.name("card 0")]) == ["hw:0,0", "hw:2,0", "hw:1,0"])
        #expect(places([.path("hw:Loop,1")]) == ["hw:2,1", "hw:2,0", "hw:1,0", "hw:0,0"])
        #expect(places([.path("hw:1"), .usb(vendor: 8, product: 1, serial: nil)]) == ["hw:1,0", "hw:2,0", "hw:0,0"])
        for wrong in ["hw:9", "hw:0,7", "hw:0,x", "hw:", "/dev/snd", "hw:0,0,0"] {
            #expect(places([.path(wrong)]) == ["hw:2,0", "hw:1,0", "hw:0,0"])
        }
        let speakers = SoundPlace.candidates(cards, .playback, preferred: []).map(\.name)
        #expect(speakers == ["hw:2,0", "hw:0,0"])
    }

    @Test func readsWhatTheKernelShows() {
        var usb = FakeCard()
        usb.id = "USB"
        usb.name = "USB-Audio - Jabra SPEAK 510 - USB"
        usb.vendor = "0b0e"
        var onboard = FakeCard()
        onboard.vendor = nil
        onboard.capture = nil
        let kernel = FakeSound([0: onboard, 2: usb])
        let cards = SoundInventory.scan(kernel)
        #expect(cards.map(\.number) == [0, 2])
        #expect(cards[0].facts.vendor == nil && cards[0].captureDevices.isEmpty && cards[0].playbackDevices == [0])
        #expect(
            cards[1].facts
                == DeviceFacts(
                    node: "hw:2", name: "Jabra SPEAK 510 - USB", vendor: 0x0B0E, product: 0x5678, serial: "S1",
                    port: "1-1.2"))
        let report = SoundInventory.report(kernel)
        #expect(report.map(\.cancelsEcho) == [false, true])
        #expect(report[1].capture.first?.abilities?.channels == 1...2)
        #expect(kernel.openStreams == 0)
        kernel.fail(.open, 16)
        #expect(SoundInventory.report(kernel)[0].playback.first?.abilities == nil)
    }

    @Test func knowsSpeakerphones() {
        let facts = { (vendor: UInt16, product: UInt16) in
            DeviceFacts(node: "", name: "", vendor: vendor, product: product)
        }
        #expect(SpeakerphoneTable.cancelsEcho(facts(0x0B0E, 0x0422)))
        #expect(SpeakerphoneTable.cancelsEcho(facts(0x046D, 0x0882)))
        #expect(!SpeakerphoneTable.cancelsEcho(facts(0x046D, 0x0825)))
        #expect(!SpeakerphoneTable.cancelsEcho(DeviceFacts(node: "", name: "Jabra")))
        #expect(SpeakerphoneTable.cancelsEcho(facts(1, 2), others: [.usb(vendor: 1, product: 2, serial: nil)]))
    }
}

@Suite struct MixerTests {
    private let pcm = MixerElement(name: "PCM", raw: 0...100, decibels: -6_000...400)
    private let master = MixerElement(name: "Master", raw: 0...64, decibels: nil)
    private let mic = MixerElement(name: "Mic", raw: 0...10, decibels: -1_200...2_400)

    private func makeRig(_ elements: [MixerElement]) throws -> Rig {
        var card = FakeCard()
        card.mixer = elements
        var rig = Rig(FakeSound([0: card]))
        try rig.open()
        return rig
    }

    @Test func turnsTheCardsOwnVolume() throws {
        let digital = MixerElement(name: "IEC958", raw: 0...0, decibels: nil)
        var rig = try makeRig([master, digital, pcm, mic])
        rig.duplex.setSpeakerVolume(50)
        let kernel = rig.kernel
        #expect(kernel.mixer("PCM")?.value == .decibels(-2_000))
        #expect(kernel.mixer("PCM")?.isOn == true)
        #expect(kernel.mixer("Master")?.value == .raw(64))
        #expect(kernel.mixer("IEC958")?.isOn == true)
        #expect(kernel.mixer("Mic")?.value == .decibels(0))
        rig.duplex.setSpeakerVolume(0)
        #expect(kernel.mixer("PCM")?.value == .decibels(-6_000))
        #expect(kernel.mixer("PCM")?.isOn == false)
        try rig.step(20)
        #expect(kernel.played.last == 1_000)
    }

    @Test func scalesSamplesWhereTheCardCannot() throws {
        var rig = try makeRig([mic])
        rig.duplex.setSpeakerVolume(50)
        try rig.step(20)
        #expect(rig.kernel.played.last == 100)
        rig.duplex.setSpeakerVolume(100)
        try rig.step(20)
        #expect(rig.kernel.played.last == 1_000)
    }

    @Test func usesTheRawScaleWithoutDecibels() throws {
        var rig = try makeRig([master])
        rig.duplex.setSpeakerVolume(25)
        #expect(rig.kernel.mixer("Master")?.value == .raw(16))
    }

    @Test func theVolumeOutlivesTheDevice() throws {
        var rig = try makeRig([pcm])
        rig.duplex.setSpeakerVolume(75)
        rig.duplex.closeSpeaker()
        var card = FakeCard()
        card.mixer = [master]
        rig.kernel.setCard(0, card)
        try rig.duplex.openSpeaker()
        #expect(rig.kernel.mixer("Master")?.value == .raw(48))
    }
}
