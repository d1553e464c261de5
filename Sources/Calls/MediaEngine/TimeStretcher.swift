/// Makes sound shorter or longer by one period of its pitch, without a click and without changing the pitch: waveform
/// similarity overlap-add, as in the WSOLA of Verhelst and Roelands (1993).
///
/// The period is the lag at which the waveform is most like itself; there one period is faded into the next. Where nothing
/// is alike, nothing is done, unless it is too quiet for anybody to notice.
struct TimeStretcher {
    /// 2.5 ms and 15 ms: pitches from 400 to 67 Hz.
    private static let shortest = 120
    private static let longest = 720
    /// What is compared: 10 ms.
    private static let window = 480
    /// The rough search is made at 6 kHz.
    private static let decimation = 8
    /// Mean energy of a sample below which anything may be cut: −60 dBov.
    private static let quiet: Float = 1_000

    private var shape = [Float](repeating: 0, count: (longest + longest + window) / decimation + 1)

    /// Takes a period out of what waits; its length, 0 when nothing suitable was found.
    /// - Parameter likeness: −1…1, how alike both sides must be.
    mutating func shorten(_ queue: inout SampleQueue, likeness: Float) -> Int {
        let longest = min(Self.longest, queue.count / 2, queue.count - Self.window)
        let lag = period(in: queue, from: queue.start, direction: 1, longest: longest, likeness: likeness)
        guard lag > 0 else { return 0 }
        let start = queue.start
        for index in 0..<lag {
            let weight = Float(index) / Float(lag)
            let (leaving, coming) = (Float(queue.samples[start + index]), Float(queue.samples[start + lag + index]))
            queue.samples[start + lag + index] = Int16(leaving + (coming - leaving) * weight)
        }
        queue.drop(lag)
        return lag
    }

    /// Plays a period twice; its length, 0 when nothing suitable was found.
    mutating func lengthen(_ queue: inout SampleQueue, likeness: Float) -> Int {
        guard queue.count >= Self.window, queue.start >= SampleQueue.history else { return 0 }
        let longest = min(Self.longest, queue.count)
        let lag = period(in: queue, from: queue.start, direction: -1, longest: longest, likeness: likeness)
        guard lag > 0 else { return 0 }
        let start = queue.start
        for index in 0..<lag {
            let weight = Float(index) / Float(lag)
            let (leaving, coming) = (Float(queue.samples[start + index]), Float(queue.samples[start - lag + index]))
            queue.samples[start - lag + index] = Int16(leaving + (coming - leaving) * weight)
        }
        queue.restore(lag)
        return lag
    }

    // MARK: - Search

    /// The lag at which the sound from `start` on is most like that so much later (direction 1) or earlier (−1).
    private mutating func period(
        in queue: SampleQueue, from start: Int, direction: Int, longest: Int, likeness: Float
    ) -> Int {
        guard longest >= Self.shortest else { return 0 }
        let rough = roughPeriod(in: queue, from: start, direction: direction, longest: longest)
        var best = 0
        var bestLikeness: Float = -1
        var energy: Float = 0
        for lag in max(Self.shortest, rough - Self.decimation)...min(longest, rough + Self.decimation) {
            let (found, loudness) = Self.likeness(queue.samples, start, start + direction * lag)
            energy = loudness
            if found > bestLikeness { (best, bestLikeness) = (lag, found) }
        }
        return bestLikeness >= likeness || energy < Self.quiet ? best : 0
    }

    /// Every other sample of both windows compared: their normalised correlation, and the mean energy of the first.
    private static func likeness(_ samples: [Int16], _ first: Int, _ second: Int) -> (Float, Float) {
        var (product, firstEnergy, secondEnergy): (Float, Float, Float) = (0, 0, 0)
        for index in stride(from: 0, to: window, by: 2) {
            let (left, right) = (Float(samples[first + index]), Float(samples[second + index]))
            product += left * right
            firstEnergy += left * left
            secondEnergy += right * right
        }
        let scale = (firstEnergy * secondEnergy).squareRoot()
        let found: Float = scale > 0 ? product / scale : firstEnergy == secondEnergy ? 1 : 0
        return (found, firstEnergy / Float(window / 2))
    }

    private mutating func roughPeriod(in queue: SampleQueue, from start: Int, direction: Int, longest: Int) -> Int {
        // All that may be compared, from its earliest sample on.
        let origin = direction > 0 ? start : start - longest
        let count = (longest + Self.window) / Self.decimation
        for index in 0..<count {
            var sum: Float = 0
            for offset in 0..<Self.decimation {
                sum += Float(queue.samples[origin + index * Self.decimation + offset])
            }
            shape[index] = sum
        }
        let fixed = direction > 0 ? 0 : longest / Self.decimation
        let window = Self.window / Self.decimation
        var best = Self.shortest
        var bestShare: Float = -.infinity
        for lag in Self.shortest / Self.decimation...longest / Self.decimation {
            let moved = fixed + direction * lag
            var (product, energy): (Float, Float) = (0, 0)
            for index in 0..<window {
                product += shape[fixed + index] * shape[moved + index]
                energy += shape[moved + index] * shape[moved + index]
            }
            let share = energy > 0 ? product / energy.squareRoot() : 0
            if share > bestShare { (best, bestShare) = (lag * Self.decimation, share) }
        }
        return min(best, longest)
    }
}
