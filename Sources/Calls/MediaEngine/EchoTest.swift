internal import Basis
internal import Devices

/// What a test of the echo found; levels in −dBov: 0 loud … 127 silent.
package struct EchoTestResult: Equatable, Sendable {
    /// Milliseconds from writing a sample to reading its echo; nil when no echo was found.
    package var delay: Int?
    /// What was played.
    package var played: UInt8
    /// The room without our sound.
    package var floor: UInt8
    /// The room with it, as the microphone gave it.
    package var echo: UInt8
    /// The same after cancelling, when the canceller had seconds to learn.
    package var residual: UInt8

    /// Decibels between what is played and what comes back.
    package var returnLoss: Int { Int(echo) - Int(played) }
    /// Decibels that cancelling took away; no more can be seen than what the echo stood above the floor.
    package var enhancement: Int { Int(residual) - Int(echo) }
    /// Decibels between what is played and what the others hear of it.
    package var residualEcho: Int { Int(residual) - Int(played) }
}

/// Plays a known noise and looks for it in what is heard. Values in, values out: `EchoTrial` runs it on devices.
package struct EchoTest: Sendable {
    // Blocks of 10 ms: the devices start; the room alone; the canceller learns; both are measured.
    private static let start = 50
    private static let room = 100
    private static let learning = 400
    private static let measuring = 200
    private static let end = start + room + learning + measuring

    /// Correlated at 4 kHz: every 12th sample, each the mean of 12.
    private static let decimation = 12
    private static let correlated = 4_000
    /// 600 ms.
    private static let largestLag = 2_400

    private var random: RandomSource
    private var block = 0
    private var smooth = 0.0
    private var floorEnergy: Int64 = 0
    private var playedEnergy: Int64 = 0
    private var echoEnergy: Int64 = 0
    private var residualEnergy: Int64 = 0
    private var playedShape: [Float] = []
    private var heardShape: [Float] = []

    /// - Parameter seed: of the noise.
    package init(seed: UInt64 = 1) {
        random = RandomSource(seed: seed)
        playedShape.reserveCapacity(Self.correlated)
        heardShape.reserveCapacity(Self.correlated + Self.largestLag)
    }

    /// Whether the trial has ended and `result` stands.
    package var isOver: Bool { block >= Self.end }
    /// 0…100.
    package var progress: Int { min(block, Self.end) * 100 / Self.end }

    /// One period: what was read, before and after cancelling; then what is to be written.
    /// - Parameter isThere: whether the microphone had a block.
    package mutating func step(heard: Span<Int16>, cancelled: Span<Int16>, isThere: Bool, play: inout [Int16]) {
        if isThere { listen(heard, cancelled) }
        let isSilent = block < Self.start + Self.room
        for index in play.indices { play[index] = isSilent ? 0 : nextSample() }
        if !isSilent {
            Self.decimate(play.span, to: Self.correlated, &playedShape)
            if isMeasuring { playedEnergy &+= AudioLevel.energy(of: play.span) }
        }
        block += 1
    }

    private var isMeasuring: Bool { block >= Self.start + Self.room + Self.learning && !isOver }

    private mutating func listen(_ heard: Span<Int16>, _ cancelled: Span<Int16>) {
        if (Self.start..<Self.start + Self.room).contains(block) { floorEnergy &+= AudioLevel.energy(of: heard) }
        // The block read in the period that plays the first noise is from before it.
        if block >= Self.start + Self.room {
            Self.decimate(heard, to: Self.correlated + Self.largestLag, &heardShape)
        }
        guard isMeasuring else { return }
        echoEnergy &+= AudioLevel.energy(of: heard)
        residualEnergy &+= AudioLevel.energy(of: cancelled)
    }

    /// Noise with the slope of speech, about −23 dBov.
    private mutating func nextSample() -> Int16 {
        let white = Double(Int64(bitPattern: random.next()) >> 40) / 8_388_608
        smooth += (white - smooth) * 0.3
        return Int16(clamping: Int(smooth * 9_300))
    }

    private static func decimate(_ samples: Span<Int16>, to limit: Int, _ shape: inout [Float]) {
        var index = 0
        while index + decimation <= samples.count, shape.count < limit {
            var sum: Float = 0
            for offset in 0..<decimation { sum += Float(samples[index + offset]) }
            shape.append(sum / Float(decimation))
            index += decimation
        }
    }

    // MARK: - Result

    /// What was found; nil before the end.
    package func result() -> EchoTestResult? {
        guard isOver else { return nil }
        let measured = Self.measuring * AudioBlock.samples
        return EchoTestResult(
            delay: delay(), played: AudioLevel.level(ofEnergy: playedEnergy, samples: measured),
            floor: AudioLevel.level(ofEnergy: floorEnergy, samples: Self.room * AudioBlock.samples),
            echo: AudioLevel.level(ofEnergy: echoEnergy, samples: measured),
            residual: AudioLevel.level(ofEnergy: residualEnergy, samples: measured))
    }

    /// Where the correlation of played and heard is largest.
    private func delay() -> Int? {
        guard playedShape.count == Self.correlated, heardShape.count == Self.correlated + Self.largestLag else {
            return nil
        }
        let played = playedShape.span
        let heard = heardShape.span
        var energy: Float = 0
        for index in played.indices { energy += played[index] * played[index] }
        var heardEnergy: Float = 0
        for index in played.indices { heardEnergy += heard[index] * heard[index] }
        var best: (lag: Int, share: Float) = (0, 0)
        for lag in 0..<Self.largestLag {
            var sum: Float = 0
            for index in played.indices { sum += played[index] * heard[index + lag] }
            let share = energy > 0 && heardEnergy > 0 ? sum * sum / (energy * heardEnergy) : 0
            if share > best.share { best = (lag, share) }
            heardEnergy +=
                heard[lag + Self.correlated] * heard[lag + Self.correlated] - heard[lag] * heard[lag]
        }
        // Unrelated noises of this length agree by about 1/4,000.
        guard best.share > 0.02 else { return nil }
        return best.lag * Self.decimation * 1_000 / AudioBlock.sampleRate
    }
}
