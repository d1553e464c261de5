internal import Devices

/// What was played, to be looked at again when its echo arrives.
struct FarEndDelay {
    /// Samples kept: 1.4 s, a power of two.
    private static let capacity = 65_536
    /// The echo is expected to begin this much after the samples given for it; filters are causal.
    static let margin = 720
    /// Blocks of agreement before another delay is believed.
    private static let patience = 50

    private var samples = [Int16](repeating: 0, count: capacity)
    private var written = 0
    /// Samples between a written sample and the near end's sample that it is given for; nil before the first delay.
    private(set) var lag: Int?
    private var strangers = 0

    /// The end of what was played.
    mutating func append(_ block: Span<Int16>) {
        for index in block.indices { samples[(written &+ index) & (Self.capacity - 1)] = block[index] }
        written &+= block.count
    }

    /// The near end's block did not come: what follows comes a block later.
    mutating func skip() {
        if let lag { self.lag = Self.possible(lag + AudioBlock.samples) }
    }

    /// Writes the far end's samples for the near end's next block to `reference`.
    mutating func take(delay: Int, into reference: inout [Int16]) {
        let start = written &- follow(delay)
        for index in reference.indices { reference[index] = samples[(start &+ index) & (Self.capacity - 1)] }
    }

    /// Devices' delays waver by a few milliseconds; each move of the reference costs the canceller its convergence.
    private mutating func follow(_ delay: Int) -> Int {
        let wanted = Self.possible(min(max(0, delay), Self.capacity) - Self.margin)
        guard let lag else {
            self.lag = wanted
            return wanted
        }
        strangers = abs(wanted - lag) > Self.margin ? strangers + 1 : 0
        guard strangers > Self.patience else { return lag }
        strangers = 0
        self.lag = wanted
        return wanted
    }

    /// A block is played after the near end's block of the same period was read: no echo is younger than a block.
    private static func possible(_ lag: Int) -> Int {
        min(max(AudioBlock.samples, lag), capacity - 2 * AudioBlock.samples)
    }
}
