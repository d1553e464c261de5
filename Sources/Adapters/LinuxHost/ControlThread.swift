package import Devices
internal import Synchronization

/// The thread `vs-devices`: owns the buttons, lamps, keys and wires of the room and waits for all of them.
package final class ControlThread: Sendable {
    private struct State {
        var mailbox = ControlMailbox()
        var isStopping = false
        var counters = ControlCounters()
    }

    /// What the thread and its owner share.
    private final class Shared: Sendable {
        let state = Mutex(State())
        let signal: EventSignal
        let readiness: EventSignal
        let pulse = ThreadPulse(name: "vs-devices")

        init() throws(DeviceError) {
            signal = try EventSignal()
            readiness = try EventSignal()
        }
    }

    private let shared: Shared
    private let thread: NamedThread

    /// Starts at once.
    /// - Parameters:
    ///   - sources: makes the devices, on the thread that they live on.
    ///   - receive: called on that thread with everything that they say; it must not wait.
    package init(
        sources: @escaping @Sendable () -> [any ControlSource], receive: @escaping @Sendable (ControlEvent) -> Void
    ) throws(DeviceError) {
        let shared = try Shared()
        self.shared = shared
        thread = try NamedThread(name: "vs-devices") {
            shared.pulse.tick()
            var loop = ControlLoop(sources: sources(), calls: KernelPollCalls(pulse: shared.pulse), receive: receive)
            var isReady = false
            // The first turn waits for nothing: in it the devices open what they serve.
            shared.signal.wake()
            // What was queued before there were devices is still queued.
            while !shared.state.withLock({ $0.isStopping }) {
                loop.turn(waking: shared.signal.fileDescriptor) {
                    shared.signal.clear()
                    return shared.state.withLock { $0.mailbox.takeAll() }
                } state: {
                    shared.state.withLock { $0.mailbox.state }
                }
                let counters = loop.counters
                shared.state.withLock { $0.counters = counters }
                if !isReady { shared.readiness.wake() }
                isReady = true
            }
            loop.close()
            shared.pulse.end()
        }
    }

    /// The thread's sign of life.
    package var pulse: ThreadPulse { shared.pulse }

    deinit {
        stop()
    }

    /// Waits until the devices that are there are served: before that a press is lost. False after `patience` without it.
    /// To be called once.
    package func waitUntilReady(patience: Duration) -> Bool {
        shared.readiness.wait(timeout: patience)
    }

    /// Queues a command for all devices; from any thread. A newer one about the same thing takes its place.
    package func send(_ command: ControlCommand) {
        shared.state.withLock { $0.mailbox.put(command) }
        shared.signal.wake()
    }

    package var counters: ControlCounters {
        shared.state.withLock { $0.counters }
    }

    /// Lets all devices go and waits until the thread is over. Not to be called by `receive`.
    package func stop() {
        shared.state.withLock { $0.isStopping = true }
        shared.signal.wake()
        thread.join()
    }
}
