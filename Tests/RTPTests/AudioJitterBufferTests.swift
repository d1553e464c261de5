import Basis
import RTP
import Testing

@Suite struct AudioJitterBufferTests {
    /// A 20 ms SILK packet (configuration 1, one frame) whose second byte tells it from others.
    /// - Parameter isRedundant: whether it says that it repeats the one before it.
    private static func packet(_ mark: UInt8, isRedundant: Bool = false) -> [UInt8] {
        [0x08, isRedundant ? 0x40 : 0, mark]
    }

    private struct World {
        var jitterBuffer = AudioJitterBuffer()
        var buffer: [UInt8] = []

        mutating func insert(_ number: Int, timestamp: Int? = nil, isRedundant: Bool = false, at milliseconds: Int) {
            jitterBuffer.insert(
                sequenceNumber: UInt16(truncatingIfNeeded: number),
                timestamp: UInt32(truncatingIfNeeded: timestamp ?? number * 960),
                payload: packet(UInt8(truncatingIfNeeded: number), isRedundant: isRedundant).span,
                at: Self.instant(milliseconds))
        }

        /// A copy of packet `number - distance` in packet `number`.
        mutating func insertCopy(in number: Int, distance: Int, at milliseconds: Int) {
            jitterBuffer.insertCopy(
                sequenceNumber: UInt16(truncatingIfNeeded: number), distance: UInt16(distance),
                timestamp: UInt32(truncatingIfNeeded: (number - distance) * 960),
                payload: packet(UInt8(truncatingIfNeeded: number - distance)).span, at: Self.instant(milliseconds))
        }

        mutating func next(at milliseconds: Int, pending: Int = 0) -> AudioJitterBuffer.Playout {
            jitterBuffer.next(at: Self.instant(milliseconds), pending: pending, into: &buffer)
        }

        /// The mark of the packet in `buffer`.
        var mark: UInt8? { buffer.last }

        static func instant(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }
    }

    @Test func holdsTheFirstPacketForTheTargetDelay() {
        var world = World()
        world.insert(0, at: 0)
        #expect(world.next(at: 0) == .empty)
        #expect(world.next(at: 19) == .empty)
        #expect(world.next(at: 20) == .packet)
        #expect(world.mark == 0)
        #expect(world.jitterBuffer.surplus(at: World.instant(20), pending: 960) == 0)
        #expect(world.jitterBuffer.surplus(at: World.instant(30), pending: 960) == 480)
    }

    @Test func playsReorderedPacketsInOrder() {
        var world = World()
        for (number, time) in [(0, 0), (2, 21), (1, 22), (3, 60)] { world.insert(number, at: time) }
        var marks: [UInt8?] = []
        for time in stride(from: 20, through: 80, by: 20) where world.next(at: time) == .packet {
            marks.append(world.mark)
        }
        #expect(marks == [0, 1, 2, 3])
        #expect(world.jitterBuffer.statistics.lost == 0)
    }

    @Test func anEarlierPacketMayComeBeforeTheFirstIsPlayed() {
        var world = World()
        world.insert(65_536, at: 0)
        world.insert(65_535, at: 1)
        #expect(world.next(at: 60) == .packet)
        #expect(world.mark == 0xFF)
        #expect(world.next(at: 80) == .packet)
        #expect(world.mark == 0)
    }

    @Test func aLostPacketIsRestoredByTheNextIfThatOneCan() {
        var world = World()
        for number in [0, 1, 3, 4] { world.insert(number, isRedundant: true, at: number * 20) }
        #expect(world.next(at: 80) == .packet)
        #expect(world.next(at: 80) == .packet)
        #expect(world.next(at: 80) == .restored(samples: 960, skipping: 0))
        #expect(world.mark == 3)
        #expect(world.next(at: 100) == .packet)
        #expect(world.mark == 3)
        #expect(world.jitterBuffer.statistics.lost == 1)
        #expect(world.jitterBuffer.statistics.restored == 1)

        var poor = World()
        for number in [0, 2] { poor.insert(number, at: number * 20) }
        #expect(poor.next(at: 40) == .packet)
        #expect(poor.next(at: 60) == .lost(samples: 960))
        #expect(poor.next(at: 80) == .packet)
        #expect(poor.mark == 2)
        #expect(poor.jitterBuffer.statistics.lost == 1)
        #expect(poor.jitterBuffer.statistics.restored == 0)
    }

