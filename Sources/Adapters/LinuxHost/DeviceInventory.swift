internal import HostFiles

/// A device as the kernel's sysfs shows it.
package struct InventoryEntry: Equatable, Sendable {
    /// `display`, `camera`, `sound`, `gpio`, `led`, `keys`, `telephone` or `cec`.
    package let kind: String
    /// The node, for instance `/dev/video0`.
    package let node: String
    /// The kernel's name for it; empty where it has none.
    package let name: String
}

/// What sysfs knows of displays, cameras, sound cards, GPIO chips and lamps.
package enum DeviceInventory {
    /// - Parameter root: where sysfs is mounted; another folder in tests.
    package static func scan(root: String = "/sys") -> [InventoryEntry] {
        var found: [InventoryEntry] = []
        for connector in Folder.entries("\(root)/class/drm") where connector.contains("-") {
            let status = line("\(root)/class/drm/\(connector)/status")
            found.append(InventoryEntry(kind: "display", node: connector, name: status))
        }
        for video in Folder.entries("\(root)/class/video4linux") {
            found.append(
                InventoryEntry(
                    kind: "camera", node: "/dev/\(video)", name: line("\(root)/class/video4linux/\(video)/name")))
        }
        for card in Folder.entries("\(root)/class/sound") where card.hasPrefix("card") {
            found.append(InventoryEntry(kind: "sound", node: card, name: line("\(root)/class/sound/\(card)/id")))
        }
        for chip in Folder.entries("\(root)/bus/gpio/devices") {
            found.append(
                InventoryEntry(kind: "gpio", node: "/dev/\(chip)", name: line("\(root)/bus/gpio/devices/\(chip)/label"))
            )
        }
        for lamp in Folder.entries("\(root)/class/leds") {
            found.append(InventoryEntry(kind: "led", node: "\(root)/class/leds/\(lamp)", name: lamp))
        }
        for input in Folder.entries("\(root)/class/input") where input.hasPrefix("event") {
            found.append(
                InventoryEntry(
                    kind: "keys", node: "/dev/input/\(input)", name: line("\(root)/class/input/\(input)/device/name")))
        }
        for node in Folder.entries("\(root)/class/hidraw") {
            found.append(
                InventoryEntry(
                    kind: "telephone", node: "/dev/\(node)",
                    name: value("HID_NAME", in: "\(root)/class/hidraw/\(node)/device/uevent")))
        }
        for node in Folder.entries("\(root)/class/cec") {
            found.append(InventoryEntry(kind: "cec", node: "/dev/\(node)", name: ""))
        }
        return found
    }

    private static func value(_ name: String, in path: String) -> String {
        guard let text = try? TextFile.read(path, limit: 4_096) else { return "" }
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name)=") }
        return line.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }

    private static func line(_ path: String) -> String {
        guard let text = try? TextFile.read(path, limit: 4_096) else { return "" }
        return String(text.prefix { !$0.isNewline })
    }
}
