import Basis
import ControlBench
import Devices
import InputDevices
import Testing

@Suite struct SpeakerphonesTests {
    static func bench(_ fake: FakeInput) -> ControlBench<Speakerphones<FakeInput>> {
        var bench = ControlBench(Speakerphones(calls: fake, at: .zero))
        bench.pass(0)
        return bench
    }

    static func report(
        _ fake: FakeInput, _ name: String, _ bytes: [UInt8], _ bench: inout ControlBench<Speakerphones<FakeInput>>
    ) {
        fake.devices[name]?.reports.append(bytes)
        bench.process()
    }

    @Test func aCallWithItsKeysAndLamps() {
        let fake = FakeInput()
        fake.plug("hidraw0", FakeInput.phone())
        var bench = Self.bench(fake)
        #expect(bench.source.descriptors.count == 1 && fake.taken("hidraw0").isEmpty)
        bench.apply(.inCall(true))
        #expect(fake.taken("hidraw0") == [[2, 0b01]])
        Self.report(fake, "hidraw0", [2, 0b11], &bench)
        Self.report(fake, "hidraw0", [2, 0b01], &bench)
        #expect(bench.taken() == [.muteRequested])
        bench.apply(.muted(true))
        #expect(fake.taken("hidraw0") == [[2, 0b11]])
        Self.report(fake, "hidraw0", [2, 0b00], &bench)
        #expect(bench.taken() == [.hookRequested(isOffHook: false)])
        bench.apply(.inCall(false))
        #expect(fake.taken("hidraw0") == [[2, 0b00]])
        bench.pass(60_000)
        #expect(bench.taken().isEmpty && bench.source.deadline == nil)
    }

    @Test func pluggedInDuringTheCallItLearnsTheState() {
        let fake = FakeInput()
        var bench = Self.bench(fake)
        bench.apply(.inCall(true))
        bench.apply(.muted(true))
        fake.plug("hidraw0", FakeInput.phone())
        bench.hotplug(.add, "hidraw", "hidraw0")
        #expect(fake.taken("hidraw0") == [[2, 0b01], [2, 0b11]])
        // Out and in again, faster than its end was seen.
        fake.plug("hidraw0", FakeInput.phone())
        bench.hotplug(.add, "hidraw", "hidraw0")
        #expect(fake.taken("hidraw0") == [[2, 0b01], [2, 0b11]])
        #expect(fake.open.count == 1)
        bench.source.close()
        #expect(fake.taken("hidraw0") == [[2, 0b00]])
        #expect(fake.open.isEmpty)
    }

    @Test func theOtherInterfaceGivesVolumeAndNoSecondMute() {
        let fake = FakeInput()
        fake.plug("hidraw0", FakeInput.phone())
        fake.plug("hidraw1", FakeInput.phoneVolume())
        // A loudspeaker elsewhere is served by its evdev keys.
        fake.plug("hidraw2", FakeInput.phoneVolume("1-4"))
        var bench = Self.bench(fake)
        #expect(fake.isOpen("hidraw0") && fake.isOpen("hidraw1") && !fake.isOpen("hidraw2"))
        Self.report(fake, "hidraw1", [0b001], &bench)
        Self.report(fake, "hidraw1", [0b000], &bench)
        Self.report(fake, "hidraw1", [0b110], &bench)
        #expect(bench.taken() == [.volumeRequested(steps: 1), .volumeRequested(steps: -1)])
        #expect(fake.taken("hidraw1").isEmpty)
    }

    @Test func unansweredRequestsAreAnsweredByDeadline() {
        let fake = FakeInput()
        fake.plug("hidraw0", FakeInput.phone())
        var bench = Self.bench(fake)
        bench.apply(.inCall(true))
        _ = fake.taken("hidraw0")
        Self.report(fake, "hidraw0", [2, 0b11], &bench)
        bench.pass(999)
        #expect(fake.taken("hidraw0").isEmpty)
        bench.pass(1)
        #expect(fake.taken("hidraw0") == [[2, 0b01]])
    }

    @Test func aWriteThatMustWaitIsRepeated() {
        for errno: Int32 in [4, 11] {
            let fake = FakeInput()
            fake.plug("hidraw0", FakeInput.phone())
            var bench = Self.bench(fake)
            fake.fail(.writeReport, errno: errno)
            bench.apply(.inCall(true))
            #expect(fake.taken("hidraw0").isEmpty)
            bench.pass(50)
            #expect(fake.taken("hidraw0") == [[2, 0b01]])
            #expect(bench.source.deadline == nil)
        }
    }

