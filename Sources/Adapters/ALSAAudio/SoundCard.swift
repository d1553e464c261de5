package import Devices

/// A sound card as the kernel shows it.
package struct SoundCard: Equatable, Sendable {
    /// The kernel's number, for `hw:`; another after each plugging.
    package var number: Int
    /// The kernel's short name, stable while the same cards are plugged in, for instance `USB` or `PCH`.
    package var id: String
    package var facts: DeviceFacts
    /// PCM devices of the card.
    package var playbackDevices: [Int]
    package var captureDevices: [Int]

    package init(number: Int, id: String, facts: DeviceFacts, playbackDevices: [Int], captureDevices: [Int]) {
        self.number = number
        self.id = id
        self.facts = facts
        self.playbackDevices = playbackDevices
        self.captureDevices = captureDevices
    }

    package var isUSB: Bool { facts.vendor != nil }

    package func devices(_ direction: SoundDirection) -> [Int] {
        direction == .capture ? captureDevices : playbackDevices
    }
}

/// One PCM device of a card.
package struct SoundPlace: Equatable, Sendable {
    package var card: SoundCard
    package var device: Int

    package init(card: SoundCard, device: Int) {
        self.card = card
        self.device = device
    }

    /// What libasound opens without any plug-in.
    package var name: String { "hw:\(card.number),\(device)" }
}

extension SoundPlace {
    /// The places to try, the best first: those that `preferred` names, in its order; then USB cards that both hear and
    /// speak; then USB cards; then the others.
    package static func candidates(
        _ cards: [SoundCard], _ direction: SoundDirection, preferred: [DeviceIdentity]
    ) -> [SoundPlace] {
        var places: [SoundPlace] = []
        func add(_ card: SoundCard, device: Int?) {
            let devices = card.devices(direction)
            guard let device = device ?? devices.first, devices.contains(device) else { return }
            let place = SoundPlace(card: card, device: device)
            if !places.contains(place) { places.append(place) }
        }
        for identity in preferred {
            if case .path(let path) = identity {
                guard let (card, device) = parse(path, cards) else { continue }
                add(card, device: device)
            } else {
                for card in cards where identity.matches(card.facts) { add(card, device: nil) }
            }
        }
        let isBoth = { (card: SoundCard) in !card.playbackDevices.isEmpty && !card.captureDevices.isEmpty }
        for card in cards where card.isUSB && isBoth(card) { add(card, device: nil) }
        for card in cards where card.isUSB { add(card, device: nil) }
        for card in cards { add(card, device: nil) }
        return places
    }

    /// `hw:1`, `hw:1,0`, `hw:Loopback,1`.
    private static func parse(_ path: String, _ cards: [SoundCard]) -> (SoundCard, Int?)? {
        guard path.hasPrefix("hw:") else { return nil }
        let parts = path.dropFirst(3).split(separator: ",", omittingEmptySubsequences: false)
        guard let name = parts.first, parts.count <= 2,
            let card = cards.first(where: { String($0.number) == name || $0.id == name })
        else { return nil }
        guard parts.count == 2 else { return (card, nil) }
        guard let device = Int(parts[1]) else { return nil }
        return (card, device)
    }
}
