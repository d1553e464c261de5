internal import Basis
package import Devices
internal import Synchronization

/// Writes how old each marked picture and each click was when it was seen and heard in this room: lines of what
/// (`picture` or `sound`), when (milliseconds of the monotonic clock) and how old (milliseconds).
package final class LatencyLog: Sendable {
    private struct Output: ~Copyable {
        let file: ByteFile
        var length = 0
        /// What went wrong, once: a measurement that lacks its end is worth nothing.
        var hasFailed = false
    }

    private let output: Mutex<Output>

    /// Makes the file, or empties the one there is.
    package init(path: String) throws(DeviceError) {
        output = Mutex(Output(file: try ByteFile.writing(path)))
    }

    func note(_ what: String, at now: MonotonicInstant, age: Duration) {
        let line = "\(what) \(now.nanoseconds / 1_000_000) \(Double(age.wholeNanoseconds / 10_000) / 100)\n"
        output.withLock { output in
            guard !output.hasFailed else { return }
            let bytes = Array(line.utf8)
            do throws(DeviceError) {
                try output.file.write(bytes.span, at: output.length)
                output.length += bytes.count
            } catch {
                output.hasFailed = true
            }
        }
    }
}
