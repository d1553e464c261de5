package import Basis

/// Follows the clock of one device with the resampler of the other, by how full the buffer between them is.
///
/// Two crystals differ by up to some hundred parts per million: ten samples a second, a block a minute. A
/// proportional-integral controller with a natural frequency of 0.05/s and a damping of 0.9 finds that difference within
/// about a minute; the buffer strays by at most 90 samples meanwhile for 200 ppm, and nobody hears so slow a change.
package struct DriftFollower: Equatable, Sendable {
    /// Parts per million for each sample of error: 2 · 0.9 · 0.05 / 0.048.
    private static let proportional = 1.875
    /// The same for each sample and second: 0.05² / 0.048.
    private static let integral = 0.052
    /// Crystals are better than this; a larger number is a misunderstanding.
    private static let limit = 500.0
    /// The share of a new fill in its average, each 10 ms: half a second, short against the controller's 20.
    private static let smoothing = 0.02

    /// Samples that the buffer should hold before a block is taken.
    package let target: Int
    private var average: Double?
    private var sum = 0.0
    private var last: MonotonicInstant?

    package init(target: Int) {
        self.target = target
    }

    /// How much faster the incoming clock is, in parts per million; to be given to the resampler.
    package private(set) var partsPerMillion = 0

    /// Takes note of the buffer's fill before a block is taken out.
    /// - Returns: the correction from now on.
    package mutating func follow(fill: Int, at now: MonotonicInstant) -> Int {
        let filtered = average.map { $0 + (Double(fill) - $0) * Self.smoothing } ?? Double(fill)
        average = filtered
        let error = filtered - Double(target)
        // A long pause tells nothing about the clocks.
        let seconds = min(max(0, last.map { (now - $0).inSeconds } ?? 0), 0.1)
        last = now
        sum = min(max(-Self.limit, sum + error * Self.integral * seconds), Self.limit)
        let correction = min(max(-Self.limit, sum + error * Self.proportional), Self.limit)
        partsPerMillion = Int(correction.rounded())
        return partsPerMillion
    }

    /// The buffer was emptied or filled by an accident: its fill tells nothing, but the clocks are the same as before.
    package mutating func resynchronise() {
        average = nil
        last = nil
        partsPerMillion = Int(sum.rounded())
    }
}
