import Basis
import Devices
import InputDevices

/// The input devices of a scripted kernel with their sysfs. Any call can be made to fail; what is open is counted.
final class FakeInput: InputCalls {
    enum Call: String, CaseIterable, Sendable {
        case contents, open, grab, clock, keyBits, readEvents, descriptor, name, readReport, writeReport
    }

    struct Device {
        var realPath: String
        /// Key codes; for evdev nodes.
        var keys: [UInt16] = []
        /// For hidraw nodes.
        var descriptor: [UInt8] = []
        var name = ""
        var bus: UInt16 = 3
        var vendor: UInt16 = 0x0B0E
        var product: UInt16 = 0x0412
        /// What the next reads give.
        var events: [[InputEvent]] = []
        var reports: [[UInt8]] = []
        var written: [[UInt8]] = []
        /// Each node that is plugged in anew is another device, however it is called.
        var generation = 0
    }

    /// By name: `event0`, `hidraw0`.
    var devices: [String: Device] = [:]
    private(set) var open: [Int32: (name: String, generation: Int, isGrabbed: Bool)] = [:]
    private(set) var opens = 0
    private(set) var calls: [Call: Int] = [:]
    private var generation = 0
    private var nextDescriptor: Int32 = 10
    private var failures: [Call: (at: Int, errno: Int32)] = [:]

    /// The errno that the n-th call of a kind, counted from now, gives; 0 stands for every call until it is taken away.
    func fail(_ call: Call, at number: Int = 1, errno: Int32) {
        failures[call] = (number == 0 ? 0 : calls[call, default: 0] + number, errno)
    }

    func heal() { failures = [:] }

    func plug(_ name: String, _ device: Device) {
        generation += 1
        devices[name] = device
        devices[name]?.generation = generation
    }

    func unplug(_ name: String) { devices[name] = nil }

    func isOpen(_ name: String) -> Bool { open.values.contains { $0.name == name } }

    /// The reports written to the device since the last time.
    func taken(_ name: String) -> [[UInt8]] {
        defer { devices[name]?.written = [] }
        return devices[name]?.written ?? []
    }

    private func enter(_ call: Call) throws(DeviceError) {
        calls[call, default: 0] += 1
        guard let failure = failures[call], failure.at == 0 || failure.at == calls[call] else { return }
        throw DeviceError(call.rawValue, device: "fake", errno: failure.errno)
    }

    private func device(_ node: InputNode) throws(DeviceError) -> (String, Device) {
        guard let entry = open[node.descriptor] else { throw DeviceError("use", device: node.path, errno: 9) }
        guard let device = devices[entry.name], device.generation == entry.generation else {
            throw DeviceError("use", device: node.path, errno: 19)
        }
        return (entry.name, device)
    }

    func names(inDirectory path: String) -> [String] {
        switch path {
        case "/dev/input": devices.keys.filter { $0.hasPrefix("event") }.sorted() + ["mice", "by-id"]
        case "/sys/class/hidraw": devices.keys.filter { $0.hasPrefix("hidraw") }.sorted()
        default: []
        }
    }

    func realPath(_ path: String) -> String? {
        guard let name = path.split(separator: "/").last else { return nil }
        return devices[String(name)]?.realPath
    }

    func contents(ofFile path: String) throws(DeviceError) -> [UInt8] {
        try enter(.contents)
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 4, let device = devices[parts[3]] else {
            throw DeviceError("open", device: path, errno: 2)
        }
        switch parts.last {
        case "report_descriptor": return device.descriptor
        case "name": return Array("\(device.name)\n".utf8)
        case "bustype": return Array("\(String(device.bus, radix: 16))\n".utf8)
        case "vendor": return Array("\(String(device.vendor, radix: 16))\n".utf8)
        case "product": return Array("\(String(device.product, radix: 16))\n".utf8)
        default: return []
        }
    }

    func open(_ path: String, isWritable: Bool) throws(DeviceError) -> InputNode {
        try enter(.open)
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard let device = devices[name] else { throw DeviceError("open", device: path, errno: 2) }
        nextDescriptor += 1
        opens += 1
        open[nextDescriptor] = (name, device.generation, false)
        return InputNode(descriptor: nextDescriptor, path: path)
    }

