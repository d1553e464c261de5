import Basis
import ControlBench
import Controls
import Devices
import GPIOPanel
import Testing

@Suite struct GPIOButtonsTests {
    static let chip = "/dev/gpiochip1"
    static let buttons = [
        ButtonLine(role: .join(room: 0), line: GPIOLine(chip: "kiosk", .name("BTN_JOIN"), isActiveLow: true)),
        ButtonLine(role: .mute, line: GPIOLine(chip: nil, .name("BTN_MUTE")), bias: .pullDown, mayReset: false),
    ]

    static func bench(_ fake: FakeGPIO, _ buttons: [ButtonLine] = buttons) -> ControlBench<GPIOButtons<FakeGPIO>> {
        var bench = ControlBench(GPIOButtons(buttons, calls: fake, at: .zero))
        bench.pass(0)
        return bench
    }

    /// A press as the kernel tells it, and the time until it is told.
    static func press(
        _ fake: FakeGPIO, _ offset: UInt32, _ bench: inout ControlBench<GPIOButtons<FakeGPIO>>,
        milliseconds: Int = 200
    ) {
        fake.set(chip, offset, true, at: bench.now)
        bench.process()
        bench.pass(milliseconds)
        fake.set(chip, offset, false, at: bench.now)
        bench.process()
        bench.pass(100)
    }

    @Test func linesAreFoundByLabelNameNumberAndPath() throws {
        let fake = FakeGPIO.board()
        let ways = [
            GPIOLine(chip: "kiosk", .name("BTN_MUTE")), GPIOLine(chip: nil, .name("BTN_MUTE")),
            GPIOLine(chip: "gpiochip1", .offset(1)), GPIOLine(chip: "/dev/gpiochip1", .offset(1)),
            GPIOLine(chip: "kiosk", .offset(1)),
        ]
        for way in ways {
            let found = try fake.locate(way)
            #expect(found.chip == Self.chip && found.offset == 1, "\(way.name)")
        }
        for way in [
            GPIOLine(chip: nil, .offset(1)), GPIOLine(chip: "kiosk", .name("NONE")), GPIOLine(chip: "x", .offset(1)),
        ] {
            #expect(throws: DeviceError.self) { _ = try fake.locate(way) }
        }
    }