    @Test func onlyTheLastOfALongGapIsRestored() {
        var world = World()
        world.insert(0, at: 0)
        world.insert(3, isRedundant: true, at: 60)
        #expect(world.next(at: 60) == .packet)
        #expect(world.next(at: 80) == .lost(samples: 960))
        #expect(world.next(at: 100) == .restored(samples: 960, skipping: 0))
        #expect(world.next(at: 120) == .packet)
        #expect(world.jitterBuffer.statistics.lost == 2)
    }

    @Test func copiesFillGapsAndNothingElse() {
        var world = World()
        world.insert(0, at: 0)
        world.insert(3, at: 60)
        world.insertCopy(in: 3, distance: 2, at: 60)
        world.insertCopy(in: 3, distance: 1, at: 60)
        world.insertCopy(in: 3, distance: 3, at: 60)
        #expect(world.jitterBuffer.count == 4)
        var marks: [UInt8?] = []
        for time in [60, 80, 100, 120] where world.next(at: time) == .packet { marks.append(world.mark) }
        #expect(marks == [0, 1, 2, 3])
        #expect(world.jitterBuffer.statistics.copied == 2)
        #expect(world.jitterBuffer.statistics.lost == 0)
        // What has been played does not come again.
        world.insert(5, at: 130)
        world.insertCopy(in: 5, distance: 2, at: 130)
        #expect(world.jitterBuffer.count == 1)
    }

