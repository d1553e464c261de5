package import Basis

/// The picture that a line carries: a small one that moves is better than a large one that stands still. Goes down at once
/// and up again only after the line has been good for a while, so that the size does not swing.
package struct CameraHeight: Equatable, Sendable {
    /// From this rate on the height is worth sending in VP8, in bit/s; in VP9 from three quarters of it.
    private static let steps: [(height: Int, bitsPerSecond: Int)] = [(720, 500_000), (360, 180_000), (180, 0)]
    /// More than the least, to go up.
    private static let margin = 1.3
    private static let patience = Duration.seconds(3)

    private var height = 720
    private var goodSince: MonotonicInstant?

    package init() {}

    /// The greatest height to send at `rate`, in bit/s.
    package mutating func update(
        bitsPerSecond rate: Int, codec: VideoCodec = .vp8, at now: MonotonicInstant
    ) -> Int {
        let bitsPerSecond = codec == .vp9 ? rate / 3 * 4 : rate
        let fitting = Self.steps.first { bitsPerSecond >= $0.bitsPerSecond }?.height ?? 180
        if fitting < height {
            height = fitting
            goodSince = nil
            return height
        }
        let better = Self.steps.last { $0.height > height }
        guard let better, Double(bitsPerSecond) >= Self.margin * Double(better.bitsPerSecond) else {
            goodSince = nil
            return height
        }
        let since = goodSince ?? now
        goodSince = since
        if now - since >= Self.patience {
            height = better.height
            goodSince = nil
        }
        return height
    }
}
