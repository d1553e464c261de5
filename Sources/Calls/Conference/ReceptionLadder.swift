package import Basis

/// How much of the others' pictures the way to us bears. Where much is lost on it, pictures are asked for smaller, then
/// fewer, the last first; the sound is never touched. What helped is taken back step by step, later where it was too early.
package struct ReceptionLadder: Equatable, Sendable {
    /// From all down to nothing.
    package enum Level: Int, CaseIterable, Comparable, Sendable {
        case full
        /// 360 lines at most.
        case medium
        /// 180 lines at most.
        case small
        /// Half of the pictures, small.
        case half
        case one
        case none

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        fileprivate var above: Level { Level(rawValue: rawValue - 1) ?? .full }
        fileprivate var below: Level { Level(rawValue: rawValue + 1) ?? .none }
    }

    // Retransmissions mend a loss of a few per cent; above that pictures stand still more and more.
    private static let poorLoss = 0.08
    /// Pictures that could not be mended are better not sent.
    private static let hopelessLoss = 0.15
    private static let goodLoss = 0.03
    /// Where pictures were stopped, a few per cent do not keep them stopped.
    private static let tolerableLoss = 0.05
    /// In bit/s by the bridge's estimate: with less than this even a small picture takes from the sound.
    private static let starvation = 120_000
    private static let plenty = 250_000
    private static let poorSeconds = 2
    private static let settling = Duration.seconds(3)
    private static let firstPatience = Duration.seconds(8)
    private static let longestPatience = Duration.seconds(64)
    /// A step up that is taken back so soon was too early.
    private static let regret = Duration.seconds(12)

    package private(set) var level = Level.full
    private var poor = 0
    private var changedAt: MonotonicInstant?
    private var raisedAt: MonotonicInstant?
    private var goodSince: MonotonicInstant?
    private var patience = ReceptionLadder.firstPatience

    package init() {}

    /// A second has passed.
    /// - Parameters:
    ///   - loss: of all packets to us in it, 0…1.
    ///   - bandwidth: what the bridge thinks that it can send to us, in bit/s; nil where it has not said.
    package mutating func note(loss: Double, bandwidth: Int?, at now: MonotonicInstant) {
        // A bridge that sends next to nothing learns next to nothing of the way: from there on only losses count.
        let isStarved = level < .one && bandwidth ?? Self.plenty < Self.starvation
        let limit = level < .small ? Self.poorLoss : Self.hopelessLoss
        if loss >= limit || isStarved {
            goodSince = nil
            poor += 1
            if poor >= Self.poorSeconds, level < .none, changedAt.map({ now - $0 >= Self.settling }) ?? true {
                lower(at: now)
            }
            return
        }
        poor = 0
        let isGood =
            level > .small
            ? loss <= Self.tolerableLoss : loss <= Self.goodLoss && bandwidth ?? Self.plenty >= Self.plenty
        guard level > .full, isGood else {
            goodSince = nil
            return
        }
        let since = goodSince ?? now
        goodSince = since
        if now - since >= patience { raise(at: now) }
    }

    private mutating func lower(at now: MonotonicInstant) {
        level = level.below
        let isRegretted = raisedAt.map { now - $0 < Self.regret } ?? false
        patience = isRegretted ? min(patience * 2, Self.longestPatience) : Self.firstPatience
        changedAt = now
        poor = 0
    }

    private mutating func raise(at now: MonotonicInstant) {
        level = level.above
        raisedAt = now
        changedAt = now
        goodSince = nil
    }
}
