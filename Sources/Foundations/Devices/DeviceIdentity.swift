/// How a person names a device so that it is found again after every start, whatever number the kernel gives it.
///
/// Written as `usb:046d:0825`, `usb:046d:0825:SERIAL`, `port:1-1.2` (the USB path), `name:TEXT` (part of the kernel's or
/// the card's name, any case) or `path:/dev/…`.
package enum DeviceIdentity: Equatable, Sendable, CustomStringConvertible {
    case usb(vendor: UInt16, product: UInt16, serial: String?)
    case port(String)
    case name(String)
    case path(String)

    /// Nil when `text` is none of the forms.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[text.index(after: colon)...])
        guard !rest.isEmpty else { return nil }
        switch text[..<colon] {
        case "usb":
            let parts = rest.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, parts[0].count == 4, parts[1].count == 4, let vendor = UInt16(parts[0], radix: 16),
                let product = UInt16(parts[1], radix: 16), parts.count == 2 || !parts[2].isEmpty
            else { return nil }
            self = .usb(vendor: vendor, product: product, serial: parts.count == 3 ? String(parts[2]) : nil)
        case "port": self = .port(rest)
        case "name": self = .name(rest)
        case "path": self = .path(rest)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .usb(let vendor, let product, let serial):
            "usb:\(Self.hexadecimal(vendor)):\(Self.hexadecimal(product))" + (serial.map { ":\($0)" } ?? "")
        case .port(let port): "port:\(port)"
        case .name(let name): "name:\(name)"
        case .path(let path): "path:\(path)"
        }
    }

    private static func hexadecimal(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Whether the device that `facts` describes is the one meant.
    package func matches(_ facts: DeviceFacts) -> Bool {
        switch self {
        case .usb(let vendor, let product, let serial):
            facts.vendor == vendor && facts.product == product && (serial == nil || serial == facts.serial)
        case .port(let port): facts.port == port
        case .name(let name): facts.name.lowercased().contains(name.lowercased())
        case .path(let path): facts.node == path
        }
    }
}

/// What sysfs tells of a device that can be chosen by identity.
package struct DeviceFacts: Equatable, Sendable {
    /// For instance `/dev/video0` or `hw:1`.
    package var node: String
    /// The kernel's or the card's name, as it writes it.
    package var name: String
    /// USB ids; nil for devices of another bus.
    package var vendor: UInt16?
    /// The USB product id; nil for devices of another bus.
    package var product: UInt16?
    /// The USB serial number; nil where the device has none.
    package var serial: String?
    /// The USB path, for instance `1-1.2`.
    package var port: String?

    package init(
        node: String, name: String, vendor: UInt16? = nil, product: UInt16? = nil, serial: String? = nil,
        port: String? = nil
    ) {
        self.node = node
        self.name = name
        self.vendor = vendor
        self.product = product
        self.serial = serial
        self.port = port
    }

    /// The strongest identity of this device, to be written into a configuration.
    package var identity: DeviceIdentity {
        if let vendor, let product { return .usb(vendor: vendor, product: product, serial: serial) }
        return name.isEmpty ? .path(node) : .name(name)
    }
}