    func close(_ node: InputNode) {
        open[node.descriptor] = nil
    }

    func grab(_ node: InputNode) throws(DeviceError) {
        try enter(.grab)
        _ = try device(node)
        open[node.descriptor]?.isGrabbed = true
    }

    func useMonotonicClock(_ node: InputNode) throws(DeviceError) {
        try enter(.clock)
        _ = try device(node)
    }

    func keyBits(_ node: InputNode) throws(DeviceError) -> [UInt8] {
        try enter(.keyBits)
        var bits = [UInt8](repeating: 0, count: 96)
        for code in try device(node).1.keys { bits[Int(code >> 3)] |= 1 << UInt8(code & 7) }
        return bits
    }

    func readEvents(_ node: InputNode) throws(DeviceError) -> [InputEvent] {
        try enter(.readEvents)
        let (name, device) = try device(node)
        return device.events.isEmpty ? [] : (devices[name]?.events.removeFirst() ?? [])
    }

    func reportDescriptor(_ node: InputNode) throws(DeviceError) -> [UInt8] {
        try enter(.descriptor)
        return try device(node).1.descriptor
    }

    func hidName(_ node: InputNode) throws(DeviceError) -> String {
        try enter(.name)
        return try device(node).1.name
    }

    func readReport(_ node: InputNode) throws(DeviceError) -> [UInt8]? {
        try enter(.readReport)
        let (name, device) = try device(node)
        return device.reports.isEmpty ? nil : devices[name]?.reports.removeFirst()
    }

    func writeReport(_ report: [UInt8], to node: InputNode) throws(DeviceError) {
        try enter(.writeReport)
        let (name, _) = try device(node)
        devices[name]?.written.append(report)
    }

    // Devices as they sit on a board.

    private static let hub = "/sys/devices/pci0000:00/0000:00:14.0/usb1"

    static func keypad(_ port: String = "1-3") -> Device {
        Device(
            realPath: "\(hub)/\(port)/\(port):1.0/0003:04D9:A0F8.0001/input/input5/event0",
            keys: [1, 28, 79, 80, 113, 59], name: "Keypad", vendor: 0x04D9, product: 0xA0F8)
    }

    /// The evdev node of the speakerphone's consumer interface.
    static func phoneKeys(_ port: String = "1-1.2") -> Device {
        Device(
            realPath: "\(hub)/\(port)/\(port):1.3/0003:0B0E:0412.0007/input/input7/event1", keys: [113, 114, 115, 248],
            name: "Puck Consumer Control")
    }

    /// Hook, relative mute, drop; off-hook and mute lamps; report 2.
    static func phone(_ port: String = "1-1.2") -> Device {
        Device(
            realPath: "\(hub)/\(port)/\(port):1.3/0003:0B0E:0412.0007/hidraw/hidraw0",
            descriptor: [
                0x05, 0x0B, 0x09, 0x05, 0xA1, 0x01, 0x85, 0x02, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x01,
                0x09, 0x20, 0x81, 0x22, 0x09, 0x2F, 0x81, 0x06, 0x95, 0x06, 0x81, 0x01,
                0x05, 0x08, 0x95, 0x02, 0x09, 0x17, 0x09, 0x09, 0x91, 0x22, 0x95, 0x06, 0x91, 0x01, 0xC0,
            ], name: "Puck")
    }

    /// The same device's other HID interface: volume and the consumer page's mute.
    static func phoneVolume(_ port: String = "1-1.2") -> Device {
        Device(
            realPath: "\(hub)/\(port)/\(port):1.4/0003:0B0E:0412.0008/hidraw/hidraw1",
            descriptor: [
                0x05, 0x0C, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x25, 0x01, 0x09, 0xE9, 0x09, 0xEA, 0x09, 0xE2, 0x75,
                0x01, 0x95, 0x03, 0x81, 0x02, 0x95, 0x05, 0x81, 0x01, 0xC0,
            ], name: "Puck Volume")
    }
}
