internal import Basis

/// Bits per second for each of the three layers; 0 for one that is not sent.
struct LayerBudget: Equatable, Sendable {
    var low = 0
    var standard = 0
    var high = 0
}

/// Which layers of a simulcast the line carries, and with how many bits each: from the smallest upwards, each filled before
/// the next begins, so that everybody who looks at us gets something.
///
/// Goes down at once and up again only after the line has been good for a while.
struct LayerAllocator: Equatable, Sendable {
    /// With less than this a layer is not worth sending beside those below it.
    private static let leastStandard = 150_000
    private static let leastHigh = 500_000
    private static let leastLow = 50_000
    /// What the middle layer takes where the high one is wanted and does not fit: a clearer picture in the same size.
    private static let mostStandard = 900_000
    /// More than the least, to go up.
    private static let margin = 1.3
    private static let patience = Duration.seconds(3)

    /// The greatest layer that the line carries.
    private(set) var carried = SendingLayer.high
    private var goodSince: MonotonicInstant?

    /// - Parameters:
    ///   - top: the greatest layer that anybody wants.
    ///   - skipsMiddle: whether the middle layer is left out where the high one is sent: one receiver alone needs the one
    ///     that it looks at, and the low one to fall back on.
    ///   - line: what may be sent in all, in bit/s; 0 for no limit.
    ///   - most: what the high layer takes at most; less where it is smaller than usual.
    mutating func update(
        top: SendingLayer, skipsMiddle: Bool, line: Int, most: Int = SendingLayer.high.bitrate,
        at now: MonotonicInstant
    ) -> LayerBudget {
        guard top != .none else { return LayerBudget() }
        follow(line: line, skipsMiddle: skipsMiddle, at: now)
        let chosen = min(top, carried)
        var rest = line > 0 ? line : Int.max
        func take(_ most: Int) -> Int {
            let taken = min(most, max(0, rest))
            rest -= taken
            return taken
        }
        var budget = LayerBudget()
        budget.low = max(Self.leastLow, take(SendingLayer.low.bitrate))
        if chosen == .standard || chosen == .high && !skipsMiddle {
            let isInPlace = line > 0 && chosen == .standard && top == .high
            let bitrate = isInPlace ? Self.mostStandard : SendingLayer.standard.bitrate
            budget.standard = max(Self.leastLow, take(bitrate))
        }
        if chosen == .high { budget.high = max(Self.leastLow, take(most)) }
        return budget
    }

    private mutating func follow(line: Int, skipsMiddle: Bool, at now: MonotonicInstant) {
        guard line > 0 else {
            carried = .high
            goodSince = nil
            return
        }
        let toStandard = SendingLayer.low.bitrate + Self.leastStandard
        let toHigh =
            SendingLayer.low.bitrate + (skipsMiddle ? 0 : SendingLayer.standard.bitrate) + Self.leastHigh
        let fitting: SendingLayer = line >= toHigh ? .high : line >= toStandard ? .standard : .low
        if fitting < carried {
            carried = fitting
            goodSince = nil
            return
        }
        let better: (layer: SendingLayer, least: Int)? =
            switch carried {
            case .none, .low: (.standard, toStandard)
            case .standard: (.high, toHigh)
            case .high: nil
            }
        guard let better, Double(line) >= Self.margin * Double(better.least) else {
            goodSince = nil
            return
        }
        let since = goodSince ?? now
        goodSince = since
        if now - since >= Self.patience {
            carried = better.layer
            goodSince = nil
        }
    }
}
