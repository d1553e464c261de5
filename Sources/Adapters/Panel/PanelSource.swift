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
    /// - `phase`: string, for instance `idle`, `joining`, `in-call`, `fault`;
    /// - `room`: string, the place where the box stands; `conference`: string, the meeting at hand;
    /// - `message`: string, a sentence for the people in the room;
    /// - `microphone`, `camera`, `hand`: booleans, true when open, on or raised;
    /// - `participants`: array of objects with `name` (string) and `muted`, `camera`, `hand`, `speaking`, `self`
    ///   (booleans).
    func status() -> JSONValue

    /// The lamps, an object from button name to `off`, `on`, `blink`, `blink-fast` or `breathe`.
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
