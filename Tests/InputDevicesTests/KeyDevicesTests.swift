import Basis
import ControlBench
import Controls
import Devices
import InputDevices
import Testing

@Suite struct KeyDevicesTests {
    static func bench(
        _ fake: FakeInput, _ settings: KeySettings = KeySettings()
    ) -> ControlBench<KeyDevices<FakeInput>> {
        var bench = ControlBench(KeyDevices(settings, calls: fake, at: .zero))
        bench.pass(0)
        return bench
    }

    static func key(
        _ fake: FakeInput, _ name: String, _ code: UInt16, _ value: Int32,
        _ bench: inout ControlBench<KeyDevices<FakeInput>>
    ) {
        fake.devices[name]?.events.append([.key(code: code, value: value, instant: bench.now)])
        bench.process()
    }

    static func press(
        _ fake: FakeInput, _ name: String, _ code: UInt16, _ bench: inout ControlBench<KeyDevices<FakeInput>>,
        milliseconds: Int = 120
    ) {
        key(fake, name, code, 1, &bench)
        bench.pass(milliseconds)
        key(fake, name, code, 0, &bench)
    }

    @Test func keysAreButtons() {
        let fake = FakeInput()
        fake.plug("event0", FakeInput.keypad())
        var bench = Self.bench(fake)
        #expect(fake.open.values.allSatisfy { $0.isGrabbed } && bench.source.descriptors.count == 1)
        Self.press(fake, "event0", 79, &bench)
        Self.press(fake, "event0", 113, &bench, milliseconds: 1_500)
        Self.press(fake, "event0", 30, &bench)
        #expect(bench.taken() == [.press(button: .join(room: 0), .short), .press(button: .mute, .long)])
        bench.source.close()
        #expect(fake.open.isEmpty)
    }

    @Test func repetitionIsIgnoredAndNothingResets() {
        let fake = FakeInput()
        fake.plug("event0", FakeInput.keypad())
        var bench = Self.bench(fake)
        Self.key(fake, "event0", 1, 1, &bench)
        for _ in 0..<400 {
            bench.pass(33)
            Self.key(fake, "event0", 1, 2, &bench)
        }
        Self.key(fake, "event0", 1, 0, &bench)
        #expect(bench.taken() == [.press(button: .hangUp, .long)])
    }

    @Test func resetsWhereWishedButNotInCalls() {
        let fake = FakeInput()
        fake.plug("event0", FakeInput.keypad())
        var bench = Self.bench(fake, KeySettings(mayReset: true))
        bench.apply(.inCall(true))
        Self.press(fake, "event0", 1, &bench, milliseconds: 11_000)
        #expect(bench.taken() == [.press(button: .hangUp, .long)])
        bench.apply(.inCall(false))
        Self.press(fake, "event0", 1, &bench, milliseconds: 11_000)
        #expect(bench.taken().last == .press(button: .hangUp, .veryLong))
    }

    @Test func devicesWithoutSuchKeysAreLeftAlone() {
        let fake = FakeInput()
        var mouse = FakeInput.keypad()
        mouse.keys = [272, 273]
        fake.plug("event0", mouse)
        var cec = FakeInput.keypad()
        cec.bus = 0x1E
        fake.plug("event1", cec)
        fake.plug("event2", FakeInput.keypad())
        var bench = Self.bench(fake, KeySettings(ignored: [.usb(vendor: 0x04D9, product: 0xA0F8, serial: nil)]))
        #expect(fake.open.isEmpty && bench.notes == 0)
        let opens = fake.opens
        bench.pass(60_000)
        #expect(fake.opens == opens && bench.source.deadline == nil)
        // A keyboard that somebody needs besides.
        bench = Self.bench(fake, KeySettings(isExclusive: false))
        #expect(fake.open.count == 1 && fake.open.values.allSatisfy { !$0.isGrabbed })
    }

    @Test func theKeysOfASpeakerphoneAreItsOwn() {
        let fake = FakeInput()
        fake.plug("event0", FakeInput.keypad())
        fake.plug("event1", FakeInput.phoneKeys())
        fake.plug("hidraw0", FakeInput.phone())
        var bench = Self.bench(fake)
        #expect(fake.isOpen("event0") && !fake.isOpen("event1"))
        // The same keys of a plain USB loudspeaker are served.
        fake.unplug("hidraw0")
        bench.hotplug(.remove, "hidraw", "hidraw0")
        #expect(fake.isOpen("event1"))
        // The kernel makes the evdev node first: let go when hidraw comes.
        fake.plug("hidraw0", FakeInput.phone())
        bench.hotplug(.add, "hidraw", "hidraw0")
        #expect(!fake.isOpen("event1") && fake.isOpen("event0"))
        // Another device's telephone does not count.
        fake.plug("hidraw0", FakeInput.phone("1-4"))
        bench.hotplug(.add, "hidraw", "hidraw0")
        #expect(fake.isOpen("event1"))
    }

