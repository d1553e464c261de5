/// The speaker's loudness as people set it: 0 to 100 in steps of 5, between a floor and a ceiling.
///
/// A value: whoever holds it writes `percent` down and gives it back at the next start.
package struct SpeakerVolume: Equatable, Sendable {
    /// The percent by which one press of a key changes it.
    package static let step = 5

    /// The lowest percent that keys reach.
    package let floor: Int
    /// The highest percent that keys reach.
    package let ceiling: Int
    /// From `floor` to `ceiling`, a multiple of `step` unless one of those two is none.
    package private(set) var percent: Int

    /// - Parameters:
    ///   - percent: moved to the nearest step between floor and ceiling.
    ///   - floor: the least that keys reach, so that nobody sits in front of a silent box by accident.
    ///   - ceiling: the most; at least the floor.
    package init(percent: Int = 70, floor: Int = 10, ceiling: Int = 100) {
        self.floor = Self.rounded(floor)
        self.ceiling = max(self.floor, Self.rounded(ceiling))
        self.percent = 0
        set(percent)
    }

    /// Goes to the step nearest to `percent`, within the range.
    package mutating func set(_ percent: Int) {
        self.percent = min(max(floor, Self.rounded(percent)), ceiling)
    }

    /// Goes up (+1) or down (−1) by steps; false at the end of the range.
    @discardableResult
    package mutating func move(steps: Int) -> Bool {
        let before = percent
        set(percent + min(max(-20, steps), 20) * Self.step)
        return percent != before
    }

    /// Hundredths of a decibel below full loudness: 0 for 100, a decibel for 2.5 percent; what 0 means is silence.
    package static func attenuation(of percent: Int) -> Int {
        (100 - min(max(0, percent), 100)) * 40
    }

    /// The factor for samples.
    package static func gain(of percent: Int) -> Float {
        guard percent > 0 else { return 0 }
        // A percent is 0.4 dB: 10^(−0.4/20).
        var gain: Float = 1
        for _ in min(percent, 100)..<100 { gain *= 0.954_992_6 }
        return gain
    }

    private static func rounded(_ percent: Int) -> Int {
        (min(max(0, percent), 100) + step / 2) / step * step
    }
}
