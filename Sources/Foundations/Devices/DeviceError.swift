/// A device, or the file that stands for one, failed.
package struct DeviceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Whether trying again can help.
    package enum Severity: String, Sendable {
        /// Trying again soon may succeed.
        case transient
        /// The device is not there; it may be plugged in later.
        case absent
        /// Nothing changes until somebody changes the set-up.
        case permanent
    }

    /// What was attempted, for instance `open` or `capture`.
    package let operation: String
    /// The device or file, as the set-up names it.
    package let device: String
    /// The kernel's error number; 0 when the kernel had no part in it.
    package let errno: Int32
    /// The circumstances in one English sentence; empty when the error number says it all.
    package let detail: String
    /// Whether trying again can help.
    package let severity: Severity

    package init(_ operation: String, device: String, errno: Int32 = 0, detail: String = "", severity: Severity) {
        self.operation = operation
        self.device = device
        self.errno = errno
        self.detail = detail
        self.severity = severity
    }

    /// An error of the kernel, its severity derived from the number.
    package init(_ operation: String, device: String, errno: Int32, detail: String = "") {
        self.init(
            operation, device: device, errno: errno, detail: detail, severity: Self.severity(ofErrno: errno))
    }

    /// Numbers of Linux' asm-generic/errno-base.h and errno.h.
    private static func severity(ofErrno number: Int32) -> Severity {
        switch number {
        case 2, 6, 19: .absent  // ENOENT, ENXIO, ENODEV: unplugged
        // EINTR, EIO, EAGAIN, ENOMEM, EBUSY, EPIPE, EPROTO, ESTRPIPE, ETIMEDOUT
        case 4, 5, 11, 12, 16, 32, 71, 86, 110: .transient
        default: .permanent
        }
    }

    package var description: String {
        var text = "\(device): \(operation) failed"
        if errno != 0 { text += " (errno \(errno))" }
        if !detail.isEmpty { text += ": \(detail)" }
        return text
    }
}
