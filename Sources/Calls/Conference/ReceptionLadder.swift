package import Basis

/// How much of the others' pictures the way to us bears. Where they stand still, for too much is lost to be mended, they are
/// asked for smaller, then fewer, the last first; the sound is never touched. What helped is taken back step by step, later
/// where it was too early.
///
/// Losses alone say little: over a short way retransmissions mend a fifth of all packets. They count where no picture
/// comes to be looked at.
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

    /// Shares of the time: pictures that stand for longer had better be smaller.
    private static let poorFreeze = 0.1
    /// The smallest ones had better be fewer.
    private static let severeFreeze = 0.3
    /// Not even one is worth its bits.
    private static let hopelessFreeze = 0.6
    private static let goodFreeze = 0.02

    /// Where so much is lost, half of the packets are better for what is left of the line.
    private static let heavyLoss = 0.15
    /// What nothing mends.
    private static let hopelessLoss = 0.45
    private static let goodLoss = 0.03
    /// With so much lost, pictures that are shown well may be larger.
    private static let tolerableLoss = 0.12
    /// With so much lost, one picture is worth a try.
    private static let hopefulLoss = 0.25
    // Where no picture comes, losses alone must do.
    private static let poorBlindLoss = 0.08
    private static let severeBlindLoss = 0.25
    /// In bit/s by the bridge's estimate: with less than this even a small picture takes from the sound.
    private static let starvation = 120_000
    private static let plenty = 250_000
    private static let poorSeconds = 2
    private static let severeSeconds = 4
    private static let settling = Duration.seconds(3)
    private static let startup = Duration.seconds(5)
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
    /// When the first pictures came.
    private var beganAt: MonotonicInstant?

    package init() {}

    /// A second has passed.
    /// - Parameters:
    ///   - loss: of all packets to us in it, 0…1.
    ///   - frozen: the share of it for which the pictures that come stood still, 0…1; nil where none come.
    ///   - bandwidth: what the bridge thinks that it can send to us, in bit/s; nil where it has not said.
    package mutating func note(loss: Double, frozen: Double?, bandwidth: Int?, at now: MonotonicInstant) {
        // A bridge that sends next to nothing learns next to nothing of the way: from there on only losses count.
        let isStarved = level < .one && bandwidth ?? Self.plenty < Self.starvation
        if frozen != nil, beganAt == nil { beganAt = now }
        // The first pictures wait for key frames, and the bridge's estimate has only begun to rise.
        if let beganAt, now - beganAt < Self.startup, loss < Self.heavyLoss { return }
        if isPoor(loss: loss, frozen: frozen) || isStarved {
            goodSince = nil
            poor += 1
            let patience = level < .small ? Self.poorSeconds : Self.severeSeconds
            if poor >= patience, level < .none, changedAt.map({ now - $0 >= Self.settling }) ?? true {
                lower(at: now)
            }
            return
        }
        poor = max(0, poor - 1)
        guard level > .full, isGood(loss: loss, frozen: frozen, bandwidth: bandwidth ?? Self.plenty) else {
            goodSince = nil
            return
        }
        let since = goodSince ?? now
        goodSince = since
        if now - since >= patience { raise(at: now) }
    }

    private func isPoor(loss: Double, frozen: Double?) -> Bool {
        guard let frozen else { return loss >= (level < .small ? Self.poorBlindLoss : Self.severeBlindLoss) }
        switch level {
        case .full: return frozen >= Self.poorFreeze || loss >= Self.heavyLoss
        case .medium: return frozen >= Self.poorFreeze || loss >= Self.hopelessLoss
        case .small, .half: return frozen >= Self.severeFreeze || loss >= Self.hopelessLoss
        case .one, .none: return frozen >= Self.hopelessFreeze || loss >= Self.hopelessLoss
        }
    }

    private func isGood(loss: Double, frozen: Double?, bandwidth: Int) -> Bool {
        guard let frozen else {
            return level == .none ? loss <= Self.hopefulLoss : loss <= Self.goodLoss && bandwidth >= Self.plenty
        }
        guard frozen <= Self.goodFreeze, loss <= Self.tolerableLoss || level > .small && loss <= Self.hopefulLoss
        else { return false }
        // With few small pictures the bridge has not learnt yet what the line carries.
        return level > .small || bandwidth >= Self.plenty
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
