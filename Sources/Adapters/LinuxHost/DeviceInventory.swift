/// A device as the kernel's sysfs shows it.
package struct InventoryEntry: Equatable, Sendable {
    /// `display`, `camera`, `sound`, `gpio` or `led`.
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
        return found
    }

    private static func line(_ path: String) -> String {
        guard let text = try? TextFile.read(path, limit: 4_096) else { return "" }
        return String(text.prefix { !$0.isNewline })
    }
}
