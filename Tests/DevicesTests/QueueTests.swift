import Testing

@testable import Devices

@Suite struct QueueTests {
    /// The luma of the first pixel of what a slot or pool gives, or nil for nothing.
    private func shade(_ frame: consuming VideoFrame?) -> UInt8? {
        if let frame = frame.take() { frame.storage[0] } else { nil }
    }

    private func size(_ frame: consuming VideoFrame?) -> Int? {
        if let frame = frame.take() { frame.storage.count } else { nil }
    }

    @Test func aPoolNeverGrowsBeyondItsCapacity() {
        let pool = FramePool(capacity: 2)
        let small = PictureSize(width: 32, height: 32)
        let first = pool.frame(size: small)
        do {
            let second = pool.frame(size: small)
            let third = size(pool.frame(size: small))
            #expect(third == nil)
            _ = consume second
        }
        let again = size(pool.frame(size: PictureSize(width: 64, height: 64)))
        #expect(again == 64 * 64 * 3 / 2)
        _ = consume first
    }

    @Test func sizesByTurnsKeepTheirBuffers() {
        let pool = FramePool(capacity: 4)
        let sizes = [PictureSize(width: 32, height: 32), PictureSize(width: 64, height: 64)]
        for (index, size) in sizes.enumerated() {
            guard var frame = pool.frame(size: size) else {
                Issue.record("no buffer")
                return
            }
            frame.storage[0] = UInt8(7 + index)
        }
        for _ in 0..<5 {
            for (index, size) in sizes.enumerated() {
                // A buffer that was made anew would be black.
                let kept = shade(pool.frame(size: size))
                #expect(kept == UInt8(7 + index))
            }
        }
    }

    /// A pool that never keeps more than a few buffers of sizes that nobody wants any more.
    @Test func oldSizesGiveWay() {
        let pool = FramePool(capacity: 4)
        for width in 16..<40 {
            let found = size(pool.frame(size: PictureSize(width: 2 * width, height: 16)))
            #expect(found == 2 * width * 16 * 3 / 2)
        }
    }

    @Test func aPoolAtRestKeepsNoBufferAndCountsThoseThatComeBack() {
        let pool = FramePool(capacity: 1)
        let size = PictureSize(width: 16, height: 16)
        func use(marking: Bool = false, restingMeanwhile: Bool = false) -> UInt8? {
            guard var frame = pool.frame(size: size) else { return nil }
            let found = frame.storage[0]
            if marking { frame.storage[0] = 7 }
            if restingMeanwhile { pool.rest() }
            return found
        }
        _ = use(marking: true)
        #expect(use() == 7, "the same buffer")
        pool.rest()
        #expect(use(marking: true) == 0, "a new one")
        #expect(use(restingMeanwhile: true) == 7)
        #expect(use() == 0, "the one that was out was not kept, and another may be made")
    }

    @Test func theLatestPictureWins() {
        let slot = FrameSlot()
        for shade in [UInt8(1), 2, 3] {
            var frame = VideoFrame(size: PictureSize(width: 16, height: 16))
            frame.storage[0] = shade
            slot.put(frame)
        }
        let latest = shade(slot.take())
        let nothing = shade(slot.take())
        #expect(latest == 3)
        #expect(nothing == nil)
        #expect(slot.overwrittenCount == 2)
    }

    @Test func aRingKeepsOrderAllTheWayRound() {
        let ring = PacketRing<Int>(slots: 3, slotSize: 1)
        var (next, expected) = (0, 0)
        var buffer: [UInt8] = []
        for (pushes, pops) in [(2, 1), (2, 2), (1, 2), (3, 3), (1, 1), (3, 2), (2, 3)] {
            for _ in 0..<pushes {
                let bytes = [UInt8(next)]
                let isTaken = ring.push(bytes.span, range: 0..<1, header: next)
                #expect(isTaken)
                next += 1
            }
            for _ in 0..<pops {
                #expect(ring.pop(into: &buffer) == expected)
                #expect(buffer == [UInt8(expected)])
                expected += 1
            }
        }
        #expect(ring.pop(into: &buffer) == nil)
    }

    @Test func aRingKeepsOrderAndDropsTheNewestWhenFull() {
        let ring = PacketRing<Int>(slots: 2, slotSize: 4)
        let bytes: [UInt8] = [9, 1, 2, 3, 4, 5]
        let pushed = [
            ring.push(bytes.span, range: 1..<4, header: 1), ring.push(bytes.span, range: 0..<0, header: 2),
            ring.push(bytes.span, range: 0..<1, header: 3), ring.push(bytes.span, range: 0..<5, header: 4),
        ]
        #expect(pushed == [true, true, false, false])
        var buffer: [UInt8] = []
        #expect(ring.pop(into: &buffer) == 1)
        #expect(buffer == [1, 2, 3])
        #expect(ring.pop(into: &buffer) == 2)
        #expect(buffer.isEmpty)
        #expect(ring.pop(into: &buffer) == nil)
        #expect(ring.droppedCount == 1)
    }
}
