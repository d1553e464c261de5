/// How long to wait between attempts that fail: an initial pause, doubled with each failure in a row up to a maximum, and lengthened
/// by chance so that many who fail together do not come back together.
package struct Backoff: Equatable, Sendable {
    private let initial: Duration
    private let maximum: Duration
    private let jitter: Double
    /// Failures in a row since the last `reset`, at most 63.
    package private(set) var failures = 0

    /// - Parameters:
    ///   - initial: the pause after the first failure.
    ///   - maximum: the longest pause, without what chance adds.
    ///   - jitter: the largest part of a pause that is added to it by chance: 0.25 for up to a quarter.
    package init(initial: Duration, maximum: Duration, jitter: Double = 0) {
        precondition(initial > .zero && maximum >= initial && (0...10).contains(jitter), "no sensible back-off")
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
    }

    /// How long the next pause is, without what chance adds.
    package var pause: Duration {
        var pause = initial
        for _ in 0..<failures where pause < maximum { pause += pause }
        return min(pause, maximum)
    }

    /// An attempt failed: how long to wait before the next.
    package mutating func next() -> Duration {
        defer { failures = min(failures + 1, 63) }
        return pause
    }

    /// The same, with what chance adds.
    package mutating func next(using random: inout RandomSource) -> Duration {
        let pause = next()
        let maximumAddition = max(0, (pause * jitter).wholeMilliseconds)
        return pause + .milliseconds(Int64.random(in: 0...maximumAddition, using: &random))
    }

    /// An attempt succeeded, or something changed that makes one worth while.
    package mutating func reset() {
        failures = 0
    }
}
