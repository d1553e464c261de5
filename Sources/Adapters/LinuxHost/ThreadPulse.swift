package import Basis
internal import Synchronization

/// The sign of life of a thread: a thread that neither comes round nor waits for work hangs, in a driver mostly.
package final class ThreadPulse: Sendable {
    /// Drivers may take long: a speakerphone that answers nothing costs the kernel's five seconds for each report.
    package static let patience = Duration.seconds(30)

    /// Of the thread.
    package let name: String
    private let lastTick: Atomic<Int64>
    private let isResting = Atomic<Bool>(true)

    /// Resting until the thread ticks.
    package init(name: String) {
        self.name = name
        lastTick = Atomic(0)
    }

    /// The thread has come round.
    package func tick(at now: MonotonicInstant = MonotonicClock.now) {
        lastTick.store(now.nanoseconds, ordering: .relaxed)
        isResting.store(false, ordering: .releasing)
    }

    /// The thread waits in `wait` for work, however long, as an idle one does.
    package func rest<Result>(_ wait: () -> Result) -> Result {
        isResting.store(true, ordering: .releasing)
        defer { tick() }
        return wait()
    }

    /// The thread is over.
    package func end() {
        isResting.store(true, ordering: .releasing)
    }

    /// Whether the thread has been at one thing for longer than `patience`.
    package func isStalled(at now: MonotonicInstant) -> Bool {
        guard !isResting.load(ordering: .acquiring) else { return false }
        return now - MonotonicInstant(nanoseconds: lastTick.load(ordering: .relaxed)) > Self.patience
    }
}
