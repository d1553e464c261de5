import Basis
import Testing

@Suite struct BackoffTests {
    @Test func pausesDoubleUpToTheMaximum() {
        var backoff = Backoff(initial: .seconds(1), maximum: .seconds(30))
        let pauses = (0..<8).map { _ in backoff.next() }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.pause == .seconds(1) && backoff.next() == .seconds(1) && backoff.next() == .seconds(2))
    }

    /// However often it fails.
    @Test func theCountDoesNotGrowWithoutEnd() {
        var backoff = Backoff(initial: .milliseconds(1), maximum: .seconds(3_600))
        for _ in 0..<100_000 { _ = backoff.next() }
        #expect(backoff.failures == 63 && backoff.next() == .seconds(3_600))
    }

    @Test func chanceAddsAtMostThePartThatItMay() {
        var random = RandomSource(seed: 1)
        var pauses: Set<Duration> = []
        for _ in 0..<100 {
            var backoff = Backoff(initial: .seconds(4), maximum: .seconds(60), jitter: 0.25)
            let pause = backoff.next(using: &random)
            #expect((.seconds(4)...(.seconds(5))).contains(pause))
            pauses.insert(pause)
        }
        #expect(pauses.count > 50)
        var steady = Backoff(initial: .seconds(4), maximum: .seconds(60))
        #expect(steady.next(using: &random) == .seconds(4))
    }
}
