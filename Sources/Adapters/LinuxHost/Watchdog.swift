internal import CLinux
package import Devices
internal import Glibc

/// The system calls of `Watchdog`; failures are negative errnos.
package protocol WatchdogCalls {
    func open(_ path: String) -> Int32
    func close(_ descriptor: Int32)
    func write(_ descriptor: Int32, _ byte: UInt8) -> Int32
    /// WDIOC_KEEPALIVE
    func keepAlive(_ descriptor: Int32) -> Int32
    /// WDIOC_SETTIMEOUT; `seconds` becomes what the hardware does instead.
    func setTimeout(_ descriptor: Int32, _ seconds: inout Int32) -> Int32
    /// WDIOC_GETTIMEOUT
    func timeout(_ descriptor: Int32, _ seconds: inout Int32) -> Int32
}

/// The kernel.
package struct KernelWatchdogCalls: WatchdogCalls {
    package init() {}

    package func open(_ path: String) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC)
        return descriptor < 0 ? -errno : descriptor
    }

    package func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    package func write(_ descriptor: Int32, _ byte: UInt8) -> Int32 {
        var byte = byte
        let count = Glibc.write(descriptor, &byte, 1)
        return count < 0 ? -errno : Int32(count)
    }

    package func keepAlive(_ descriptor: Int32) -> Int32 {
        vs_linux_watchdog_keepalive(descriptor)
    }

    package func setTimeout(_ descriptor: Int32, _ seconds: inout Int32) -> Int32 {
        vs_linux_watchdog_set_timeout(descriptor, &seconds)
    }

    package func timeout(_ descriptor: Int32, _ seconds: inout Int32) -> Int32 {
        vs_linux_watchdog_timeout(descriptor, &seconds)
    }
}

/// The board's watchdog (Documentation/watchdog/watchdog-api.rst of the kernel), for boards without a service manager.
///
/// From `open` on the board is reset when `feed` does not come in time. Only `close` disarms it: a process that dies, or
/// drops this value, leaves it armed, which is what it is for.
package struct Watchdog<Calls: WatchdogCalls>: ~Copyable {
    private let path: String
    private let calls: Calls
    private var descriptor: Int32 = -1

    package init(path: String = "/dev/watchdog", calls: Calls) {
        self.path = path
        self.calls = calls
    }

    deinit {
        if descriptor >= 0 { calls.close(descriptor) }
    }

    package var isOpen: Bool {
        descriptor >= 0
    }

    /// Arms it and returns the time it leaves between two feedings: another one than `timeout`, in whole seconds, where
    /// the hardware cannot do that, and nil where it does not tell.
    package mutating func open(timeout: Duration) throws(DeviceError) -> Duration? {
        if descriptor < 0 {
            let opened = repeating { calls.open(path) }
            guard opened >= 0 else { throw DeviceError("open", device: path, errno: -opened) }
            descriptor = opened
        }
        let wanted = Int32(clamping: max(1, timeout.components.seconds))
        var seconds = wanted
        let status = repeating {
            seconds = wanted
            return calls.setTimeout(descriptor, &seconds)
        }
        if status >= 0 { return .seconds(Int64(max(1, seconds))) }
        try lose("WDIOC_SETTIMEOUT", ifGone: status)
        // A fixed timeout, or one too long for it: then its own counts.
        let asked = repeating { calls.timeout(descriptor, &seconds) }
        if asked >= 0 { return .seconds(Int64(max(1, seconds))) }
        try lose("WDIOC_GETTIMEOUT", ifGone: asked)
        return nil
    }

    /// To be called more often than the timeout says.
    package mutating func feed() throws(DeviceError) {
        guard descriptor >= 0 else {
            throw DeviceError("WDIOC_KEEPALIVE", device: path, detail: "it is not open", severity: .absent)
        }
        var status = repeating { calls.keepAlive(descriptor) }
        // Drivers without that request take any byte but `V` for one.
        if status == -ENOTTY || status == -EOPNOTSUPP { status = repeating { calls.write(descriptor, 0) } }
        guard status < 0 else { return }
        try lose("WDIOC_KEEPALIVE", ifGone: status)
        throw DeviceError("WDIOC_KEEPALIVE", device: path, errno: -status)
    }

    /// Disarms it by the magic `V`, and lets it go. Kernels set to `nowayout` keep it armed all the same.
    package mutating func close() throws(DeviceError) {
        guard descriptor >= 0 else { return }
        let status = repeating { calls.write(descriptor, UInt8(ascii: "V")) }
        calls.close(descriptor)
        descriptor = -1
        guard status >= 0 else { throw DeviceError("magic close", device: path, errno: -status) }
    }

    private mutating func lose(_ operation: String, ifGone status: Int32) throws(DeviceError) {
        guard status == -ENODEV || status == -ENXIO else { return }
        calls.close(descriptor)
        descriptor = -1
        throw DeviceError(operation, device: path, errno: -status)
    }

    /// A signal may come between; more than a few in a row are no accident.
    private func repeating(_ call: () -> Int32) -> Int32 {
        for _ in 0..<3 {
            let status = call()
            if status != -EINTR { return status }
        }
        return call()
    }
}

extension Watchdog<KernelWatchdogCalls> {
    package init(path: String = "/dev/watchdog") {
        self.init(path: path, calls: KernelWatchdogCalls())
    }
}
