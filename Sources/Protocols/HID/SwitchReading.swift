package import Basis

/// Tells presses of a mute or call key from a device's own reports of its state.
///
/// The usages allow several behaviours, and descriptors do not say which a device has:
/// - *relative*: 1 for a press, 0 when it ends, or 1 again for the next press;
/// - *momentary*: 1 while the key is held, 0 when it is let go;
/// - *level*: each press changes 0 to 1 or 1 to 0, and the device sets the level itself after our LED report.
///
/// So a change says "pressed" unless it can be the device's echo of our answer, or the release of a key. What a device
/// does is learned as it goes; a wrong guess costs one press at most.
package struct SwitchReading: Sendable {
    private enum Kind { case relative, unknown, momentary, level }

    /// An echo of our LED report comes within this time.
    package static let echoTime = Duration.milliseconds(500)
    /// What we tell the device so soon after a press is the answer to it.
    private static let replyTime = Duration.seconds(1)
    /// A key let go sooner than this was a momentary one.
    private static let longestTap = Duration.milliseconds(700)
    /// A level kept for longer than this was no held key.
    private static let longestHold = Duration.seconds(3)
    /// Two equal reports of a relative key, so far apart, are two presses.
    private static let repetition = Duration.milliseconds(200)

    private var kind: Kind
    /// Whether the descriptor says so clearly that nothing is to be learned.
    private let isDeclared: Bool
    private var value = false
    /// When `value` became true.
    private var risenAt: MonotonicInstant?
    /// Whether that rise was taken for a press.
    private var roseByPress = false
    private var lastPress: MonotonicInstant?
    /// What the device was told last, and whether it had asked for it.
    private var answer: (isOn: Bool, at: MonotonicInstant, isReply: Bool)?
    private var lastReport: (bytes: [UInt8], at: MonotonicInstant)?

    /// - Parameter field: what the descriptor tells of the key: arrays say which keys are held, variables may say anything.
    package init(_ field: HIDField) {
        kind = field.isArray ? .momentary : field.isRelative ? .relative : .unknown
        isDeclared = field.isArray || field.isRelative
    }

    /// We told the device that the state is `isOn` now.
    package mutating func answered(_ isOn: Bool, at now: MonotonicInstant) {
        let isReply = lastPress.map { now - $0 <= Self.replyTime } ?? false
        answer = (isOn, now, isReply)
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
            guard kind == .relative, newValue, let lastReport else { return false }
            return lastReport.bytes == report && now - lastReport.at >= Self.repetition
        }
        value = newValue
        let heldFor = risenAt.map { now - $0 }
        risenAt = newValue ? now : nil
        let isEcho = answer.map { $0.isOn == newValue && now - $0.at <= Self.echoTime } ?? false
        let isTap = !newValue && roseByPress && (heldFor.map { $0 <= Self.longestTap } ?? false)
        if !isDeclared, let heldFor, heldFor > Self.longestHold { kind = .level }
        let isPress = judge(isEcho: isEcho, isTap: isTap, truth: truth)
        if newValue { roseByPress = isPress }
        if isPress { lastPress = now }
        return isPress
    }

    /// Whether the change to `value` is a press.
    private mutating func judge(isEcho: Bool, isTap: Bool, truth: Bool) -> Bool {
        switch kind {
        case .relative, .momentary: return value
        case .level:
            if isEcho { return false }
            // After all it may be a momentary key.
            if isTap { kind = .unknown }
            return !isTap
        case .unknown:
            // Nothing is muted, or the call is not on: only a change to 1 can ask for it.
            guard truth else { return value }
            guard value else { return !isTap }
            if isEcho {
                // Only a device that keeps a level follows what it did not ask for.
                if answer?.isReply == false { kind = .level }
                return false
            }
            // A device that keeps a level would have had it already.
            kind = .momentary
            return true
        }
    }
}
