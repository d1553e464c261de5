package import Devices

/// What a `CECMachine` has to say.
package enum CECEvent: Equatable, Sendable {
    /// A key of the TV's remote control, by the role of the button that it stands for.
    case press(button: ButtonRole)
    /// Whether the TV is on; nil when it no longer says.
    case televisionPower(isOn: Bool?)
    /// Whether the TV is on because of us: to be kept over a restart, since only such a TV is sent to sleep.
    case wokeTelevision(Bool)
    /// One English sentence for the log.
    case note(String)
}

/// What became of a transmitted frame.
package enum CECTransmitResult: Equatable, Sendable {
    case acknowledged
    /// Nobody has the destination's address.
    case notAcknowledged
    /// The line was busy or disturbed.
    case failed
}
