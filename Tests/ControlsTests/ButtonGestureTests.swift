import Basis
import Controls
import Devices
import Testing

/// A button in virtual time; what it told is kept with the time of telling.
struct ButtonBench {
    var gesture: ButtonGesture
    var told: [String] = []

    init(debounce: Duration = ButtonGesture.contactDebounce, mayReset: Bool = true, isPressed: Bool = false) {
        gesture = ButtonGesture(debounce: debounce, mayReset: mayReset, isPressed: isPressed, at: .zero)
    }

    static func instant(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }

    /// Lets time pass as a thread does that sleeps until each deadline.
    mutating func wait(until milliseconds: Int) {
        while let due = gesture.deadline, due <= Self.instant(milliseconds) {
            gesture.advance(to: due)
            collect(at: Int((due - .zero).wholeMilliseconds))
        }
        gesture.advance(to: Self.instant(milliseconds))
        collect(at: milliseconds)
    }

    mutating func press(at milliseconds: Int) { edge(true, at: milliseconds) }
    mutating func release(at milliseconds: Int) { edge(false, at: milliseconds) }

    mutating func edge(_ isPressed: Bool, at milliseconds: Int) {
        wait(until: milliseconds)
        gesture.edge(isPressed: isPressed, at: Self.instant(milliseconds))
        collect(at: milliseconds)
    }

    mutating func collect(at milliseconds: Int) {
        while let event = gesture.poll() {
            let text =
                switch event {
                case .press(let press): press.rawValue
                case .resetCountdown(let left): left.map { "countdown \($0.components.seconds)" } ?? "countdown off"
                case .stuck(let isStuck): isStuck ? "stuck" : "free"
                }
            told.append("\(milliseconds) \(text)")
        }
    }
}

@Suite struct ButtonGestureTests {
    @Test(arguments: [(50, 80), (300, 330), (600, 630), (900, 930), (1_190, 1_220)])
    func aPressUnderTheLongOneIsShortAndToldAtTheRelease(_ length: Int, _ told: Int) {
        var bench = ButtonBench()
        bench.press(at: 0)
        bench.release(at: length)
        bench.wait(until: 20_000)
        // Below 1.2 s by the edges, though the debounce ends after it.
        if length < 1_180 {
            #expect(bench.told == ["\(told) short"])
        } else {
            #expect(bench.told == ["1200 long"])
        }
        #expect(bench.gesture.deadline == nil)
    }

    @Test func aLongPressIsToldWhileHeldAndTheReleaseSaysNothing() {
        var bench = ButtonBench()
        bench.press(at: 100)
        bench.wait(until: 1_299)
        #expect(bench.told.isEmpty && bench.gesture.isPressed)
        bench.wait(until: 1_300)
        #expect(bench.told == ["1300 long"])
        bench.release(at: 2_500)
        bench.wait(until: 9_000)
        #expect(bench.told == ["1300 long"])
    }

