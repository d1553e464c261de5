internal import Devices
internal import NIOCore
internal import Synchronization

/// Wakes the call's event loop from the media threads: many wakes before it looks are one.
final class LoopWaker: Waker {
    private let eventLoop: any EventLoop
    private let isPending = Atomic<Bool>(false)
    /// In a struct of its own. Workaround: a bare function type inside a `Mutex` is re-abstracted at each access, in and
    /// out, and what is stored grows by two thunks every time (docs/workarounds.md).
    private struct Action {
        let run: @Sendable () -> Void
    }

    private let action = Mutex<Action?>(nil)

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// What to do on the loop after a wake.
    func onWake(_ action: @escaping @Sendable () -> Void) {
        self.action.withLock { $0 = Action(run: action) }
    }

    func wake() {
        guard !isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        eventLoop.execute { [self] in
            isPending.store(false, ordering: .releasing)
            action.withLock { $0 }?.run()
        }
    }
}
