import Basis
import ControlBench
import Devices
import GPIOPanel
import Testing

@Suite struct LampsTests {
    static let chip = "/dev/gpiochip1"
    static func line(_ name: String) -> GPIOLine { GPIOLine(chip: "kiosk", .name(name)) }

    static let colour = LampLine(
        role: .room,
        wiring: .colourLines(red: line("LED_R"), green: line("LED_G"), blue: line("LED_B")))
    static let single = LampLine(role: .room, wiring: .line(line("LED_R")))
    static let mute = LampLine(role: .button(.mute), wiring: .line(line("LED_MUTE")))

    static func bench(_ fake: FakeGPIO, _ lamps: [LampLine]) -> ControlBench<Lamps<FakeGPIO>> {
        var bench = ControlBench(Lamps(lamps, calls: fake, at: .zero))
        bench.pass(0)
        return bench
    }

    /// Red, green and blue as they are on the lines.
    static func seen(_ fake: FakeGPIO) -> String {
        zip("RGB", [8, 9, 10]).map { fake.levels["\(chip) \($1)"] == true ? String($0) : "-" }.joined()
    }

    @Test func threeLinesShowTheSignals() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake, [Self.colour])
        for (signal, wanted): (LampSignal, String) in [
            (.idle, "-G-"), (.inCall, "RGB"), (.inCallMuted, "R--"), (.handRaised, "RG-"),
            (.connecting, "--B"), (.fault, "RG-"),
        ] {
            bench.apply(.lamp(signal, number: 1))
            #expect(Self.seen(fake) == wanted, "\(signal)")
        }
        #expect(bench.events.isEmpty)
    }

    @Test func theRhythmIsKeptByDeadlines() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake, [Self.single])
        bench.apply(.lamp(.connecting, number: 0))
        let turns = bench.turns
        var seen = ""
        for _ in 0..<40 {
            bench.pass(50)
            seen.append(fake.levels["\(Self.chip) 8"] == true ? "*" : ".")
        }
        #expect(seen == "****.....*****.....*****.....*****.....*")
        #expect(bench.turns - turns == 8)
        bench.apply(.lamp(.inCall, number: 0))
        #expect(bench.source.deadline == nil)
    }

    @Test func mutedWinsAndTheLampOfTheButtonAgrees() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake, [Self.colour, Self.mute])
        bench.apply(.lamp(.inCall, number: 0))
        bench.apply(.muted(true))
        #expect(Self.seen(fake) == "R--" && fake.levels["\(Self.chip) 11"] == true)
        bench.apply(.lamp(.reconnecting, number: 0))
        bench.apply(.buttonLamp(role: .mute, isLit: false))
        bench.pass(3_000)
        #expect(Self.seen(fake) == "R--" && fake.levels["\(Self.chip) 11"] == true)
        bench.apply(.muted(false))
        #expect(Self.seen(fake) == "RG-" && fake.levels["\(Self.chip) 11"] == false)
    }

    @Test func lampsOfButtonsAreLitAsAsked() {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake, [LampLine(role: .button(.join(room: 0)), wiring: .line(Self.line("LED_G")))])
        #expect(fake.levels["\(Self.chip) 9"] == false)
        bench.apply(.buttonLamp(role: .join(room: 0), isLit: true))
        bench.apply(.buttonLamp(role: .camera, isLit: true))
        #expect(fake.levels["\(Self.chip) 9"] == true)
        bench.apply(.buttonLamp(role: .join(room: 0), isLit: false))
        #expect(fake.levels["\(Self.chip) 9"] == false)
    }

    @Test func ledDevicesAreDimmedAndWrittenOnChangeOnly() {
        let fake = FakeGPIO.board()
        fake.addLED("kiosk:red", maximum: 255)
        fake.addLED("kiosk:green", maximum: 100)
        fake.addLED("kiosk:blue", maximum: 1)
        let wiring = LampWiring.colourLeds(red: "kiosk:red", green: "kiosk:green", blue: "kiosk:blue")
        var bench = Self.bench(fake, [LampLine(role: .room, wiring: wiring)])
        #expect(fake.files["/sys/class/leds/kiosk:red/trigger"] == "none")
        bench.apply(.lamp(.idle, number: 0))
        let green = "/sys/class/leds/kiosk:green/brightness"
        #expect(fake.files[green] == "9")
        let writes = fake.written.count
        bench.apply(.lamp(.idle, number: 0))
        bench.pass(10_000)
        #expect(fake.written.count == writes)
        bench.apply(.lamp(.inCall, number: 0))
        #expect(fake.files[green] == "100")
        #expect(fake.files["/sys/class/leds/kiosk:red/brightness"] == "255")
        #expect(fake.files["/sys/class/leds/kiosk:blue/brightness"] == "1")
        bench.source.close()
        #expect(fake.files[green] == "0" && fake.files["/sys/class/leds/kiosk:blue/brightness"] == "0")
    }

    @Test func aMulticolourDeviceTakesItsOwnOrder() {
        let fake = FakeGPIO.board()
        fake.addLED("rgb:room", maximum: 255, index: "green red blue")
        var bench = Self.bench(fake, [LampLine(role: .room, wiring: .multicolourLed("rgb:room"))])
        bench.apply(.lamp(.reconnecting, number: 0))
        #expect(fake.files["/sys/class/leds/rgb:room/multi_intensity"] == "96 255 0")
        #expect(fake.files["/sys/class/leds/rgb:room/brightness"] == "255")
        bench.pass(500)
        #expect(fake.files["/sys/class/leds/rgb:room/brightness"] == "0")
    }

    @Test func strangeLedFilesDoNoHarm() {
        for (maximum, index) in [("", "a b"), ("-5", ""), ("99999999999999999999", "red"), ("4294967295", "blue blue")]
        {
            let fake = FakeGPIO.board()
            fake.addLED("odd", maximum: 1, index: index)
            fake.files["/sys/class/leds/odd/max_brightness"] = maximum
            var bench = Self.bench(
                fake,
                [
                    LampLine(role: .room, wiring: .multicolourLed("odd")),
                    LampLine(role: .button(.mute), wiring: .led("odd")),
                ])
            for signal in LampSignal.allCases {
                bench.apply(.lamp(signal, number: 1))
                bench.pass(500)
            }
            #expect(!fake.written.isEmpty)
        }
        // A name is no path.
        let fake = FakeGPIO.board()
        let bench = Self.bench(fake, [LampLine(role: .button(.mute), wiring: .led("../../etc"))])
        #expect(bench.notes == 1 && fake.written.isEmpty)
    }

    @Test(arguments: [1, 2, 4, 5, 6, 11, 12, 13, 16, 19, 22, 110] as [Int32])
    func everyFailureOfEveryCallIsSurvived(_ errno: Int32) {
        for call in FakeGPIO.Call.allCases {
            for number in 0...4 {
                let fake = FakeGPIO.board()
                fake.addLED("mute", maximum: 255)
                fake.fail(call, at: number, errno: errno)
                var bench = Self.bench(fake, [Self.colour, LampLine(role: .button(.mute), wiring: .led("mute"))])
                bench.apply(.lamp(.inCall, number: 0))
                bench.apply(.muted(true))
                bench.pass(30_000)
                #expect(bench.turns < 100, "\(call) \(number) spins")
                #expect(bench.notes <= 8, "\(call) \(number) is loud")
                #expect(fake.lines.count <= 3)
                fake.heal()
                bench.hotplug(.add, "leds", "")
                bench.pass(31_000)
                #expect(Self.seen(fake) == "R--", "\(call) \(number) \(errno)")
                #expect(fake.files["/sys/class/leds/mute/brightness"] == "255", "\(call) \(number) \(errno)")
                bench.source.close()
                #expect(fake.lines.isEmpty && bench.source.deadline == nil)
            }
        }
    }

    @Test func lampsThatVanishAreLitAgainWhenTheyAreBack() throws {
        let fake = FakeGPIO.board()
        var bench = Self.bench(fake, [Self.colour])
        bench.apply(.lamp(.inCall, number: 0))
        let removed = fake.chips.removeValue(forKey: Self.chip)
        let chip = try #require(removed)
        bench.apply(.lamp(.handRaised, number: 0))
        #expect(bench.notes >= 1)
        bench.pass(5_000)
        fake.levels = [:]
        fake.chips[Self.chip] = chip
        bench.hotplug(.add, "gpio", "gpiochip1")
        #expect(Self.seen(fake) == "RG-")
    }

    @Test func openedAndClosedFiftyTimesLeavesNothing() {
        let fake = FakeGPIO.board()
        for _ in 0..<50 {
            var bench = Self.bench(fake, [Self.colour, Self.mute])
            bench.apply(.lamp(.inCall, number: 0))
            bench.source.close()
            #expect(Self.seen(fake) == "---")
        }
        #expect(fake.lines.isEmpty && fake.requests == 200)
    }

    @Test func aBoardWithoutLampsNeedsNoTime() {
        let bench = Self.bench(FakeGPIO(), [])
        #expect(bench.source.deadline == nil && bench.source.descriptors.isEmpty)
    }
}
