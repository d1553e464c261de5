import Basis
import Testing

@testable import SimWorld

@Suite struct EventQueueTests {
    @Test func theEarliestComesFirstAndOfOneInstantWhatWasSentFirst() {
        var random = RandomSource(seed: 3)
        var queue = EventQueue<(instant: MonotonicInstant, number: Int)>()
        for number in 0..<2_000 {
            let instant = MonotonicInstant(nanoseconds: Int64.random(in: 0..<100, using: &random))
            queue.push((instant, number), at: instant)
        }
        var last: (instant: MonotonicInstant, number: Int) = (.zero, -1)
        var count = 0
        while let event = queue.pop() {
            #expect((last.instant, last.number) < (event.instant, event.number))
            last = event
            count += 1
        }
        #expect(count == 2_000)
        #expect(queue.first == nil)
    }
}
