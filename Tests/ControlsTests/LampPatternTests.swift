import Basis
import Controls
import Devices
import Testing

@Suite struct LampPatternTests {
    /// The table of docs/operating/leds.md as it is seen in four seconds, one character each 100 ms.
    static let table: [(LampSignal, Int, String, String)] = [
        (.booting, 0, "..........WWWWWWWWWWWWWWWWWWWWW.........", "**********..........**********.........."),
        (.idle, 0, "GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG", "*......................................."),
        (.connecting, 0, "BBB..BBB..BBB..BBB..BBB..BBB..BBB..BBB..", "***..***..***..***..***..***..***..***.."),
        (.inCall, 0, "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "****************************************"),
        (.inCallMuted, 0, "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR", "******************..******************.."),
        (.handRaised, 0, "YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY", "*..*..........*..*..........*..*........"),
        (.recorded, 0, "RRRRWWWWWWWWWWWWWWWWWWWWWWWWWWRRRRWWWWWW", "****************************************"),
        (.reconnecting, 0, "YYYYY.....YYYYY.....YYYYY.....YYYYY.....", "*****.....*****.....*****.....*****....."),
        (.noNetwork, 0, "Y..Y...............Y..Y...............Y.", "*..*....................*..*............"),
        (.fault, 1, "YYYY....................YYYY............", "****....................****............"),
        (.fault, 3, "YYYY....YYYY....YYYY....................", "****....****....****...................."),
        (.updating, 0, "..........VVVVVVVVVVVVVVVVVVVVV.........", "**.*.**.*...........**.*.**.*..........."),
    ]

    /// A lamp of three lines that are on or off. Orange has red and green, as yellow has.
    static func letter(_ light: LampLight) -> Character {
        guard light.isLit else { return "." }
        let (red, green, blue) = light.colour.switched
        if light.colour == .violet { return "V" }
        return switch (red, green, blue) {
        case (true, true, true): "W"
        case (true, false, false): "R"
        case (false, true, false): "G"
        case (false, false, true): "B"
        case (true, true, false): "Y"
        case (false, true, true): "C"
        default: "?"
        }
    }

    @Test(arguments: table)
    func theTableIsSeen(_ signal: LampSignal, _ number: Int, _ colour: String, _ blink: String) {
        var (seenColour, seenBlink) = ("", "")
        for step in 0..<40 {
            let elapsed = Duration.milliseconds(step * 100)
            seenColour.append(Self.letter(LampPattern.light(of: signal, number: number, after: elapsed)))
            seenBlink.append(LampPattern.blink(of: signal, number: number, after: elapsed).isLit ? "*" : ".")
        }
        #expect(seenColour == colour, "\(signal)")
        #expect(seenBlink == blink, "\(signal)")
    }

    @Test func faultsFlashTheirNumberAndNeverMoreThanNine() {
        for (number, flashes) in [(-5, 1), (0, 1), (1, 1), (5, 5), (9, 9), (10, 9), (Int.max, 9)] {
            var (count, wasLit) = (0, false)
            for step in 0..<(flashes * 8 + 16) {
                let isLit = LampPattern.blink(of: .fault, number: number, after: .milliseconds(step * 100)).isLit
                if isLit, !wasLit { count += 1 }
                wasLit = isLit
            }
            #expect(count == flashes, "\(number)")
        }
    }

    @Test func steadyRedMeansMutedAndNothingElse() {
        for signal in LampSignal.allCases {
            var alwaysRed = true
            for step in 0..<200 {
                let light = LampPattern.light(of: signal, number: 3, after: .milliseconds(step * 50))
                if Self.letter(light) != "R" { alwaysRed = false }
            }
            #expect(alwaysRed == (signal == .inCallMuted), "\(signal)")
        }
    }

    @Test func theResetFlashesFasterAndFaster() {
        var changes: [Duration] = []
        var elapsed = Duration.zero
        while elapsed < .seconds(10) {
            let light = LampPattern.light(of: .resetCountdown, number: 0, after: elapsed)
            #expect(light.colour == .red)
            guard let next = light.change else { break }
            changes.append(next - elapsed)
            elapsed = next
        }
        #expect(changes.first == .milliseconds(125))
        #expect(changes.last == .milliseconds(50))
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(changes.count > 60)
    }

    @Test(arguments: LampSignal.allCases)
    func nothingChangesBeforeTheChangeTold(_ signal: LampSignal) {
        for pattern in [LampPattern.light, LampPattern.blink] {
            var elapsed = Duration.zero
            var steps = 0
            while elapsed < .seconds(12), steps < 1_000 {
                let light = pattern(signal, 4, elapsed)
                guard let change = light.change else { break }
                #expect(change > elapsed)
                let before = pattern(signal, 4, change - .milliseconds(1))
                #expect(before.level == light.level && before.colour == light.colour && before.isLit == light.isLit)
                elapsed = change
                steps += 1
            }
            #expect(steps < 1_000)
        }
    }

    @Test func breathingIsSmooth() {
        var last = Int(LampPattern.light(of: .booting, number: 0, after: .zero).level)
        var (least, most) = (last, last)
        for step in 1..<80 {
            let level = Int(LampPattern.light(of: .booting, number: 0, after: .milliseconds(step * 100)).level)
            #expect(abs(level - last) <= 30)
            (least, most, last) = (min(least, level), max(most, level), level)
        }
        #expect(least < 8 && most == 255)
    }

    @Test func negativeTimeIsTheStart() {
        for signal in LampSignal.allCases {
            let early = LampPattern.light(of: signal, number: 1, after: .seconds(-5))
            #expect(early == LampPattern.light(of: signal, number: 1, after: .zero))
        }
    }

    @Test func dimmingScalesTheColour() {
        let light = LampPattern.light(of: .idle, number: 0, after: .zero)
        #expect(light.dimmed == LampColour(red: 0, green: 24, blue: 0))
        #expect(LampLight(steady: .orange, isLit: true).dimmed == .orange)
        #expect(LampLight(steady: .orange, isLit: false).dimmed == LampColour(red: 0, green: 0, blue: 0))
    }
}

@Suite struct RoomLampTests {
    static func instant(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }

