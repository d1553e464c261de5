internal import Basis

/// How bright the idle screen is.
package enum IdleLight: String, CaseIterable, Equatable, Sendable {
    case full
    /// Nobody has touched anything for a while.
    case dimmed
    /// Black: no signal, and the TV may sleep.
    case off
}

/// Decides how bright the TV is while nobody needs it: full, then dimmed, then off.
package struct IdleDisplay: Equatable, Sendable {
    package private(set) var light = IdleLight.full
    private let dimDelay: Duration?
    private let offDelay: Duration?
    /// Since when nobody has needed it; nil while somebody does.
    private var since: MonotonicInstant?

    /// - Parameters:
    ///   - dimDelay: the time without a call or a press after which it dims; nil for never.
    ///   - offDelay: the same for going off.
    init(dimDelay: Duration?, offDelay: Duration?) {
        self.dimDelay = dimDelay
        self.offDelay = offDelay
    }

    /// When `settle` makes a difference.
    var deadline: MonotonicInstant? {
        guard let since else { return nil }
        let dim = light == .full ? dimDelay.map { since + $0 } : nil
        let off = light != .off ? offDelay.map { since + $0 } : nil
        return [dim, off].compactMap { $0 }.min()
    }

    /// - Parameters:
    ///   - isNeeded: a call is under way, or is coming or going.
    ///   - isTouched: somebody has just pressed something.
    mutating func settle(isNeeded: Bool, isTouched: Bool, at now: MonotonicInstant) -> [RoomEffect] {
        let before = light
        if isNeeded || isTouched {
            since = isNeeded ? nil : now
            light = .full
        } else {
            let since = since ?? now
            self.since = since
            if let offDelay, since + offDelay <= now {
                light = .off
            } else if let dimDelay, since + dimDelay <= now, light == .full {
                light = .dimmed
            }
        }
        if before != .off, light == .off { return [.restDisplay] }
        return before == .off && light != .off ? [.wakeDisplay] : []
    }
}