    @Test func pluggedInLaterAndPulledOutWhileHeld() {
        let fake = FakeInput()
        var bench = Self.bench(fake, KeySettings(mayReset: true))
        #expect(bench.source.descriptors.isEmpty && bench.source.deadline == nil)
        fake.plug("event0", FakeInput.keypad())
        bench.hotplug(.add, "input", "input/event0")
        Self.key(fake, "event0", 1, 1, &bench)
        bench.pass(4_000)
        #expect(bench.taken().last == .resetCountdown(.seconds(6)))
        fake.unplug("event0")
        bench.process()
        #expect(bench.taken() == [.resetCountdown(nil)])
        #expect(fake.open.isEmpty)
        let turns = bench.turns
        bench.pass(60_000)
        #expect(bench.turns - turns < 5)
        // Another device under the same name, before the end of the old one was seen.
        fake.plug("event0", FakeInput.keypad())
        bench.hotplug(.add, "input", "input/event0")
        fake.plug("event0", FakeInput.keypad("1-4"))
        bench.hotplug(.add, "input", "input/event0")
        Self.press(fake, "event0", 79, &bench)
        #expect(bench.taken() == [.press(button: .join(room: 0), .short)])
        #expect(fake.open.count == 1)
    }

    @Test func lostEventsLeaveNothingHeld() {
        let fake = FakeInput()
        fake.plug("event0", FakeInput.keypad())
        var bench = Self.bench(fake)
        Self.key(fake, "event0", 28, 1, &bench)
        fake.devices["event0"]?.events.append([.dropped])
        bench.process()
        bench.pass(5_000)
        #expect(bench.taken().isEmpty)
        Self.press(fake, "event0", 28, &bench)
        #expect(bench.taken() == [.press(button: .ok, .short)])
    }

    @Test(arguments: [1, 2, 4, 5, 6, 11, 12, 13, 16, 19, 22, 110] as [Int32])
    func everyFailureOfEveryCallIsSurvived(_ errno: Int32) {
        for call in FakeInput.Call.allCases {
            for number in 0...4 {
                let fake = FakeInput()
                fake.plug("event0", FakeInput.keypad())
                fake.plug("event1", FakeInput.phoneKeys())
                fake.plug("hidraw0", FakeInput.phone())
                fake.fail(call, at: number, errno: errno)
                var bench = Self.bench(fake)
                Self.press(fake, "event0", 79, &bench)
                bench.pass(700)
                Self.press(fake, "event0", 79, &bench)
                bench.hotplug(.change, "input", "")
                bench.pass(30_000)
                #expect(bench.turns < 100, "\(call) \(number) spins")
                #expect(bench.notes < 20, "\(call) \(number) is loud")
                #expect(fake.open.count <= 2, "\(call) \(number) leaks")
                fake.heal()
                bench.hotplug(.change, "input", "")
                #expect(fake.isOpen("event0") && !fake.isOpen("event1"), "\(call) \(number) does not recover")
                fake.devices["event0"]?.events = []
                _ = bench.taken()
                Self.press(fake, "event0", 79, &bench)
                #expect(bench.taken() == [.press(button: .join(room: 0), .short)], "\(call) \(number)")
                bench.source.close()
                #expect(fake.open.isEmpty, "\(call) \(number) leaks")
            }
        }
    }

    @Test func openedAndClosedFiftyTimesLeavesNothing() {
        let fake = FakeInput()
        fake.plug("event0", FakeInput.keypad())
        for _ in 0..<50 {
            let bench = Self.bench(fake)
            #expect(bench.source.descriptors.count == 1)
            bench.source.close()
        }
        #expect(fake.open.isEmpty && fake.opens == 50)
    }

    @Test func theRealKernelWithoutKeysIsNoTrouble() {
        var bench = ControlBench(KeyDevices(KeySettings(isExclusive: false), at: .zero))
        bench.pass(2_000)
        bench.source.close()
        #expect(bench.source.descriptors.isEmpty)
    }
}
