internal import Basis
internal import Synchronization

/// Carries the screen's report of a first picture to the call, which is built after the screen.
final class PictureArrivals: Sendable {
    /// In a struct for the reason given in LoopWaker.
    private struct Receiver {
        let report: @Sendable (Int, MonotonicInstant) -> Void
    }

    private let receiver = Mutex<Receiver?>(nil)

    func onReport(_ receiver: @escaping @Sendable (Int, MonotonicInstant) -> Void) {
        self.receiver.withLock { $0 = Receiver(report: receiver) }
    }

    func report(_ attempt: Int, _ instant: MonotonicInstant) {
        receiver.withLock { $0 }?.report(attempt, instant)
    }
}
