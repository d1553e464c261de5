internal import Devices

/// Finds video nodes and what sysfs tells of them (Documentation/ABI/stable/sysfs-class-video4linux… of the kernel).
struct CameraFinder<Calls: VideoDeviceCalls> {
    private static var folder: String { "/sys/class/video4linux" }
    /// A USB interface lies directly under its device; hubs of the video card's own are one or two above.
    private static var mostParents: Int { 4 }

    let calls: Calls

    /// All video nodes, in the order of their numbers.
    func nodes() -> [DeviceFacts] {
        let numbers = calls.names(inDirectory: Self.folder).compactMap { name in
            name.hasPrefix("video") ? UInt32(name.dropFirst(5)) : nil
        }
        return numbers.sorted().map(facts)
    }

    /// The nodes to be tried: those that `identities` mean, in that order, then all others.
    func nodes(orderedBy identities: [DeviceIdentity]) -> [DeviceFacts] {
        var left = nodes()
        var ordered: [DeviceFacts] = []
        for identity in identities.map(resolved) {
            ordered += left.filter(identity.matches)
            left.removeAll(where: identity.matches)
        }
        return ordered + left
    }

    /// A path may be one of udev's links, as in /dev/v4l/by-id.
    private func resolved(_ identity: DeviceIdentity) -> DeviceIdentity {
        guard case .path(let path) = identity, let target = calls.resolvedPath(path) else { return identity }
        return .path(target)
    }

    private func facts(number: UInt32) -> DeviceFacts {
        let entry = "\(Self.folder)/video\(number)"
        var facts = DeviceFacts(node: "/dev/video\(number)", name: calls.line(ofFile: "\(entry)/name") ?? "")
        guard var device = calls.resolvedPath("\(entry)/device") else { return facts }
        for _ in 0..<Self.mostParents {
            if let vendor = hexadecimal("\(device)/idVendor"), let product = hexadecimal("\(device)/idProduct") {
                facts.vendor = vendor
                facts.product = product
                facts.serial = calls.line(ofFile: "\(device)/serial")
                // The folder is named after the bus and the chain of ports.
                facts.port = device.split(separator: "/").last.map(String.init)
                break
            }
            guard let slash = device.lastIndex(of: "/"), slash != device.startIndex else { break }
            device = String(device[..<slash])
        }
        return facts
    }

    private func hexadecimal(_ path: String) -> UInt16? {
        calls.line(ofFile: path).flatMap { UInt16($0, radix: 16) }
    }
}
