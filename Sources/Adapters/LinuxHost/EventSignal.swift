internal import Basis
internal import CLinux
package import Devices
internal import Glibc

/// A wake-up between threads over an eventfd: it stays set until the waiting thread has seen it.
package final class EventSignal: Waker {
    /// Readable while set, for threads that poll other descriptors too. It belongs to the signal.
    package let fileDescriptor: Int32

    package init() throws(DeviceError) {
        fileDescriptor = vs_linux_eventfd()
        guard fileDescriptor >= 0 else { throw DeviceError("open", device: "eventfd", errno: errno) }
    }

    deinit {
        if fileDescriptor >= 0 { close(fileDescriptor) }
    }

    package func wake() {
        var one: UInt64 = 1
        // Fails only when the counter is full: then it is set anyway.
        _ = write(fileDescriptor, &one, 8)
    }

    /// Waits until the signal is set, and clears it; false when `timeout` passed first. Nil waits for ever.
    @discardableResult
    package func wait(timeout: Duration? = nil) -> Bool {
        let end = timeout.map { MonotonicClock.now + $0 }
        repeat {
            var entry = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
            let left = end.map { ($0 - MonotonicClock.now).wholeNanoseconds }
            // Rounded up: waking before the end would make the caller spin.
            let milliseconds = left.map { Int32(clamping: (max(0, $0) + 999_999) / 1_000_000) } ?? -1
            if poll(&entry, 1, milliseconds) > 0 { return clear() }
        } while end.map { MonotonicClock.now < $0 } ?? true
        return clear()
    }

    /// Clears the signal without waiting; whether it was set.
    @discardableResult
    package func clear() -> Bool {
        var count: UInt64 = 0
        return read(fileDescriptor, &count, 8) == 8
    }
}
