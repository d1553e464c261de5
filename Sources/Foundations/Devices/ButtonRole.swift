/// What a button is for, from the wire, key or page that it is pressed on to the machine that decides: the one place where
/// the names of the configuration, the interface and the panel's page (`join-1`, `mute`, `hang-up` …) are spelt.
package enum ButtonRole: Hashable, Sendable {
    /// Joins the configured meeting number `room`, from 0; its name counts from 1.
    case join(room: Int)
    case mute
    case hangUp
    case camera
    case hand
    /// Another arrangement of the pictures; held, another page.
    case layout
    /// Joins the chosen meeting.
    case ok
    /// Chooses the previous and the next meeting: a remote control has no button for each.
    case up, down
    /// Arrows of a remote control: in a call they move the camera from preset to preset, outside they choose a meeting.
    case left, right
    case volumeUp, volumeDown
    /// Turns the camera to its preset number `index`, from 0; its name counts from 1.
    case preset(index: Int)

    /// The role called `name`; nil for a name that no button has.
    package init?(name: String) {
        if let known = Self.plain.first(where: { $0.name == name }) {
            self = known
        } else if let number = Self.number(in: name, after: Self.joinPrefix) {
            self = .join(room: number - 1)
        } else if let number = Self.number(in: name, after: Self.presetPrefix) {
            self = .preset(index: number - 1)
        } else {
            return nil
        }
    }

    /// As configurations and programs write it.
    package var name: String {
        switch self {
        case .join(let room): Self.joinPrefix + "\(room + 1)"
        case .mute: "mute"
        case .hangUp: "hang-up"
        case .camera: "camera"
        case .hand: "hand"
        case .layout: "layout"
        case .ok: "ok"
        case .up: "up"
        case .down: "down"
        case .left: "left"
        case .right: "right"
        case .volumeUp: "volume-up"
        case .volumeDown: "volume-down"
        case .preset(let index): Self.presetPrefix + "\(index + 1)"
        }
    }

    /// The roles without a number.
    package static let plain: [ButtonRole] = [
        .mute, .hangUp, .camera, .hand, .layout, .ok, .up, .down, .left, .right, .volumeUp, .volumeDown,
    ]

    private static let joinPrefix = "join-"
    private static let presetPrefix = "preset-"

    /// The number at the end of `name`, 1 and more, written as `name` writes it: "01" and "+1" are none.
    private static func number(in name: String, after prefix: String) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard let number = Int(digits), number > 0, "\(number)" == digits else { return nil }
        return number
    }
}

extension ButtonRole: CustomStringConvertible {
    package var description: String { name }
}

/// How long a button was held.
package enum ButtonPress: String, CaseIterable, Equatable, Sendable {
    /// At most 600 ms; told at the release.
    case short
    /// 1.2 s and more; told while the button is still held.
    case long
    /// 10 s, the reset: outside of calls the appliance starts anew.
    case veryLong
}

/// Where a lamp sits: on the box, or beside a button.
package enum LampRole: Hashable, Sendable {
    /// The lamp that shows the state of the room.
    case room
    case button(ButtonRole)

    /// The role called `name`: `room`, or that of a button; nil for others.
    package init?(name: String) {
        if name == Self.roomName {
            self = .room
        } else if let button = ButtonRole(name: name) {
            self = .button(button)
        } else {
            return nil
        }
    }

    /// As configurations write it.
    package var name: String {
        switch self {
        case .room: Self.roomName
        case .button(let role): role.name
        }
    }

    private static let roomName = "room"
}

extension LampRole: CustomStringConvertible {
    package var description: String { name }
}
