internal import Basis
package import Devices

/// Commands on their way to the devices: bounded without losing what matters, because a newer command takes the place of
/// an older one about the same thing.
package struct ControlMailbox: Sendable {
    /// What a command is about.
    private enum Subject: Hashable {
        case lamp, muted, inCall, television, volume
        case buttonLamp(ButtonRole)

        init(_ command: ControlCommand) {
            switch command {
            case .lamp: self = .lamp
            case .muted: self = .muted
            case .inCall: self = .inCall
            case .buttonLamp(let role, _): self = .buttonLamp(role)
            case .wakeTelevision, .releaseTelevision: self = .television
            case .televisionVolume: self = .volume
            }
        }

        /// Whether the latest command stays true, and is repeated to devices that come later.
        var isState: Bool {
            switch self {
            case .lamp, .muted, .inCall, .buttonLamp: true
            case .television, .volume: false
            }
        }

        /// The others are few.
        var isButtonLamp: Bool {
            if case .buttonLamp = self { true } else { false }
        }
    }

    private static let mostVolumeSteps = 20
    /// Lamps of buttons; no panel has more, and roles beyond are not lit.
    private static let mostLamps = 64

    private var waiting: [(subject: Subject, command: ControlCommand)] = []
    private var states: [(subject: Subject, command: ControlCommand)] = []

    package init() {}

    package mutating func put(_ command: ControlCommand) {
        let subject = Subject(command)
        var command = command
        if case .televisionVolume(let steps) = command {
            var sum = max(-Self.mostVolumeSteps, min(steps, Self.mostVolumeSteps))
            for case (_, .televisionVolume(let earlier)) in waiting { sum += earlier }
            command = .televisionVolume(steps: max(-Self.mostVolumeSteps, min(sum, Self.mostVolumeSteps)))
        }
        waiting.removeAll { $0.subject == subject }
        if !subject.isButtonLamp || waiting.count < Self.mostLamps { waiting.append((subject, command)) }
        guard subject.isState else { return }
        if let index = states.firstIndex(where: { $0.subject == subject }) {
            states[index].command = command
        } else if !subject.isButtonLamp || states.count < Self.mostLamps {
            states.append((subject, command))
        }
    }

    /// Everything that waits, oldest first; then nothing does.
    package mutating func takeAll() -> [ControlCommand] {
        defer { waiting = [] }
        return waiting.map(\.command)
    }

    /// What every device is to show at present.
    package var state: [ControlCommand] {
        states.map(\.command)
    }
}
