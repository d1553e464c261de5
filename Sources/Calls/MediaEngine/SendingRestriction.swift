package import Basis

/// Which of the reasons for a reduced picture of ours is worth telling the room: one that lasts.
///
/// At the start of a call the estimate of the line rises from below what the camera could use, and every estimate dips now and
/// then: neither is news. A line counts as narrow once the picture has been reduced for a while in which the estimate has not
/// risen.
package struct SendingRestriction: Equatable, Sendable {
    /// The camera's governor has waited before it reports heat.
    private static func patience(for reason: SendingReason) -> Duration {
        switch reason {
        case .line: .seconds(10)
        case .load: .seconds(5)
        case .heat: .zero
        }
    }
    /// A reason that comes back so soon is the same one, of which nothing is told again.
    private static let recovery = Duration.seconds(20)
    /// An estimate that exceeds its earlier maximum by less stands still.
    private static let growth = 1.05

    /// What is to be told; nil while nothing lasting reduces the picture.
    package private(set) var reason: SendingReason?
    private var candidate: SendingReason?
    private var since: MonotonicInstant?
    /// Of the estimate since the line began to reduce the picture, when it last rose.
    private var highestBandwidth: Int?
    private var freeSince: MonotonicInstant?

    package init() {}

    /// - Parameters:
    ///   - current: what reduces the picture at this moment.
    ///   - bandwidth: the estimate of the line to the bridge in bit/s; nil where there is none.
    package mutating func update(_ current: SendingReason?, bandwidth: Int?, at now: MonotonicInstant) {
        if current != candidate {
            candidate = current
            since = now
            highestBandwidth = nil
        }
        guard let current else {
            let free = freeSince ?? now
            freeSince = free
            if now - free >= Self.recovery { reason = nil }
            return
        }
        freeSince = nil
        if current == .line, let bandwidth {
            let hasRisen = highestBandwidth.map { Double(bandwidth) >= Double($0) * Self.growth } ?? true
            if hasRisen {
                since = now
                highestBandwidth = bandwidth
            }
        }
        if let since, now - since >= Self.patience(for: current) { reason = current }
    }
}
