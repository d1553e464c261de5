internal import Devices
internal import HID

/// What sysfs tells about which nodes belong to one device.
struct DeviceTree<Calls: InputCalls> {
    let calls: Calls

    /// A hidraw node that has keys of a speakerphone.
    struct Telephone: Equatable {
        /// For instance `hidraw0`.
        let name: String
        let device: String
        let isTelephony: Bool
        let hasPhoneMute: Bool
    }

    /// What all nodes of one physical device have in common: its USB device's folder in sysfs, else its HID device's.
    func device(of realPath: String) -> String? {
        let parts = realPath.split(separator: "/")
        // `1-1.2:1.3` is interface 3 of the device at `1-1.2`; its folder is inside the device's.
        if let interface = parts.firstIndex(where: Self.isUSBInterface), interface > 0 {
            return "/" + parts[..<interface].joined(separator: "/")
        }
        if let hid = parts.firstIndex(where: Self.isHIDDevice) {
            return "/" + parts[...hid].joined(separator: "/")
        }
        return nil
    }

    /// The USB path of the device in `folder`, for instance `1-1.2`.
    static func port(ofDevice folder: String) -> String? {
        guard let last = folder.split(separator: "/").last, last.first?.isNumber == true, last.contains("-") else {
            return nil
        }
        return String(last)
    }

    /// The hidraw nodes whose keys are served by `Speakerphones`: all with keys of a device that is a telephone.
    func telephones() -> [Telephone] {
        var found: [Telephone] = []
        for name in calls.names(inDirectory: "/sys/class/hidraw").prefix(64) where name.hasPrefix("hidraw") {
            guard let path = calls.realPath("/sys/class/hidraw/\(name)"), let device = device(of: path),
                let bytes = try? calls.contents(ofFile: "/sys/class/hidraw/\(name)/device/report_descriptor")
            else { continue }
            let descriptor = ReportDescriptor(bytes)
            guard descriptor.isTelephony || descriptor.hasConsumerKeys else { continue }
            let hasPhoneMute = descriptor.fields.contains { $0.direction == .input && $0.declares(.phoneMute) }
            found.append(
                Telephone(
                    name: name, device: device, isTelephony: descriptor.isTelephony, hasPhoneMute: hasPhoneMute))
        }
        let devices = Set(found.filter(\.isTelephony).map(\.device))
        return found.filter { devices.contains($0.device) }
    }

    /// What identifies the evdev node `name`, and the bus that it is on (BUS_… of linux/input.h).
    func facts(ofInput name: String, device: String?) -> (facts: DeviceFacts, bus: UInt16?) {
        let folder = "/sys/class/input/\(name)/device"
        let serial = line("\(folder)/uniq")
        let facts = DeviceFacts(
            node: "/dev/input/\(name)", name: line("\(folder)/name"), vendor: number("\(folder)/id/vendor"),
            product: number("\(folder)/id/product"), serial: serial.isEmpty ? nil : serial,
            port: device.flatMap(Self.port))
        return (facts, number("\(folder)/id/bustype"))
    }

    private func line(_ path: String) -> String {
        guard let bytes = try? calls.contents(ofFile: path) else { return "" }
        return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    }

    private func number(_ path: String) -> UInt16? {
        UInt16(line(path), radix: 16)
    }

    private static func isUSBInterface(_ part: Substring) -> Bool {
        let halves = part.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0].contains("-") else { return false }
        return part.allSatisfy { $0.isNumber || $0 == "-" || $0 == "." || $0 == ":" }
    }

    /// Bus, vendor, product, instance: `0003:0B0E:0412.0007`.
    private static func isHIDDevice(_ part: Substring) -> Bool {
        let parts = part.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 3 && parts.allSatisfy { $0.count >= 4 && $0.allSatisfy { $0.isHexDigit || $0 == "." } }
    }
}
