package import Devices

/// A line of a GPIO chip, as a board names it.
package enum LineReference: Equatable, Sendable {
    /// The line's number on its chip.
    case offset(Int)
    /// The name that the kernel's device tree gives it.
    case name(String)
}

package enum LineBias: String, CaseIterable, Equatable, Sendable {
    case asIs = "as-is"
    case pullUp = "pull-up"
    case pullDown = "pull-down"
    case disabled
}

/// A push button on a GPIO line.
package struct BoardButton: Equatable, Sendable {
    /// What it does.
    package var role: ButtonRole
    /// The chip's label, or its node such as `gpiochip0`.
    package var chip: String
    package var line: LineReference
    /// Whether the line is low while the button is pressed.
    package var isActiveLow: Bool
    package var bias: LineBias
}

/// A lamp of the board.
package struct BoardLamp: Equatable, Sendable {
    package enum Wire: Equatable, Sendable {
        case line(chip: String, LineReference)
        case colours(chip: String, red: LineReference, green: LineReference, blue: LineReference)
        /// A folder of `/sys/class/leds`.
        case ledClass(String)
    }

    /// Where it sits.
    package var role: LampRole
    package var wire: Wire
    package var isActiveLow: Bool
}

/// What is soldered where on a board: `Board/<name>/board.toml`.
package struct BoardDescription: Equatable, Sendable {
    /// What people call the board.
    package var name = ""
    /// What the board says of itself, in part: the device tree's `model`, or DMI's vendor and product.
    package var models: [String] = []
    /// The connector where the TV is, by the kernel's name; nil takes the first with a TV.
    package var connector: String?
    package var buttons: [BoardButton] = []
    package var lamps: [BoardLamp] = []

    package init() {}

    /// The description in `text`, or everything that is wrong with it.
    package static func read(_ text: String) -> Result<BoardDescription, ConfigurationProblems> {
        read(Array(text.utf8))
    }

    /// The same of the bytes of a file.
    package static func read(_ bytes: [UInt8]) -> Result<BoardDescription, ConfigurationProblems> {
        DocumentReader.read(bytes) { document, root in document.readBoard(root) }
    }

    /// Whether a board that calls itself `model` is one of these.
    package func describes(model: String) -> Bool {
        models.contains { model.lowercased().contains($0.lowercased()) }
    }
}
