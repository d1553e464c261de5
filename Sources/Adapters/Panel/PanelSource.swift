package import Basis

package enum ButtonPress: String, Sendable {
    case short, long
}

package enum PressOutcome: Equatable, Sendable {
    /// The press is on its way to the room, like one of the real button.
    case accepted
    case unknownButton
}

/// What the panel shows and where its presses go. Called on the panel's event loop, so every method returns at once.
package protocol PanelSource: Sendable {
    /// The state of the appliance, an object. The page shows these members and passes over others:
    /// - `state`: `starting`, `idle`, `joining`, `in-call`, `leaving` or `fault`;
    /// - `device`: string, the box's name; `room`: object with `label`, `url`, `name`, or null;
    /// - `message`: string, a sentence for the people in the room; `faults`: array of objects with `code` and `text`;
    /// - `people`: array of objects with `name` (string) and `audio_muted`, `video_muted`, `hand`, `moderator`,
    ///   `dominant` (booleans); `participants`: their number with us;
    /// - `meetings`: array of strings, what the join buttons join.
    func status() -> JSONValue

    /// The lamps, an object from a button's name, or `status` for the lamp of the box, to an object with `colour` and
    /// `pattern` (`steady`, `dim`, `breathing`, `blink-1hz`, `blink-2hz`, `flashes-N`).
    func leds() -> JSONValue

    /// In the order in which they sit on the board: `join-1`…, `mute`, `hang-up`, `camera`, `hand`.
    func buttonNames() -> [String]

    func press(_ name: String, _ press: ButtonPress) -> PressOutcome

    /// The picture on the TV. The completion may be called on any thread, once; nil when there is no picture.
    func screenPNG(completion: @escaping @Sendable ([UInt8]?) -> Void)
    func screenJPEG(completion: @escaping @Sendable ([UInt8]?) -> Void)

    /// Whether a join would be tried.
    var isReady: Bool { get }
}
