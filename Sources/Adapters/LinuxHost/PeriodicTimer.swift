package import Basis
internal import CLinux
internal import Devices

/// When the periods of a regular task begin: a grid without drift that gives up on periods lost in a long stall.
package struct PeriodicSchedule: Equatable, Sendable {
    private let interval: Duration
    private let mostBehind: Int
    private var next: MonotonicInstant
    /// Periods given up.
    package private(set) var skipped = 0

    /// - Parameter mostBehind: periods made up for in quick succession after a stall; a longer backlog is dropped.
    package init(interval: Duration, mostBehind: Int = 5, from start: MonotonicInstant) {
        self.interval = max(interval, .microseconds(100))
        self.mostBehind = max(0, mostBehind)
        next = start
    }

    /// The beginning of the next period; one in the past is to be begun at once.
    package mutating func advance(at now: MonotonicInstant) -> MonotonicInstant {
        next += interval
        let behind = Int((now - next).wholeNanoseconds / interval.wholeNanoseconds)
        if behind > mostBehind {
            skipped += behind
            next += .nanoseconds(interval.wholeNanoseconds * Int64(behind))
        }
        return next
    }
}

/// Paces a thread by absolute times, so that lateness does not add up.
package struct PeriodicTimer: Sendable {
    private var schedule: PeriodicSchedule

    /// - Parameter interval: for instance 10 ms for the audio loop.
    package init(interval: Duration) {
        schedule = PeriodicSchedule(interval: interval, from: MonotonicClock.now)
    }

    /// Periods given up because the thread could not run for long.
    package var skipped: Int { schedule.skipped }

    /// Sleeps until the next period begins and returns the present.
    package mutating func wait() -> MonotonicInstant {
        let due = schedule.advance(at: MonotonicClock.now)
        vs_linux_sleep_until(due.nanoseconds)
        return MonotonicClock.now
    }
}

extension PeriodicTimer: AudioPace {}
