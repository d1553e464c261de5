internal import CLinux
package import Devices
internal import Glibc
internal import Synchronization

/// A kernel thread with a name, for work that blocks or keeps time and so has no place in the cooperative pool.
package final class NamedThread: Sendable {
    /// How the kernel is asked to treat the thread; without the permission it runs as a normal one.
    package enum Priority: Equatable, Sendable {
        case normal
        /// A nice value, −20 favoured … 19.
        case nice(Int)
        /// SCHED_FIFO, 1…99.
        case realTime(Int)
    }

    private final class Start: Sendable {
        let name: String
        let priority: Priority
        let body: @Sendable () -> Void

        init(name: String, priority: Priority, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.priority = priority
            self.body = body
        }
    }

    private let thread: Mutex<pthread_t?>

    /// Starts at once.
    /// - Parameter name: 15 bytes at most are shown by the kernel.
    package init(
        name: String, priority: Priority = .normal, body: @escaping @Sendable () -> Void
    ) throws(DeviceError) {
        let start = Unmanaged.passRetained(Start(name: name, priority: priority, body: body))
        var identity = pthread_t()
        let status = pthread_create(
            &identity, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                _ = vs_linux_name_thread(start.name)
                // Refused without the privilege: the thread then runs as any other.
                switch start.priority {
                case .normal: break
                case .nice(let value): _ = vs_linux_nice_thread(Int32(clamping: value))
                case .realTime(let priority): _ = vs_linux_real_time_thread(Int32(clamping: priority))
                }
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            thread = Mutex(nil)
            throw DeviceError("create thread", device: name, errno: status)
        }
        thread = Mutex(identity)
    }

    deinit {
        let left = thread.withLock { $0.take() }
        if let left { pthread_detach(left) }
    }

    /// Waits until the body has returned. A second call returns at once.
    package func join() {
        let joined = thread.withLock { $0.take() }
        if let joined { pthread_join(joined, nil) }
    }
}