    @Test(arguments: LampSignal.allCases)
    func mutedWinsOverEverySignal(_ signal: LampSignal) {
        var lamp = RoomLamp(at: .zero)
        lamp.show(signal, number: 2, at: .zero)
        lamp.setMuted(true, at: Self.instant(100))
        #expect(lamp.shown == .inCallMuted)
        for step in 0..<50 {
            let light = lamp.light(at: Self.instant(100 + step * 100))
            #expect(light.colour == .red && light.level == 255 && light.isLit && light.change == nil)
        }
        lamp.setMuted(false, at: Self.instant(9_000))
        #expect(lamp.shown == signal)
    }

    @Test func aRepeatedSignalKeepsItsRhythm() {
        var lamp = RoomLamp(at: .zero)
        lamp.show(.connecting, number: 0, at: Self.instant(1_000))
        #expect(lamp.light(at: Self.instant(1_100)).isLit)
        lamp.show(.connecting, number: 0, at: Self.instant(1_300))
        lamp.setMuted(false, at: Self.instant(1_310))
        #expect(!lamp.light(at: Self.instant(1_320)).isLit)
        #expect(lamp.instant(of: lamp.light(at: Self.instant(1_320)).change) == Self.instant(1_500))
        // Another number is another signal.
        lamp.show(.fault, number: 1, at: Self.instant(5_000))
        lamp.show(.fault, number: 2, at: Self.instant(5_500))
        #expect(lamp.blink(at: Self.instant(5_500)).isLit)
    }

    @Test func idleIsDarkWhereWished() {
        var lamp = RoomLamp(isDarkWhenIdle: true, at: .zero)
        #expect(lamp.shown == .booting)
        lamp.show(.idle, number: 0, at: .zero)
        #expect(lamp.light(at: .zero).level == 0 && !lamp.blink(at: .zero).isLit)
        lamp.show(.inCall, number: 0, at: .zero)
        #expect(lamp.light(at: .zero).level == 255)
    }
}
