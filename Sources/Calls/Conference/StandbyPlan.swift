package import Basis

/// When a conference stands by (`Conference.standBy`): while nothing else goes on, again after it was lost, and made anew now
/// and then, since what the server told of itself gets old.
package struct StandbyPlan: Sendable {
    package enum Step: Equatable, Sendable {
        case open(meeting: Int)
        case close
    }

    private enum State: Equatable {
        case off
        case waiting(until: MonotonicInstant)
        case connecting
        case ready(since: MonotonicInstant, renewal: MonotonicInstant)
    }

    /// After a start or a call the box has other things to do, and not all boxes of a town come at once.
    private static let firstPause = 500...3_000
    private static let longestPause = Duration.seconds(600)
    private static let renewal = Duration.seconds(3_600)
    /// Who was dropped sooner was not really let in.
    private static let settled = Duration.seconds(60)

    private var state = State.off
    private var meeting: Int?
    private var lastMeeting: Int?
    /// Meetings whose server wants none of us: an account that is refused again and again gets locked.
    private var refused: Set<Int> = []
    private var failures = 0
    private var random: RandomSource

    package init(random: RandomSource) {
        self.random = random
    }

    package var deadline: MonotonicInstant? {
        switch state {
        case .waiting(let until): until
        case .ready(_, let renewal): renewal
        case .off, .connecting: nil
        }
    }

    /// What is to be done now.
    /// - Parameter wanted: the meeting whose conference is to stand by; nil for none at present.
    package mutating func update(wanted: Int?, at now: MonotonicInstant) -> Step? {
        let wanted = wanted.flatMap { refused.contains($0) ? nil : $0 }
        if wanted != meeting {
            let wasOpen = isOpen
            meeting = wanted
            if wanted != lastMeeting, wanted != nil { failures = 0 }
            lastMeeting = wanted ?? lastMeeting
            state = wanted == nil ? .off : .waiting(until: now + pause())
            if wasOpen { return .close }
        }
        guard let meeting else { return nil }
        switch state {
        case .waiting(let until) where until <= now:
            state = .connecting
            return .open(meeting: meeting)
        case .ready(_, let renewal) where renewal <= now:
            state = .waiting(until: now + pause())
            return .close
        case .off, .waiting, .connecting, .ready: return nil
        }
    }

    package mutating func becameReady(at now: MonotonicInstant) {
        guard state == .connecting else { return }
        state = .ready(
            since: now, renewal: now + Self.renewal + .milliseconds(Int.random(in: 0...600_000, using: &random)))
    }

    /// It could not connect, or lost the connection.
    /// - Parameter isRefusal: the server knows us and wants none of us: it is not asked again before somebody was let in.
    package mutating func ended(isRefusal: Bool, at now: MonotonicInstant) {
        guard isOpen else { return }
        if isRefusal, let meeting {
            refused.insert(meeting)
            self.meeting = nil
            state = .off
            return
        }
        if case .ready(let since, _) = state, now - since >= Self.settled { failures = 0 }
        failures = min(failures + 1, 16)
        state = .waiting(until: now + pause())
    }

    /// Somebody's press led into that meeting.
    package mutating func admitted(_ meeting: Int) {
        refused.remove(meeting)
        failures = 0
    }

    /// The addresses of the host are others now: what stood by may be dead, and what failed may work.
    package mutating func networkChanged(at now: MonotonicInstant) -> Step? {
        guard meeting != nil, state != .off else { return nil }
        let wasOpen = isOpen
        state = .waiting(until: now + pause())
        return wasOpen ? .close : nil
    }

    /// Somebody pressed: what stood by is a call now.
    package mutating func taken() {
        state = .off
        meeting = nil
    }

    private var isOpen: Bool {
        switch state {
        case .connecting, .ready: true
        case .off, .waiting: false
        }
    }

    /// Doubles with each failure in a row.
    private mutating func pause() -> Duration {
        let first = Duration.milliseconds(Int.random(in: Self.firstPause, using: &random))
        return min(first * (1 << failures), Self.longestPause)
    }
}
