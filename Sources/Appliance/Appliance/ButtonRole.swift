internal import Room

/// What a button does, by the name that the configuration, the panel and remote controls give it.
enum ButtonRole: Equatable {
    case room(RoomButton)
    /// Louder (+1) or softer (−1).
    case volume(steps: Int)
    /// The camera's preset, from 0.
    case preset(Int)
    /// Left (−1) and right (+1) of a remote control.
    case arrow(step: Int)
    /// Another arrangement of the pictures, or another page.
    case layout

    /// Nil for a name that no button has.
    init?(_ name: String) {
        switch name {
        case "mute": self = .room(.mute)
        case "hang-up": self = .room(.hangUp)
        case "camera": self = .room(.camera)
        case "hand": self = .room(.hand)
        case "ok": self = .room(.ok)
        case "down": self = .room(.select(step: 1))
        case "up": self = .room(.select(step: -1))
        case "right": self = .arrow(step: 1)
        case "left": self = .arrow(step: -1)
        case "layout": self = .layout
        case "volume-up": self = .volume(steps: 1)
        case "volume-down": self = .volume(steps: -1)
        default:
            if let number = Self.number(name, after: "preset-") {
                self = .preset(number - 1)
            } else if let number = Self.number(name, after: "join-") {
                self = .room(.join(room: number - 1))
            } else {
                return nil
            }
        }
    }

    private static func number(_ name: String, after prefix: String) -> Int? {
        guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)), number > 0 else { return nil }
        return number
    }
}
