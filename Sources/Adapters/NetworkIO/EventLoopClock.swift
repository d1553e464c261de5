package import Basis
package import NIOCore

/// The clock of the machines that an event loop drives: CLOCK_MONOTONIC, as the loop itself uses it.
package struct EventLoopClock: Sendable {
    private let eventLoop: any EventLoop

    package init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    package var now: MonotonicInstant { MonotonicInstant(eventLoop.now) }
}

extension MonotonicInstant {
    package init(_ deadline: NIODeadline) {
        self.init(nanoseconds: Int64(clamping: deadline.uptimeNanoseconds))
    }
}

extension NIODeadline {
    package init(_ instant: MonotonicInstant) {
        self = .uptimeNanoseconds(UInt64(clamping: instant.nanoseconds))
    }
}

extension TimeAmount {
    package init(_ duration: Duration) {
        self = .nanoseconds(duration.wholeNanoseconds)
    }
}

/// Wakes a machine at its deadline. Holds at most one scheduled task, however often the deadline moves: a deadline that
/// moves later costs nothing until the task fires early and is scheduled anew.
///
/// Belongs to its event loop: every call happens there.
package final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private let onDeadline: @Sendable (MonotonicInstant) -> Void
    private var deadline: MonotonicInstant?
    private var scheduled: (task: Scheduled<Void>, at: MonotonicInstant)?

    /// - Parameter onDeadline: called on the loop with the present, never before the deadline; the timer is then
    ///   disarmed and may be armed again from within the call.
    package init(eventLoop: any EventLoop, onDeadline: @escaping @Sendable (MonotonicInstant) -> Void) {
        self.eventLoop = eventLoop
        self.onDeadline = onDeadline
    }

    deinit {
        scheduled?.task.cancel()
    }

    /// Replaces the deadline; nil disarms.
    package func arm(_ deadline: MonotonicInstant?) {
        self.deadline = deadline
        guard let deadline else {
            scheduled?.task.cancel()
            scheduled = nil
            return
        }
        if let scheduled, scheduled.at <= deadline { return }
        schedule(at: deadline)
    }

    private func schedule(at instant: MonotonicInstant) {
        scheduled?.task.cancel()
        let isolated = eventLoop.assumeIsolated()
        let task = isolated.scheduleTask(deadline: NIODeadline(instant)) { [weak self] in
            self?.fire() ?? ()
        }
        scheduled = (task, instant)
    }

    private func fire() {
        scheduled = nil
        guard let deadline else { return }
        let now = MonotonicInstant(eventLoop.now)
        guard now >= deadline else { return schedule(at: deadline) }
        self.deadline = nil
        onDeadline(now)
    }
}
