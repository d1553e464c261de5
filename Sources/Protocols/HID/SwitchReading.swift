package import Basis

/// Tells presses of a mute or call key from a device's own reports of its state.
///
/// The usages allow several behaviours, and descriptors tell only some of them:
/// - *relative*: 1 for a press, 0 when it ends, or 1 again for the next press;
/// - *held* (arrays): 1 while the key is held, 0 when it is let go;
/// - *state*: each press changes 0 to 1 or 1 to 0, and the device follows our LED report too. Some declare this and are
///   momentary keys nevertheless.
///
/// A state that becomes what the room knows already is the device following, however late, and never a press: an echo
/// must not switch a microphone on. That a momentary key presses "off" by its release is not felt.
package struct SwitchReading: Sendable {
    private enum Form { case relative, held, state }

    /// A key let go sooner than this is a momentary one.
    private static let longestTap = Duration.milliseconds(700)
    /// What was 1 for longer than this was no held key.
    private static let longestHold = Duration.seconds(3)
    /// Having been told "off", a device reports it within this time.
    private static let echoTime = Duration.milliseconds(500)
    /// Two equal reports of a relative key, so far apart, are two presses.
    private static let repetition = Duration.milliseconds(200)

    private let form: Form
    private var value = false
    /// Learned by a tap, unlearned by a state that stays.
    private var isMomentary = false
    /// When `value` became 1 by a press; nil when it did by itself.
    private var pressedAt: MonotonicInstant?
    private var toldOffAt: MonotonicInstant?
    private var lastReport: (bytes: [UInt8], at: MonotonicInstant)?

    /// A reader of the switches of `field`, all off.
    package init(_ field: HIDField) {
        form = field.isArray ? .held : field.isRelative ? .relative : .state
    }

    /// Takes the first report after opening for the state in which the device is, and for no press; false for a key whose
    /// reports are no state, or when it was done before.
    package mutating func begin(with newValue: Bool, report: [UInt8], at now: MonotonicInstant) -> Bool {
        guard form == .state, lastReport == nil else { return false }
        value = newValue
        lastReport = (report, now)
        return true
    }

    /// We told the device that the state is `isOn` now.
    package mutating func answered(_ isOn: Bool, at now: MonotonicInstant) {
        if !isOn { toldOffAt = now }
    }

    /// The device reports `newValue`; whether that is a press.
    ///
    /// - Parameters:
    ///   - truth: muted, or off hook, as the room knows it.
    ///   - report: the whole report, to tell a repeated press from the change of another key.
    package mutating func isPress(
        _ newValue: Bool, truth: Bool, report: [UInt8], at now: MonotonicInstant
    ) -> Bool {
        defer { lastReport = (report, now) }
        guard newValue != value else {
            guard form == .relative, newValue, let lastReport else { return false }
            return lastReport.bytes == report && now - lastReport.at >= Self.repetition
        }
        value = newValue
        guard form == .state else { return newValue }
        guard newValue != truth else {
            pressedAt = nil
            return false
        }
        if newValue {
            pressedAt = now
            return true
        }
        if let toldOffAt, now - toldOffAt <= Self.echoTime { return false }
        guard let held = pressedAt.map({ now - $0 }) else { return true }
        if held <= Self.longestTap { isMomentary = true }
        if held > Self.longestHold { isMomentary = false }
        return held > Self.longestTap && !isMomentary
    }
}
