package import Devices

/// What one direction of a card can do, for people.
package struct SoundAbility: Equatable, Sendable {
    package var device: Int
    /// Nil while another program, such as the running appliance, holds the device.
    package var abilities: PCMAbilities?
}

/// A card with what it can do, for `devices list`.
package struct SoundCardReport: Equatable, Sendable {
    package var card: SoundCard
    package var capture: [SoundAbility]
    package var playback: [SoundAbility]
    /// Whether the card is known to cancel its own echo.
    package var cancelsEcho: Bool
}

/// The sound cards that the kernel shows, by sysfs and procfs.
package enum SoundInventory {
    private static let sysfs = "/sys/class/sound"

    /// The names below `/sys/class/sound`: they change when a card comes or goes.
    package static func nodes<Calls: SoundCalls>(_ calls: Calls) -> [String] {
        calls.entries(of: sysfs)
    }

    /// Every card, in the kernel's order.
    package static func scan<Calls: SoundCalls>(_ calls: Calls) -> [SoundCard] {
        let nodes = nodes(calls)
        var cards: [SoundCard] = []
        for node in nodes {
            guard node.hasPrefix("card"), let number = Int(node.dropFirst(4)), (0..<1_024).contains(number) else {
                continue
            }
            cards.append(card(number, nodes: nodes, calls))
        }
        return cards.sorted { $0.number < $1.number }
    }

    /// Asks each device what it can do. Opens those that nobody else holds.
    package static func report<Calls: SoundCalls>(
        _ calls: Calls, cancelling: [DeviceIdentity] = []
    ) -> [SoundCardReport] {
        scan(calls).map { card in
            SoundCardReport(
                card: card, capture: abilities(of: card, .capture, calls),
                playback: abilities(of: card, .playback, calls),
                cancelsEcho: !card.captureDevices.isEmpty && !card.playbackDevices.isEmpty
                    && SpeakerphoneTable.cancelsEcho(card.facts, others: cancelling))
        }
    }

    private static func abilities<Calls: SoundCalls>(
        of card: SoundCard, _ direction: SoundDirection, _ calls: Calls
    ) -> [SoundAbility] {
        card.devices(direction).map { device in
            let handle = calls.open(SoundPlace(card: card, device: device).name, direction)
            guard handle > 0 else { return SoundAbility(device: device, abilities: nil) }
            defer { calls.close(handle) }
            var abilities = PCMAbilities(formats: [], rates: [], channels: 0...0)
            return SoundAbility(
                device: device, abilities: calls.abilities(handle, into: &abilities) >= 0 ? abilities : nil)
        }
    }

    private static func card<Calls: SoundCalls>(_ number: Int, nodes: [String], _ calls: Calls) -> SoundCard {
        let path = "\(sysfs)/card\(number)"
        let id = calls.text(of: "\(path)/id") ?? ""
        var facts = DeviceFacts(node: "hw:\(number)", name: name(ofCard: number, calls) ?? id)
        // A USB sound card hangs below an interface, whose parent is the device.
        if let vendor = calls.text(of: "\(path)/device/../idVendor").flatMap({ UInt16($0, radix: 16) }),
            let product = calls.text(of: "\(path)/device/../idProduct").flatMap({ UInt16($0, radix: 16) })
        {
            facts.vendor = vendor
            facts.product = product
            facts.serial = calls.text(of: "\(path)/device/../serial").flatMap { $0.isEmpty ? nil : $0 }
            // `…/1-1.2:1.0`: bus and ports, then configuration and interface.
            facts.port = calls.target(ofLink: "\(path)/device").flatMap { link in
                link.split(separator: "/").last.map { String($0.prefix { $0 != ":" }) }
            }
        }
        return SoundCard(
            number: number, id: id, facts: facts, playbackDevices: devices(ofCard: number, suffix: "p", nodes),
            captureDevices: devices(ofCard: number, suffix: "c", nodes))
    }

    /// `pcmC0D3p`: card 0, device 3, playback.
    private static func devices(ofCard number: Int, suffix: Character, _ nodes: [String]) -> [Int] {
        let prefix = "pcmC\(number)D"
        return nodes.compactMap { node in
            guard node.hasPrefix(prefix), node.last == suffix else { return nil }
            return Int(node.dropFirst(prefix.count).dropLast())
        }.sorted()
    }

    /// The card's line in `/proc/asound/cards`, ` 1 [USB            ]: USB-Audio - Jabra SPEAK 510 USB`: its last part.
    private static func name<Calls: SoundCalls>(ofCard number: Int, _ calls: Calls) -> String? {
        guard let text = calls.text(of: "/proc/asound/cards") else { return nil }
        for line in text.split(separator: "\n") {
            guard let bracket = line.firstIndex(of: "["), Int(line[..<bracket].filter { $0 != " " }) == number,
                let close = line.firstIndex(of: "]")
            else { continue }
            // After the bracket: `: driver - name`; drivers such as USB-Audio hold a dash themselves.
            let rest = line[line.index(after: close)...]
            var position = rest.startIndex
            while position < rest.endIndex {
                if rest[position...].hasPrefix(" - ") { return String(rest[position...].dropFirst(3)) }
                position = rest.index(after: position)
            }
            return nil
        }
        return nil
    }
}
