internal import Basis
internal import CInput
package import Devices
internal import Glibc
internal import HostFiles

/// The kernel's evdev and hidraw devices.
package struct KernelInput: InputCalls, Sendable {
    package init() {}

    package func names(inDirectory path: String) -> [String] { Folder.entries(path) }

    package func realPath(_ path: String) -> String? { Folder.resolved(path) }

    package func contents(ofFile path: String) throws(DeviceError) -> [UInt8] {
        try ByteReader.read(path, limit: 4_096)
    }

    package func open(_ path: String, isWritable: Bool) throws(DeviceError) -> InputNode {
        let descriptor = vs_input_open(path, isWritable ? 1 : 0)
        guard descriptor >= 0 else { throw DeviceError("open", device: path, errno: 0 &- descriptor) }
        return InputNode(descriptor: descriptor, path: path)
    }

    package func close(_ node: InputNode) {
        _ = Glibc.close(node.descriptor)
    }

    package func grab(_ node: InputNode) throws(DeviceError) {
        try check(vs_input_grab(node.descriptor), "grab", node)
    }

    package func useMonotonicClock(_ node: InputNode) throws(DeviceError) {
        try check(vs_input_use_monotonic_clock(node.descriptor), "set the clock", node)
    }

    package func keyBits(_ node: InputNode) throws(DeviceError) -> [UInt8] {
        // KEY_MAX is 0x2FF.
        var bits = [UInt8](repeating: 0, count: 96)
        let count = try check(vs_input_keys(node.descriptor, &bits, bits.count), "ask for keys", node)
        return Array(bits.prefix(Int(count)))
    }

    package func readEvents(_ node: InputNode) throws(DeviceError) -> [InputEvent] {
        var raw = [vs_input_event](repeating: vs_input_event(), count: 16)
        let result = vs_input_read(node.descriptor, &raw, Int32(raw.count))
        if result == -EAGAIN { return [] }
        let count = try check(result, "read", node)
        // The end of a device's events is the end of the device.
        guard count > 0 else { throw DeviceError("read", device: node.path, errno: ENODEV) }
        return raw.prefix(Int(count)).compactMap { event in
            switch event.type {
            case vs_input_type_key:
                let instant = MonotonicInstant(nanoseconds: event.nanoseconds)
                return .key(code: event.code, value: event.value, instant: instant)
            case vs_input_type_synchronisation where event.code == vs_input_code_dropped: return .dropped
            default: return nil
            }
        }
    }

    package func reportDescriptor(_ node: InputNode) throws(DeviceError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let result = vs_hidraw_report_descriptor(node.descriptor, &bytes, bytes.count)
        let count = try check(result, "ask for the report descriptor", node)
        return Array(bytes.prefix(Int(count)))
    }

    package func hidName(_ node: InputNode) throws(DeviceError) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let result = text.withUnsafeMutableBytes { buffer in
            vs_hidraw_name(node.descriptor, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        try check(result, "ask for the name", node)
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    package func readReport(_ node: InputNode) throws(DeviceError) -> [UInt8]? {
        // HID_MAX_BUFFER_SIZE is 16 KiB; telephones need ten bytes.
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = read(node.descriptor, &bytes, bytes.count)
        if count < 0 {
            if errno == EAGAIN { return nil }
            throw DeviceError("read", device: node.path, errno: errno)
        }
        guard count > 0 else { throw DeviceError("read", device: node.path, errno: ENODEV) }
        return Array(bytes.prefix(count))
    }

    package func writeReport(_ report: [UInt8], to node: InputNode) throws(DeviceError) {
        let count = write(node.descriptor, report, report.count)
        guard count >= 0 else { throw DeviceError("write", device: node.path, errno: errno) }
    }

    @discardableResult
    private func check(_ result: Int32, _ operation: String, _ node: InputNode) throws(DeviceError) -> Int32 {
        guard result >= 0 else { throw DeviceError(operation, device: node.path, errno: 0 &- result) }
        return result
    }
}
