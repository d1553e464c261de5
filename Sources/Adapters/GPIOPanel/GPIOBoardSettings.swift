package import Devices

/// A line of a GPIO chip, as a board describes it.
package struct GPIOLine: Hashable, Sendable {
    package enum Number: Hashable, Sendable {
        /// The name that the device tree gives the line, for instance `GPIO17`.
        case name(String)
        case offset(UInt32)
    }

    /// The chip's label (`pinctrl-bcm2711`), its name (`gpiochip0`) or its path. Nil: whatever chip has a line of this name.
    package var chip: String?
    package var number: Number
    /// Whether the low voltage is "pressed" or "lit".
    package var isActiveLow: Bool

    package init(chip: String?, _ number: Number, isActiveLow: Bool = false) {
        self.chip = chip
        self.number = number
        self.isActiveLow = isActiveLow
    }

    /// For messages.
    package var name: String {
        let line =
            switch number {
            case .name(let name): name
            case .offset(let offset): "\(offset)"
            }
        return chip.map { "\($0) line \(line)" } ?? "line \(line)"
    }
}

/// What pulls an input to its resting level.
package enum LineBias: String, CaseIterable, Sendable {
    case asIs = "as-is"
    /// A resistor on the board.
    case none
    case pullUp = "pull-up"
    case pullDown = "pull-down"
}

/// A button on a GPIO line.
package struct ButtonLine: Hashable, Sendable {
    /// As in `ControlEvent.press`.
    package var role: ButtonRole
    package var line: GPIOLine
    package var bias: LineBias
    /// Whether holding it for 10 s outside calls is a reset.
    package var mayReset: Bool

    package init(role: ButtonRole, line: GPIOLine, bias: LineBias = .pullUp, mayReset: Bool = true) {
        self.role = role
        self.line = line
        self.bias = bias
        self.mayReset = mayReset
    }
}

/// How a lamp is connected.
package enum LampWiring: Hashable, Sendable {
    /// One line, one colour.
    case line(GPIOLine)
    /// Three lines; each is on or off, so that eight colours are left.
    case colourLines(red: GPIOLine, green: GPIOLine, blue: GPIOLine)
    /// A device below `/sys/class/leds`, one colour.
    case led(String)
    /// Three devices below `/sys/class/leds`.
    case colourLeds(red: String, green: String, blue: String)
    /// One device below `/sys/class/leds` with `multi_intensity`.
    case multicolourLed(String)
}

/// A lamp of the board.
package struct LampLine: Hashable, Sendable {
    package var role: LampRole
    package var wiring: LampWiring

    package init(role: LampRole, wiring: LampWiring) {
        self.role = role
        self.wiring = wiring
    }
}

/// The buttons and lamps of a board.
package struct GPIOBoardSettings: Hashable, Sendable {
    package var buttons: [ButtonLine]
    package var lamps: [LampLine]
    /// Whether the room lamp is dark when nothing happens.
    package var isDarkWhenIdle: Bool

    package init(buttons: [ButtonLine] = [], lamps: [LampLine] = [], isDarkWhenIdle: Bool = false) {
        self.buttons = buttons
        self.lamps = lamps
        self.isDarkWhenIdle = isDarkWhenIdle
    }
}
