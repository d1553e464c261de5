package import Basis
package import Devices

package enum PressOutcome: Equatable, Sendable {
    /// The press is on its way to the room, like one of the real button.
    case accepted
    case unknownButton
}

/// A JPEG file of the screen.
package struct PanelPicture: Equatable, Sendable {
    /// Another one for every other picture.
    package let number: Int
    package let bytes: [UInt8]

    package init(number: Int, bytes: [UInt8]) {
        self.number = number
        self.bytes = bytes
    }
}

/// What the panel shows and where its presses go. Called on the panel's event loop, so every method returns at once.
package protocol PanelSource: Sendable {
    /// The state of the appliance, an object. The page shows these members and passes over others:
    /// - `state`: `starting`, `idle`, `joining`, `in-call`, `leaving` or `fault`;
    /// - `device`: string, the box's name; `room`: object with `label`, `url`, `name`, or null;
    /// - `message`: string, a sentence for the people in the room; `faults`: array of objects with `code` and `text`;
    /// - `people`: array of objects with `name` (string) and `audio_muted`, `video_muted`, `hand`, `moderator`,
    ///   `dominant` (booleans); `participants`: their number with us;
    /// - `meetings`: array of strings, what the join buttons join; `presets`: the names of the camera's; `language`: `fr` or `en`;
    /// - `microphone_muted`, `camera_on`, `hand_raised`, `recording`, `busy` (a meeting or on the way to one), `standby`
    ///   (the server waits for a press): booleans;
    /// - `display`: object with `connected`, `name`, `width`, `height`, or null; `volume`: 0 to 100;
    /// - `media`: array of objects with `direction`, `kind`, `bitrate`, `loss`, `width`, `height`, `fps`,
    ///   `round_trip_ms`; `last_join_ms`: number.
    func status() -> JSONValue

    /// The lamps, an object from a button's name, or `status` for the lamp of the box, to an object with `colour` and
    /// `pattern` (`steady`, `dim`, `breathing`, `blink-1hz`, `blink-2hz`, `flashes-N`).
    func leds() -> JSONValue

    /// In the order in which they sit on the board: `join-1`…, `mute`, `hang-up`, `camera`, `hand`.
    func buttonNames() -> [String]

    func press(_ name: String, _ press: ButtonPress) -> PressOutcome

    /// The picture on the TV, in its own size. The completion may be called on any thread, once; nil when there is no
    /// picture.
    func screenPNG(completion: @escaping @Sendable ([UInt8]?) -> Void)

    /// The same for moving pictures: as small as a window of a browser wants it, and cheap when nothing changed.
    func screenJPEG(completion: @escaping @Sendable (PanelPicture?) -> Void)

    /// So many clients on other computers look at the picture from now on: the people in the room are to know.
    func watchersChanged(_ count: Int)

    /// Whether a join would be tried.
    var isReady: Bool { get }
}
