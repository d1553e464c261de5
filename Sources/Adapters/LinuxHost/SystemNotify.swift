internal import CLinux
package import Devices
internal import Glibc

/// The system call of `SystemNotify`.
package protocol NotifyCalls: Sendable {
    /// Sends one datagram to a Unix socket, an abstract one when `path` begins with a zero byte; 0 or a negative errno.
    func send(_ bytes: [UInt8], to path: [UInt8]) -> Int32
}

/// The kernel.
package struct KernelNotifyCalls: NotifyCalls {
    package init() {}

    package func send(_ bytes: [UInt8], to path: [UInt8]) -> Int32 {
        vs_linux_send_datagram(path, UInt32(clamping: path.count), bytes, UInt32(clamping: bytes.count))
    }
}

/// Tells the service manager how we are: the protocol of sd_notify(3), one datagram a message.
///
/// Without a service manager every message is a success that does nothing.
package struct SystemNotify<Calls: NotifyCalls>: Sendable {
    /// The address of the manager's socket; nil when nobody listens.
    private let path: [UInt8]?
    private let calls: Calls
    /// How often `watchdog` is expected at least; nil when it is not. Half of it is a good rhythm.
    package let watchdogInterval: Duration?

    /// - Parameters:
    ///   - environment: reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    ///   - process: our own process id.
    package init(environment: (String) -> String?, process: Int32, calls: Calls) {
        self.calls = calls
        let socket = environment("NOTIFY_SOCKET").map { Array($0.utf8) } ?? []
        // sd_notify(3): an absolute path, or `@` for the zero byte of an abstract one.
        switch socket.first {
        case UInt8(ascii: "/"): path = socket
        case UInt8(ascii: "@") where socket.count > 1: path = [0] + socket.dropFirst()
        default: path = nil
        }
        let isOurs = environment("WATCHDOG_PID").map { Int32($0) == process } ?? true
        let microseconds = environment("WATCHDOG_USEC").flatMap(Int64.init) ?? 0
        watchdogInterval = path != nil && isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    package var isListenedTo: Bool {
        path != nil
    }

    /// The start is over.
    package func ready(status: String) throws(DeviceError) {
        try send("READY=1\n" + Self.line(status))
    }

    /// One sentence on what we do at present, for `systemctl status`.
    package func status(_ text: String) throws(DeviceError) {
        try send(Self.line(text))
    }

    /// We are alive.
    package func watchdog() throws(DeviceError) {
        try send("WATCHDOG=1")
    }

    /// The end has begun.
    package func stopping() throws(DeviceError) {
        try send("STOPPING=1")
    }

    /// A line break would begin another assignment.
    private static func line(_ status: String) -> String {
        "STATUS=" + String(status.map { $0.isNewline ? " " : $0 }.prefix(200))
    }

    private func send(_ text: String) throws(DeviceError) {
        guard let path else { return }
        var status: Int32 = 0
        // A signal may come between; more than a few in a row are no accident.
        for _ in 0..<4 {
            status = calls.send(Array(text.utf8), to: path)
            if status != -EINTR { break }
        }
        guard status >= 0 else { throw DeviceError("notify", device: "NOTIFY_SOCKET", errno: -status) }
    }
}

extension SystemNotify<KernelNotifyCalls> {
    /// From this process' environment.
    package init() {
        self.init(
            environment: { name in getenv(name).map { String(cString: $0) } }, process: getpid(),
            calls: KernelNotifyCalls())
    }
}
