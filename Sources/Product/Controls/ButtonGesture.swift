package import Basis
package import Devices

/// Makes presses of one button's raw edges: debounced, by length, and not fooled by a stuck key.
///
/// A machine: edges and instants in, events and one deadline out. Edges carry the instant at which the kernel saw them,
/// so a thread that wakes late still tells a short press from a long one.
///
/// - A press is short when it ends before 1.2 s; between 600 ms, which is what people are told, and 1.2 s it counts as
///   short too, for a hesitating finger means the plain function.
/// - It is long at 1.2 s, told while held; the release then says nothing more.
/// - At 3 s the countdown of the reset begins, one event a second; at 10 s the press is very long. Not in a call, and not
///   for buttons that may not reset.
/// - More than 20 presses in 10 s, or one of 60 s, mean a stuck button: nothing of it counts until it has been let go and
///   quiet for 5 s.
package struct ButtonGesture: Sendable {
    package enum Event: Equatable, Sendable {
        case press(ButtonPress)
        /// Time left until the reset; nil when the button was let go before, or a call began.
        case resetCountdown(Duration?)
        case stuck(Bool)
    }

    /// How long a contact must rest before its level counts.
    package static let contactDebounce = Duration.milliseconds(30)

    private static let longAfter = Duration.milliseconds(1_200)
    private static let countdownAfter = Duration.seconds(3)
    private static let resetAfter = Duration.seconds(10)
    private static let stuckAfter = Duration.seconds(60)
    private static let quietTime = Duration.seconds(5)
    private static let mostPresses = 20
    private static let pressWindow = Duration.seconds(10)

    private enum Stage: Equatable {
        /// Nothing told yet: a release now is a short press.
        case fresh
        /// Told as long; a countdown follows.
        case long
        /// Whole seconds left, as told last.
        case counting(left: Int64)
        /// Everything told; only the stuck key is left.
        case spent
    }

    private enum Phase: Equatable {
        case released
        case held(since: MonotonicInstant, Stage)
        case stuck
    }

    private let debounce: Duration
    private let mayReset: Bool
    private var isInCall = false

    /// The level of the last edge, and the one that rested long enough.
    private var raw: Bool
    private var level: Bool
    private var lastEdge: MonotonicInstant
    private var phase: Phase
    /// When the presses of the last 10 s began.
    private var presses: [MonotonicInstant] = []
    private var clock: MonotonicInstant
    private var events: [Event] = []

    /// - Parameters:
    ///   - debounce: zero for what the kernel or a keyboard has debounced already.
    ///   - mayReset: whether holding it for 10 s is a reset.
    ///   - isPressed: the level found at the start. A button held since before is no press; it can be stuck.
    package init(
        debounce: Duration = contactDebounce, mayReset: Bool = true, isPressed: Bool = false,
        at now: MonotonicInstant
    ) {
        self.debounce = debounce
        self.mayReset = mayReset
        raw = isPressed
        level = isPressed
        lastEdge = now
        phase = isPressed ? .held(since: now, .spent) : .released
        clock = now
    }

    /// Whether the button is held, as debounced.
    package var isPressed: Bool { level }

    /// When `advance(to:)` is due.
    package var deadline: MonotonicInstant? {
        var soonest = Soonest()
        if raw != level { soonest.consider(lastEdge + debounce, "contact") }
        switch phase {
        case .released: break
        case .held(let since, .fresh): soonest.consider(since + Self.longAfter, "long")
        case .held(let since, .long): soonest.consider(since + Self.countdownAfter, "countdown")
        case .held(let since, .counting(let left)):
            soonest.consider(since + Self.resetAfter - .seconds(left - 1), "countdown")
        case .held(let since, .spent): soonest.consider(since + Self.stuckAfter, "stuck")
        case .stuck: if !raw { soonest.consider(lastEdge + Self.quietTime, "quiet") }
        }
        return soonest.instant
    }

    /// The next event, in order.
    package mutating func poll() -> Event? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// The contact closed or opened at `instant`. A repetition of the level known is ignored.
    package mutating func edge(isPressed: Bool, at instant: MonotonicInstant) {
        advance(to: instant)
        guard isPressed != raw else { return }
        raw = isPressed
        lastEdge = clock
        if debounce <= .zero { settle() }
    }

    /// Lets time pass up to `instant`; an earlier one than known already changes nothing.
    package mutating func advance(to instant: MonotonicInstant) {
        while let due = deadline, due <= instant {
            clock = max(clock, due)
            if raw != level, lastEdge + debounce <= due {
                settle()
            } else {
                passMilestone()
            }
        }
        clock = max(clock, instant)
    }

    /// Resets are refused in calls; a countdown under way ends.
    package mutating func setInCall(_ isInCall: Bool, at now: MonotonicInstant) {
        advance(to: now)
        self.isInCall = isInCall
        guard isInCall, case .held(let since, let stage) = phase else { return }
        if case .counting = stage { events.append(.resetCountdown(nil)) }
        if stage != .fresh { phase = .held(since: since, .spent) }
    }

    /// The device vanished: whatever was held is held no more, and no press comes of it.
    package mutating func cancel(at now: MonotonicInstant) {
        advance(to: now)
        if case .held(_, .counting) = phase { events.append(.resetCountdown(nil)) }
        if phase == .stuck { events.append(.stuck(false)) }
        (raw, level, phase) = (false, false, .released)
        presses.removeAll()
    }

    /// The level rested: it counts from its edge on.
    private mutating func settle() {
        level = raw
        guard phase != .stuck else { return }
        if level {
            begin(at: lastEdge)
        } else if case .held(_, let stage) = phase {
            phase = .released
            switch stage {
            case .fresh: events.append(.press(.short))
            case .counting: events.append(.resetCountdown(nil))
            case .long, .spent: break
            }
        }
    }

    private mutating func begin(at instant: MonotonicInstant) {
        presses.removeAll { $0 <= instant - Self.pressWindow }
        presses.append(instant)
        phase = .held(since: instant, .fresh)
        if presses.count > Self.mostPresses { becomeStuck() }
    }

    private mutating func becomeStuck() {
        phase = .stuck
        presses.removeAll()
        events.append(.stuck(true))
    }

    private mutating func passMilestone() {
        switch phase {
        case .released: break
        case .held(let since, .fresh):
            events.append(.press(.long))
            phase = .held(since: since, mayReset && !isInCall ? .long : .spent)
        case .held(let since, .long):
            let left = (Self.resetAfter - Self.countdownAfter).components.seconds
            events.append(.resetCountdown(.seconds(left)))
            phase = .held(since: since, .counting(left: left))
        case .held(let since, .counting(let left)) where left > 1:
            events.append(.resetCountdown(.seconds(left - 1)))
            phase = .held(since: since, .counting(left: left - 1))
        case .held(let since, .counting):
            events.append(.press(.veryLong))
            phase = .held(since: since, .spent)
        case .held(_, .spent): becomeStuck()
        case .stuck:
            phase = .released
            events.append(.stuck(false))
        }
    }
}

extension ControlEvent {
    /// The event of the button with the role `button`.
    package init(_ event: ButtonGesture.Event, of button: ButtonRole) {
        switch event {
        case .press(let press): self = .press(button: button, press)
        case .resetCountdown(let left): self = .resetCountdown(left)
        case .stuck(let isStuck): self = .stuck(button: button, isStuck: isStuck)
        }
    }
}
