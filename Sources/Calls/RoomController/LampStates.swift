package import Basis
internal import Devices
package import Room

/// The lamps as the interface tells them.
package struct LampStates: Equatable, Sendable {
    /// The lamp of the box.
    package var status: Lamp
    /// Beside the mute button.
    package var mute: Lamp
    /// Beside the camera button.
    package var camera: Lamp
    /// Beside the hand button.
    package var hand: Lamp
    /// In the order of the meetings.
    package var joins: [Lamp]

    /// An object from a button's name, or `status`, to an object with `colour` and `pattern`.
    package var json: JSONValue {
        func member(_ name: String, _ lamp: Lamp) -> JSONMember {
            JSONMember(
                name, ["colour": .string(lamp.colour.rawValue), "pattern": .string(lamp.pattern.name)])
        }
        let own: [(ButtonRole, Lamp)] = [(.mute, mute), (.camera, camera), (.hand, hand), (.hangUp, .off)]
        return .object(
            [member("status", status)] + own.map { member($0.0.name, $0.1) }
                + joins.enumerated().map { member(ButtonRole.join(room: $0.offset).name, $0.element) })
    }
}