    @Test func aDeviceThatRefusesReportsIsLeftInPeaceAndStillHeard() {
        let fake = FakeInput()
        fake.plug("hidraw0", FakeInput.phone())
        var bench = Self.bench(fake)
        fake.fail(.writeReport, at: 0, errno: 110)
        for round in 0..<20 {
            bench.apply(.inCall(round % 2 == 0))
            bench.pass(100)
        }
        #expect(fake.calls[.writeReport] == 3)
        Self.report(fake, "hidraw0", [2, 0b10], &bench)
        #expect(bench.taken().contains(.muteRequested))
    }

    @Test func aFloodIsTakenInParts() {
        let fake = FakeInput()
        fake.plug("hidraw0", FakeInput.phone())
        var bench = Self.bench(fake)
        for number in 0..<100 { fake.devices["hidraw0"]?.reports.append([2, number % 2 == 0 ? 0b10 : 0]) }
        bench.process()
        #expect(fake.devices["hidraw0"]?.reports.count == 68)
        bench.now += .seconds(1)
        for _ in 0..<3 { bench.process() }
        #expect(fake.devices["hidraw0"]?.reports.isEmpty == true)
    }

    @Test(arguments: [1, 2, 4, 5, 6, 11, 12, 13, 16, 19, 22, 32, 110] as [Int32])
    func everyFailureOfEveryCallIsSurvived(_ errno: Int32) {
        for call in FakeInput.Call.allCases {
            for number in 0...3 {
                let fake = FakeInput()
                fake.plug("hidraw0", FakeInput.phone())
                fake.fail(call, at: number, errno: errno)
                var bench = Self.bench(fake)
                bench.apply(.inCall(true))
                bench.pass(700)
                Self.report(fake, "hidraw0", [2, 0b11], &bench)
                bench.apply(.muted(true))
                bench.pass(30_000)
                #expect(bench.turns < 100, "\(call) \(number) spins")
                #expect(bench.notes < 20, "\(call) \(number) is loud")
                #expect(fake.open.count <= 1, "\(call) \(number) leaks")
                fake.heal()
                // As after pulling it out and in.
                fake.plug("hidraw0", FakeInput.phone())
                bench.hotplug(.add, "hidraw", "hidraw0")
                #expect(fake.taken("hidraw0") == [[2, 0b01], [2, 0b11]], "\(call) \(number) does not recover")
                _ = bench.taken()
                Self.report(fake, "hidraw0", [2, 0b10], &bench)
                #expect(bench.taken().contains(.muteRequested), "\(call) \(number)")
                bench.source.close()
                #expect(fake.open.isEmpty, "\(call) \(number) leaks")
            }
        }
    }

    @Test func randomReportsAndPluggingLeakNothing() {
        var random = RandomSource(seed: 4)
        let fake = FakeInput()
        var bench = Self.bench(fake)
        for _ in 0..<3_000 {
            bench.now += .milliseconds(Int.random(in: 0...800, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0: bench.apply(.inCall(Bool.random(using: &random)))
            case 1: bench.apply(.muted(Bool.random(using: &random)))
            case 2:
                fake.unplug("hidraw0")
                bench.process()
            case 3:
                fake.plug("hidraw0", FakeInput.phone())
                bench.hotplug(.add, "hidraw", "hidraw0")
            default:
                Self.report(fake, "hidraw0", random.bytes(Int.random(in: 0...4, using: &random)), &bench)
            }
            bench.pass(0)
            #expect(fake.open.count <= 1)
        }
        #expect(bench.taken().contains(.muteRequested))
        bench.source.close()
        #expect(fake.open.isEmpty)
    }

    @Test func openedAndClosedFiftyTimesLeavesNothing() {
        let fake = FakeInput()
        fake.plug("hidraw0", FakeInput.phone())
        for _ in 0..<50 {
            let bench = Self.bench(fake)
            #expect(bench.source.descriptors.count == 1)
            bench.source.close()
        }
        #expect(fake.open.isEmpty && fake.opens == 50)
    }

    @Test func theRealKernelWithoutSpeakerphonesIsNoTrouble() {
        var bench = ControlBench(Speakerphones(at: .zero))
        bench.pass(2_000)
        bench.source.close()
        #expect(bench.source.descriptors.isEmpty)
    }
}