    @Test func pressesCarryTheRole() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake)
        #expect(bench.source.descriptors.count == 2)
        #expect(fake.lines.values.contains { $0.offset == 0 && $0.isActiveLow && $0.bias == .pullUp })
        #expect(fake.lines.values.contains { $0.offset == 1 && !$0.isActiveLow && $0.bias == .pullDown })
        Self.press(fake, 0, &bench)
        #expect(bench.taken() == [.press(button: .join(room: 0), .short)])
        Self.press(fake, 1, &bench, milliseconds: 1_500)
        #expect(bench.taken() == [.press(button: .mute, .long)])
        #expect(bench.source.deadline == nil)
    }

    @Test func edgesAreJudgedByTheKernelsStamps() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake)
        bench.now += .seconds(100)
        fake.set(Self.chip, 0, true, at: .zero + .seconds(50))
        fake.set(Self.chip, 0, false, at: .zero + .milliseconds(50_300))
        bench.process()
        #expect(bench.taken() == [.press(button: .join(room: 0), .short)])
        // A stamp from the future is not believed.
        fake.set(Self.chip, 0, true, at: .zero + .seconds(1_000_000))
        bench.process()
        bench.pass(1_300)
        #expect(bench.taken() == [.press(button: .join(room: 0), .long)])
    }

    @Test func resetsAreRefusedInCalls() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake)
        bench.apply(.inCall(true))
        Self.press(fake, 0, &bench, milliseconds: 11_000)
        #expect(bench.taken() == [.press(button: .join(room: 0), .long)])
        bench.apply(.inCall(false))
        Self.press(fake, 0, &bench, milliseconds: 11_000)
        let told = bench.taken()
        #expect(told.contains(.resetCountdown(.seconds(7))))
        #expect(told.last == .press(button: .join(room: 0), .veryLong))
        Self.press(fake, 1, &bench, milliseconds: 11_000)
        #expect(bench.taken() == [.press(button: .mute, .long)])
    }

    @Test func aButtonHeldAtTheStartIsNoPress() {
        let fake = FakeGPIO.board()
        fake.levels["\(Self.chip) 0"] = true
        var bench = Self.bench(fake)
        bench.pass(30_000)
        #expect(bench.taken().isEmpty)
        bench.pass(31_000)
        #expect(bench.taken() == [.stuck(button: .join(room: 0), isStuck: true)])
    }

    @Test func whatTheKernelDebouncesIsNotDebouncedAgain() {
        let fake = FakeGPIO.board()
        fake.debouncesInputs = true
        var bench = Self.bench(fake)
        fake.set(Self.chip, 0, true, at: bench.now)
        fake.set(Self.chip, 0, false, at: bench.now + .milliseconds(10))
        bench.now += .milliseconds(10)
        bench.process()
        #expect(bench.taken() == [.press(button: .join(room: 0), .short)])
    }

    @Test func aWildContactIsLeftAloneForAWhile() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake)
        for number in 0..<200 {
            bench.now += .microseconds(50)
            fake.set(Self.chip, 0, number % 2 == 0, at: bench.now)
        }
        bench.process()
        #expect(bench.source.descriptors.count == 1)
        let turns = bench.turns
        bench.pass(2_000)
        #expect(bench.turns - turns < 20)
        #expect(bench.source.descriptors.count == 2)
        #expect(bench.taken().isEmpty)
        Self.press(fake, 0, &bench)
        #expect(bench.taken() == [.press(button: .join(room: 0), .short)])
    }

    @Test func aChipThatGoesAndComesIsServedAgain() throws {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake)
        fake.set(Self.chip, 0, true, at: bench.now)
        bench.process()
        bench.pass(3_500)
        #expect(bench.taken().last == .resetCountdown(.seconds(7)))
        let removed = fake.chips.removeValue(forKey: Self.chip)
        let chip = try #require(removed)
        bench.hotplug(.remove, "gpio", "gpiochip1")
        #expect(bench.notes > 0)
        // What was held comes to nothing.
        #expect(bench.taken() == [.resetCountdown(nil)])
        #expect(fake.lines.isEmpty && bench.source.descriptors.isEmpty)
        let turns = bench.turns
        bench.pass(60_000)
        #expect(bench.turns - turns < 30)
        // Told once.
        #expect(bench.notes <= 4)
        fake.chips["/dev/gpiochip7"] = chip
        fake.levels = [:]
        bench.hotplug(.add, "gpio", "gpiochip7")
        #expect(bench.source.descriptors.count == 2)
        fake.set("/dev/gpiochip7", 0, true, at: bench.now)
        bench.process()
        bench.pass(100)
        fake.set("/dev/gpiochip7", 0, false, at: bench.now)
        bench.process()
        bench.pass(100)
        #expect(bench.taken() == [.press(button: .join(room: 0), .short)])
    }

    @Test(arguments: [1, 2, 4, 5, 6, 11, 12, 13, 16, 19, 22, 110] as [Int32])
    func everyFailureOfEveryCallIsSurvived(_ errno: Int32) {
        for call in FakeGPIO.Call.allCases {
            for number in 0...3 {
                let fake = FakeGPIO.board()
                fake.fail(call, at: number, errno: errno)
                var bench = Self.bench(fake)
                bench.pass(700)
                Self.press(fake, 0, &bench)
                Self.press(fake, 1, &bench)
                bench.hotplug(.change, "gpio", "gpiochip1")
                bench.pass(30_000)
                #expect(bench.turns < 300, "\(call) \(number) spins")
                #expect(fake.lines.count <= 2, "\(call) \(number) leaks")
                fake.heal()
                bench.hotplug(.change, "gpio", "gpiochip1")
                bench.pass(31_000)
                #expect(bench.source.descriptors.count == 2, "\(call) \(number) does not recover")
                _ = bench.taken()
                Self.press(fake, 0, &bench)
                #expect(bench.taken() == [.press(button: .join(room: 0), .short)], "\(call) \(number)")
                bench.source.close()
                #expect(fake.lines.isEmpty, "\(call) \(number) leaks")
            }
        }
    }

    @Test func openedAndClosedFiftyTimesLeavesNothing() {
        let fake = FakeGPIO.board()
        for _ in 0..<50 {
            var bench = Self.bench(fake)
            bench.pass(10)
            bench.source.close()
            bench.source.close()
            #expect(bench.source.descriptors.isEmpty && bench.source.deadline == nil)
        }
        #expect(fake.lines.isEmpty && fake.requests == 100)
    }

    @Test func twoButtonsOnOneLineAreTold() {
        let fake = FakeGPIO.board()
        let twice = [Self.buttons[0], ButtonLine(role: .hangUp, line: Self.buttons[0].line)]
        let bench = Self.bench(fake, twice)
        #expect(bench.notes == 1 && bench.source.descriptors.count == 1)
    }

    @Test func theRealKernelWithoutSuchLinesIsNoTrouble() {
        var bench = ControlBench(GPIOButtons(Self.buttons, at: .zero))
        bench.pass(0)
        bench.pass(2_000)
        #expect(bench.notes >= 1)
        bench.source.close()
    }
}
