internal import Basis
internal import CGPIOD
package import Devices
internal import Glibc
internal import HostFiles

/// The kernel's GPIO lines through libgpiod, and its lamps through sysfs.
package final class KernelGPIO: GPIOCalls {
    /// What `gpioinfo` shows as the user of our lines.
    private static let consumer = "visiosalle"

    private var lines: [Int32: UnsafeMutablePointer<vs_gpiod_line>] = [:]
    private var lastLine: Int32 = 0

    package init() {}

    deinit {
        for line in lines.values { vs_gpiod_release(line) }
    }

    package var debouncesInputs: Bool { vs_gpiod_debounces() != 0 }

    package func chipPaths() -> [String] { Folder.nodes("gpiochip", in: "/dev").map { "/dev/gpiochip\($0)" } }

    package func label(ofChip path: String) throws(DeviceError) -> String {
        var text = [UInt8](repeating: 0, count: 64)
        let result = text.withUnsafeMutableBytes { buffer in
            vs_gpiod_label(path, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        try check(result, "open", path)
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    package func offset(ofLine name: String, onChip path: String) throws(DeviceError) -> UInt32 {
        UInt32(clamping: try check(vs_gpiod_find(path, name), "find \(name)", path))
    }

    package func requestInput(
        chip path: String, offset: UInt32, isActiveLow: Bool, bias: LineBias, debounce: Duration
    ) throws(DeviceError) -> Int32 {
        let pull =
            switch bias {
            case .asIs: vs_gpiod_bias_as_is
            case .none: vs_gpiod_bias_none
            case .pullUp: vs_gpiod_bias_pull_up
            case .pullDown: vs_gpiod_bias_pull_down
            }
        let microseconds = UInt(clamping: debounce.wholeNanoseconds / 1_000)
        return try keep(
            vs_gpiod_request_input(path, offset, isActiveLow ? 1 : 0, pull, microseconds, Self.consumer), path, offset)
    }

    package func requestOutput(chip path: String, offset: UInt32, isActiveLow: Bool) throws(DeviceError) -> Int32 {
        try keep(vs_gpiod_request_output(path, offset, isActiveLow ? 1 : 0, Self.consumer), path, offset)
    }

    package func descriptor(ofLine line: Int32) -> Int32 {
        lines[line].map { vs_gpiod_descriptor($0) } ?? -1
    }

    package func value(ofLine line: Int32) throws(DeviceError) -> Bool {
        try check(lines[line].map { vs_gpiod_value($0) } ?? -ENODEV, "read", "GPIO line") != 0
    }

    package func setValue(_ isActive: Bool, ofLine line: Int32) throws(DeviceError) {
        try check(lines[line].map { vs_gpiod_set_value($0, isActive ? 1 : 0) } ?? -ENODEV, "set", "GPIO line")
    }

    package func nextEdge(ofLine line: Int32) throws(DeviceError) -> GPIOEdge? {
        guard let line = lines[line] else { throw DeviceError("read", device: "GPIO line", errno: ENODEV) }
        var event = vs_gpiod_event()
        let result = vs_gpiod_read(line, &event)
        if result == -EAGAIN { return nil }
        try check(result, "read", "GPIO line")
        return GPIOEdge(
            isActive: event.becomes_active != 0, instant: MonotonicInstant(nanoseconds: event.nanoseconds))
    }

    package func release(line: Int32) {
        if let line = lines.removeValue(forKey: line) { vs_gpiod_release(line) }
    }

    package func contents(ofFile path: String) throws(DeviceError) -> String {
        String(decoding: try ByteReader.read(path, limit: 256).prefix { $0 != 0x0A }, as: UTF8.self)
    }

    package func write(_ text: String, toFile path: String) throws(DeviceError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw DeviceError("open", device: path, errno: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw DeviceError("write", device: path, errno: errno)
        }
    }

    private func keep(
        _ line: UnsafeMutablePointer<vs_gpiod_line>?, _ path: String, _ offset: UInt32
    ) throws(DeviceError) -> Int32 {
        guard let line else { throw DeviceError("request", device: "\(path) line \(offset)", errno: errno) }
        lastLine &+= 1
        lines[lastLine] = line
        return lastLine
    }

    @discardableResult
    private func check(_ result: Int32, _ operation: String, _ device: String) throws(DeviceError) -> Int32 {
        guard result >= 0 else { throw DeviceError(operation, device: device, errno: 0 &- result) }
        return result
    }
}
