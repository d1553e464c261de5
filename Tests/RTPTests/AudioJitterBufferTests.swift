import Basis
import RTP
import Testing

@Suite struct AudioJitterBufferTests {
    /// A 20 ms SILK packet (configuration 1, one frame) whose second byte tells it from others.
    private static func packet(_ mark: UInt8) -> [UInt8] { [0x08, mark] }

    private struct World {
        var jitterBuffer = AudioJitterBuffer()
        var buffer: [UInt8] = []

        mutating func insert(_ number: Int, timestamp: Int? = nil, at milliseconds: Int) {
            jitterBuffer.insert(
                sequenceNumber: UInt16(truncatingIfNeeded: number),
                timestamp: UInt32(truncatingIfNeeded: timestamp ?? number * 960),
                payload: packet(UInt8(truncatingIfNeeded: number)).span, at: Self.instant(milliseconds))
        }

        mutating func next(at milliseconds: Int) -> AudioJitterBuffer.Playout {
            jitterBuffer.next(at: Self.instant(milliseconds), into: &buffer)
        }

        static func instant(_ milliseconds: Int) -> MonotonicInstant { .zero + .milliseconds(milliseconds) }
    }

    @Test func holdsTheFirstPacketForTheTargetDelay() {
        var world = World()
        world.insert(0, at: 0)
        #expect(world.next(at: 0) == .empty)
        #expect(world.next(at: 19) == .empty)
        #expect(world.next(at: 20) == .packet)
        #expect(world.buffer == Self.packet(0))
    }

    @Test func playsReorderedPacketsInOrder() {
        var world = World()
        for (number, time) in [(0, 0), (2, 21), (1, 22), (3, 60)] { world.insert(number, at: time) }
        var marks: [UInt8] = []
        for time in stride(from: 20, through: 80, by: 20) where world.next(at: time) == .packet {
            marks.append(world.buffer[1])
        }
        #expect(marks == [0, 1, 2, 3])
        #expect(world.jitterBuffer.statistics.lost == 0)
    }

    @Test func anEarlierPacketMayComeBeforeTheFirstIsPlayed() {
        var world = World()
        world.insert(65_536, at: 0)
        world.insert(65_535, at: 1)
        #expect(world.next(at: 40) == .packet)
        #expect(world.buffer == Self.packet(0xFF))
        #expect(world.next(at: 60) == .packet)
        #expect(world.buffer == Self.packet(0))
    }

    @Test func aGapOffersTheNextPacketForRedundancy() {
        var world = World()
        for number in [0, 1, 3, 4] { world.insert(number, at: number * 20) }
        #expect(world.next(at: 80) == .packet)
        #expect(world.next(at: 80) == .packet)
        #expect(world.next(at: 80) == .lost(nextHasFEC: true))
        #expect(world.buffer == Self.packet(3))
        #expect(world.next(at: 100) == .packet)
        #expect(world.buffer == Self.packet(3))
        #expect(world.jitterBuffer.statistics.lost == 1)
    }

    @Test func onlyTheLastOfALongGapIsRebuilt() {
        var world = World()
        world.insert(0, at: 0)
        world.insert(3, at: 60)
        #expect(world.next(at: 60) == .packet)
        #expect(world.next(at: 80) == .lost(nextHasFEC: false))
        #expect(world.next(at: 100) == .lost(nextHasFEC: true))
        #expect(world.next(at: 120) == .packet)
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
        for time in [40, 60, 80] { #expect(world.next(at: time) == .lost(nextHasFEC: false)) }
        #expect(world.next(at: 100) == .empty)
        world.insert(1, at: 105)
        #expect(world.next(at: 110) == .empty)
        #expect(world.next(at: 125) == .packet)
        #expect(world.buffer == Self.packet(1))
        #expect(world.jitterBuffer.statistics.lost == 0)
    }

    @Test func theDelayFollowsTheVariationOfArrival() {
        var steady = World()
        for number in 0..<200 { steady.insert(number, at: number * 20) }
        #expect(steady.jitterBuffer.targetDelay == .milliseconds(20))
        var random = RandomSource(seed: 7)
        var uneven = World()
        for number in 0..<200 { uneven.insert(number, at: number * 20 + Int.random(in: 0...80, using: &random)) }
        #expect(uneven.jitterBuffer.targetDelay >= .milliseconds(70))
        #expect(uneven.jitterBuffer.targetDelay <= .milliseconds(90))
        for number in 0..<200 { uneven.insert(200 + number, at: 4_000 + number * 20 + number % 2 * 900) }
        #expect(uneven.jitterBuffer.targetDelay == .milliseconds(200))
    }

    @Test func aStandingSurplusShrinksByOnePacketASecond() {
        var world = World()
        // Six packets at once, then regular ones: once the delay has come down, too many stand in the buffer. A packet is
        // left out each second, ten at most in twelve.
        for number in 0..<6 { world.insert(number, timestamp: number * 960, at: 0) }
        for number in 6..<606 {
            let time = (number - 5) * 20
            world.insert(number, at: time)
            _ = world.next(at: time)
        }
        #expect((3...10).contains(world.jitterBuffer.statistics.skipped))
        #expect(world.jitterBuffer.count <= 4)
        #expect(world.jitterBuffer.statistics.lost == 0)
    }

    @Test func neverHoldsMoreThanSixtyFour() {
        var world = World()
        for number in 0..<200 { world.insert(number, at: number) }
        #expect(world.jitterBuffer.count == 64)
        #expect(world.next(at: 400) == .packet)
        #expect((world.buffer.last ?? 0) >= 136)
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
        #expect(world.buffer == Self.packet(100))
    }

    @Test func countsDuplicatesOnce() {
        var world = World()
        world.insert(1, at: 0)
        world.insert(1, at: 1)
        #expect(world.jitterBuffer.count == 1)
        #expect(world.jitterBuffer.statistics.duplicates == 1)
    }

    @Test(arguments: [
        ([0x00], 480), ([0x08], 960), ([0x18], 2_880), ([0x60], 480), ([0x68], 960), ([0x80], 120), ([0x98], 960),
        ([0x99], 1_920), ([0x9B, 0x03], 2_880), ([0x9B, 0x3F], 5_760), ([0x9B, 0x00], 120), ([], 960),
    ])
    func readsThePacketsDuration(packet: [UInt8], samples: Int) {
        #expect(AudioJitterBuffer.duration(ofOpusPacket: packet.span) == samples)
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
                world.jitterBuffer.insert(
                    sequenceNumber: UInt16(truncatingIfNeeded: number),
                    timestamp: UInt32.random(in: 0...UInt32.max, using: &random),
                    payload: random.bytes(Int.random(in: 0...1_600, using: &random)).span,
                    at: World.instant(milliseconds))
                _ = world.next(at: milliseconds)
                #expect((0...64).contains(world.jitterBuffer.count))
            }
        }
    }
}