    @Test func theResetIsCountedDownAndToldAtTenSeconds() {
        var bench = ButtonBench()
        bench.press(at: 0)
        bench.release(at: 11_000)
        bench.wait(until: 12_000)
        #expect(
            bench.told == [
                "1200 long", "3000 countdown 7", "4000 countdown 6", "5000 countdown 5", "6000 countdown 4",
                "7000 countdown 3", "8000 countdown 2", "9000 countdown 1", "10000 veryLong",
            ])
    }

    @Test func lettingGoInTheCountdownEndsIt() {
        var bench = ButtonBench()
        bench.press(at: 0)
        bench.release(at: 4_500)
        bench.wait(until: 30_000)
        #expect(bench.told == ["1200 long", "3000 countdown 7", "4000 countdown 6", "4530 countdown off"])
    }

    @Test func inACallThereIsNoReset() {
        var bench = ButtonBench()
        bench.gesture.setInCall(true, at: .zero)
        bench.press(at: 0)
        bench.release(at: 12_000)
        bench.gesture.setInCall(false, at: ButtonBench.instant(13_000))
        bench.wait(until: 13_000)
        #expect(bench.told == ["1200 long"])
        bench.press(at: 14_000)
        bench.wait(until: 24_000)
        #expect(bench.told.last == "24000 veryLong")
    }

    @Test func aCallThatBeginsEndsTheCountdownForThisPress() {
        var bench = ButtonBench()
        bench.press(at: 0)
        bench.wait(until: 5_500)
        bench.gesture.setInCall(true, at: ButtonBench.instant(5_500))
        bench.collect(at: 5_500)
        #expect(bench.told.last == "5500 countdown off")
        bench.gesture.setInCall(false, at: ButtonBench.instant(6_000))
        bench.release(at: 20_000)
        bench.wait(until: 30_000)
        #expect(bench.told.last == "5500 countdown off")
    }

    @Test func someButtonsNeverReset() {
        var bench = ButtonBench(mayReset: false)
        bench.press(at: 0)
        bench.release(at: 15_000)
        bench.wait(until: 30_000)
        #expect(bench.told == ["1200 long"])
    }

    @Test func bouncesAreOnePress() {
        var bench = ButtonBench()
        for time in stride(from: 0, to: 20, by: 2) { bench.edge(time % 4 == 0, at: time) }
        bench.press(at: 20)
        for time in stride(from: 300, to: 320, by: 2) { bench.edge(time % 4 != 0, at: time) }
        bench.release(at: 321)
        bench.wait(until: 5_000)
        #expect(bench.told == ["351 short"])
    }

    @Test func aGlitchShorterThanTheDebounceIsNothing() {
        var bench = ButtonBench()
        bench.press(at: 0)
        bench.release(at: 29)
        bench.wait(until: 5_000)
        #expect(bench.told.isEmpty)
        // Nor does one interrupt a long press.
        bench.press(at: 6_000)
        bench.release(at: 6_500)
        bench.press(at: 6_510)
        bench.wait(until: 7_200)
        #expect(bench.told == ["7200 long"])
    }

    @Test func withoutDebounceEdgesCountAtOnce() {
        var bench = ButtonBench(debounce: .zero)
        bench.press(at: 0)
        bench.release(at: 5)
        #expect(bench.told == ["5 short"])
    }

    @Test func edgesSeenLateAreJudgedByTheirOwnTime() {
        // The thread slept for 5 s; the kernel had stamped both edges.
        var gesture = ButtonGesture(debounce: .zero, at: .zero)
        gesture.edge(isPressed: true, at: ButtonBench.instant(1_000))
        gesture.edge(isPressed: false, at: ButtonBench.instant(1_400))
        gesture.advance(to: ButtonBench.instant(5_000))
        #expect(gesture.poll() == .press(.short))
        #expect(gesture.poll() == nil)
        // Stamps that go backwards do no harm.
        gesture.edge(isPressed: true, at: ButtonBench.instant(10))
        gesture.edge(isPressed: false, at: ButtonBench.instant(20))
        #expect(gesture.poll() == .press(.short))
    }

    @Test func twentyPressesInTenSecondsAreAllowedAndTheNextIsStuck() {
        var bench = ButtonBench()
        for number in 0..<20 {
            bench.press(at: number * 450)
            bench.release(at: number * 450 + 100)
        }
        bench.wait(until: 8_800)
        #expect(bench.told.count == 20 && bench.told.allSatisfy { $0.hasSuffix("short") })
        bench.press(at: 9_000)
        bench.wait(until: 9_030)
        #expect(bench.told.last == "9030 stuck")
        bench.release(at: 9_200)
        // Five quiet seconds from the last edge; a further press starts them anew.
        bench.press(at: 12_000)
        bench.release(at: 12_100)
        bench.wait(until: 17_099)
        #expect(bench.told.last == "9030 stuck")
        bench.wait(until: 17_100)
        #expect(bench.told.last == "17100 free")
        bench.press(at: 18_000)
        bench.release(at: 18_200)
        bench.wait(until: 19_000)
        #expect(bench.told.last == "18230 short")
    }

    @Test func slowPressesAreNeverStuck() {
        var bench = ButtonBench()
        for number in 0..<100 {
            bench.press(at: number * 510)
            bench.release(at: number * 510 + 100)
        }
        bench.wait(until: 60_000)
        #expect(bench.told.count == 100)
    }

    @Test func heldForAMinuteIsStuckUntilLetGo() {
        var bench = ButtonBench(mayReset: false)
        bench.press(at: 0)
        bench.wait(until: 200_000)
        #expect(bench.told == ["1200 long", "60000 stuck"])
        #expect(bench.gesture.deadline == nil)
        bench.release(at: 200_000)
        bench.wait(until: 204_999)
        #expect(bench.told.count == 2)
        bench.wait(until: 205_000)
        #expect(bench.told.last == "205000 free")
    }

    @Test func heldSinceBeforeTheStartIsNoPress() {
        var bench = ButtonBench(isPressed: true)
        bench.wait(until: 59_999)
        #expect(bench.told.isEmpty)
        bench.wait(until: 60_000)
        #expect(bench.told == ["60000 stuck"])
        var other = ButtonBench(isPressed: true)
        other.release(at: 4_000)
        other.press(at: 5_000)
        other.release(at: 5_200)
        other.wait(until: 6_000)
        #expect(other.told == ["5230 short"])
    }

    @Test func aDeviceThatVanishesLeavesNothingHeld() {
        var bench = ButtonBench()
        bench.press(at: 0)
        bench.wait(until: 3_500)
        bench.gesture.cancel(at: ButtonBench.instant(3_500))
        bench.collect(at: 3_500)
        #expect(bench.told == ["1200 long", "3000 countdown 7", "3500 countdown off"])
        #expect(bench.gesture.deadline == nil && !bench.gesture.isPressed)
        bench.wait(until: 100_000)
        #expect(bench.told.count == 3)
        var stuck = ButtonBench(mayReset: false)
        stuck.press(at: 0)
        stuck.wait(until: 60_000)
        stuck.gesture.cancel(at: ButtonBench.instant(61_000))
        stuck.collect(at: 61_000)
        #expect(stuck.told.last == "61000 free")
    }

    @Test func randomEdgesNeverLeaveItHangingOrLoud() {
        var random = RandomSource(seed: 6)
        for _ in 0..<300 {
            var bench = ButtonBench(debounce: Bool.random(using: &random) ? .zero : .milliseconds(30))
            var time = 0
            for _ in 0..<200 {
                time += Int.random(in: 0...Int.random(in: 1...4_000, using: &random), using: &random)
                bench.edge(Bool.random(using: &random), at: time)
                if Int.random(in: 0..<20, using: &random) == 0 {
                    bench.gesture.setInCall(Bool.random(using: &random), at: ButtonBench.instant(time))
                }
            }
            bench.release(at: time + 1)
            bench.wait(until: time + 6_000)
            #expect(bench.gesture.deadline == nil)
            let stuck = bench.told.count { $0.hasSuffix("stuck") }
            #expect(bench.told.count { $0.hasSuffix("free") } == stuck)
            let presses = bench.told.count { $0.hasSuffix("short") || $0.hasSuffix("long") }
            #expect(presses <= 100)
        }
    }

    @Test func eventsCarryTheRole() {
        #expect(ControlEvent(.press(.long), of: .mute) == .press(button: .mute, .long))
        #expect(ControlEvent(.stuck(true), of: .mute) == .stuck(button: .mute, isStuck: true))
        #expect(ControlEvent(.resetCountdown(nil), of: .mute) == .resetCountdown(nil))
    }
}