    @Test func whatWasMadeUpWhileWaitingStandsForWhatNeverCame() {
        var world = World()
        world.insert(0, at: 0)
        #expect(world.next(at: 20) == .packet)
        #expect(world.next(at: 40) == .lost(samples: 480))
        world.insert(2, isRedundant: true, at: 45)
        // Half of the missing frame has been made up: the other half is restored.
        #expect(world.next(at: 50) == .restored(samples: 960, skipping: 480))
        #expect(world.next(at: 60) == .packet)
        #expect(world.mark == 2)

        var late = World()
        late.insert(0, at: 0)
        #expect(late.next(at: 20) == .packet)
        for time in [40, 50] { #expect(late.next(at: time) == .lost(samples: 480)) }
        late.insert(2, isRedundant: true, at: 55)
        #expect(late.next(at: 60) == .packet)
        #expect(late.mark == 2)
    }

    @Test func aPacketThatIsOnlyLateIsPlayedLate() {
        var world = World()
        for number in 0..<2 { world.insert(number, at: number * 20) }
        for time in [20, 40] { #expect(world.next(at: time) == .packet) }
        for time in [60, 70, 80] { #expect(world.next(at: time) == .lost(samples: 480)) }
        world.insert(2, at: 85)
        #expect(world.next(at: 90) == .packet)
        #expect(world.mark == 2)
        #expect(world.jitterBuffer.statistics.lost == 0)
        #expect(world.jitterBuffer.statistics.waited == 3)
    }

    @Test func aTimestampJumpWithoutGapIsSilence() {
        var world = World()
        world.insert(0, timestamp: 0, at: 0)
        #expect(world.next(at: 20) == .packet)
        // 400 ms of nothing in between: the bridge left packets out and closed the numbering.
        world.insert(1, timestamp: 20 * 960, at: 400)
        #expect(world.next(at: 400) == .empty)
        #expect(world.next(at: 420) == .packet)
        #expect(world.jitterBuffer.statistics.lost == 0)
        #expect(world.jitterBuffer.statistics.late == 0)
    }

    @Test func aPauseThatIsToldIsFilledWithComfortNoise() {
        var world = World()
        world.insert(0, at: 0)
        world.jitterBuffer.insert(
            sequenceNumber: 1, timestamp: 960, payload: [0x08].span, at: World.instant(20))
        for time in [20, 40] { #expect(world.next(at: time) == .packet) }
        for time in stride(from: 60, to: 400, by: 10) { #expect(world.next(at: time) == .comfort) }
        world.insert(2, timestamp: 21 * 960, at: 420)
        #expect(world.next(at: 430) == .comfort)
        #expect(world.jitterBuffer.surplus(at: World.instant(430), pending: 0) == nil)
        #expect(world.next(at: 440) == .packet)
        #expect(world.jitterBuffer.statistics.waited == 0)
        #expect(world.jitterBuffer.statistics.lost == 0)
    }

    @Test func comfortEndsWhenNobodyIsThereAnyMore() {
        var world = World()
        world.jitterBuffer.insert(sequenceNumber: 1, timestamp: 960, payload: [0x08].span, at: .zero)
        #expect(world.next(at: 20) == .packet)
        var comforted = 0
        for time in stride(from: 40, to: 4_000, by: 10) where world.next(at: time) == .comfort { comforted += 1 }
        #expect(comforted == 120)
    }

    @Test func aPacketAfterItsMomentIsDropped() {
        var world = World()
        for number in [0, 2, 3] { world.insert(number, at: number * 20) }
        for time in [60, 60, 60] { _ = world.next(at: time) }
        world.insert(1, at: 61)
        #expect(world.jitterBuffer.statistics.late == 1)
        #expect(world.jitterBuffer.count == 1)
    }

    @Test func aShortUnderrunIsConcealedAndALongOneIsSilent() {
        var world = World()
        world.insert(0, at: 0)
        #expect(world.next(at: 20) == .packet)
        for time in stride(from: 40, to: 160, by: 10) { #expect(world.next(at: time) == .lost(samples: 480)) }
        #expect(world.next(at: 160) == .empty)
        world.insert(1, timestamp: 8 * 960, at: 165)
        #expect(world.next(at: 170) == .empty)
        #expect(world.next(at: 185) == .packet)
        #expect(world.mark == 1)
        #expect(world.jitterBuffer.statistics.lost == 0)
    }

    @Test func aLongLossIsSilentUntilItsEndIsDue() {
        var world = World()
        world.insert(0, at: 0)
        #expect(world.next(at: 20) == .packet)
        world.insert(30, at: 600)
        var concealed = 0
        var time = 40
        while time < 620 {
            if case .lost(let samples) = world.next(at: time) { concealed += samples } else { break }
            time += 20
        }
        #expect(concealed == AudioJitterBuffer.longestConcealment)
        #expect(world.next(at: 610) == .empty)
        #expect(world.next(at: 620) == .packet)
        #expect(world.mark == 30)
    }

    @Test func theDelayFollowsTheVariationOfArrival() {
        var steady = World()
        for number in 0..<200 { steady.insert(number, at: number * 20) }
        #expect(steady.jitterBuffer.targetDelay == .milliseconds(20))
        var random = RandomSource(seed: 7)
        var uneven = World()
        for number in 0..<200 { uneven.insert(number, at: number * 20 + Int.random(in: 0...80, using: &random)) }
        #expect(uneven.jitterBuffer.targetDelay >= .milliseconds(80))
        #expect(uneven.jitterBuffer.targetDelay <= .milliseconds(100))
        for number in 0..<200 { uneven.insert(200 + number, at: 4_000 + number * 20 + number % 2 * 900) }
        #expect(uneven.jitterBuffer.targetDelay == .milliseconds(500))
    }

    @Test func theDelayGoesUpAtOnceAndDownAfterSomeSeconds() {
        var world = World()
        for number in 0..<500 { world.insert(number, at: number * 20) }
        // Ten packets come together, 200 ms late the first.
        for number in 500..<510 { world.insert(number, at: 10_200) }
        #expect(world.jitterBuffer.targetDelay >= .milliseconds(180))
        var recovered: Int?
        for number in 510..<1_500 {
            world.insert(number, at: number * 20)
            if recovered == nil, world.jitterBuffer.targetDelay <= .milliseconds(40) { recovered = number - 510 }
        }
        // Between two and eight seconds.
        #expect((100...400).contains(recovered ?? 0))
        // One late packet in five seconds is not worth the wait.
        for number in 1_500..<1_900 {
            world.insert(number, at: number * 20 + (number % 250 == 0 ? 100 : 0))
        }
        #expect(world.jitterBuffer.targetDelay <= .milliseconds(40))
    }

    @Test func lossesThatCanBeRestoredAreWorthAFrameOfDelay() {
        func target(isRedundant: Bool) -> Duration {
            var world = World()
            for number in 0..<500 where number % 10 != 3 {
                world.insert(number, isRedundant: isRedundant, at: number * 20)
            }
            return world.jitterBuffer.targetDelay
        }
        #expect(target(isRedundant: false) == .milliseconds(20))
        #expect((Duration.milliseconds(30)...(.milliseconds(40))).contains(target(isRedundant: true)))
    }

    @Test func farTooMuchIsLeftOut() {
        var world = World()
        world.insert(0, at: 0)
        #expect(world.next(at: 20) == .packet)
        for number in 1..<50 { world.insert(number, at: number * 20) }
        // Nobody asked for a second.
        #expect(world.next(at: 1_000) == .packet)
        #expect(world.jitterBuffer.statistics.skipped > 30)
        #expect((1...12).contains(world.jitterBuffer.count))
        #expect(world.jitterBuffer.statistics.lost == 0)
    }

    @Test func neverHoldsMoreThanSixtyFour() {
        var world = World()
        for number in 0..<200 { world.insert(number, at: number * 20) }
        #expect(world.jitterBuffer.count == 64)
        #expect(world.next(at: 4_000) == .packet)
        #expect((world.mark ?? 0) >= 136)
    }

    @Test func startsOverAfterALongPauseAndOnNewNumbering() {
        var world = World()
        world.insert(5_000, at: 0)
        #expect(world.next(at: 20) == .packet)
        world.insert(5_001, timestamp: 5, at: 3_000)
        #expect(world.jitterBuffer.statistics.resynchronised == 1)
        #expect(world.next(at: 3_020) == .packet)
        world.insert(100, timestamp: 9_999_999, at: 3_040)
        #expect(world.jitterBuffer.statistics.resynchronised == 2)
        #expect(world.next(at: 3_060) == .packet)
        #expect(world.mark == 100)
    }

    @Test func countsDuplicatesOnce() {
        var world = World()
        world.insert(1, at: 0)
        world.insert(1, at: 1)
        #expect(world.jitterBuffer.count == 1)
        #expect(world.jitterBuffer.statistics.duplicates == 1)
    }

    @Test func survivesAnyInput() {
        var random = RandomSource(seed: 11)
        for _ in 0..<20 {
            var world = World()
            var milliseconds = 0
            for _ in 0..<500 {
                milliseconds += Int.random(in: 0...40, using: &random)
                let number =
                    Bool.random(using: &random) ? Int.random(in: 0...65_535, using: &random) : milliseconds / 20
                let timestamp = UInt32.random(in: 0...UInt32.max, using: &random)
                let payload = random.bytes(Int.random(in: 0...1_600, using: &random))
                world.jitterBuffer.insert(
                    sequenceNumber: UInt16(truncatingIfNeeded: number), timestamp: timestamp, payload: payload.span,
                    at: World.instant(milliseconds))
                world.jitterBuffer.insertCopy(
                    sequenceNumber: UInt16(truncatingIfNeeded: number),
                    distance: UInt16.random(in: 0...3, using: &random), timestamp: timestamp &- 960,
                    payload: payload.span, at: World.instant(milliseconds))
                _ = world.next(at: milliseconds, pending: Int.random(in: 0...960, using: &random))
                _ = world.jitterBuffer.surplus(at: World.instant(milliseconds), pending: 0)
                #expect((0...64).contains(world.jitterBuffer.count))
            }
        }
    }
}
