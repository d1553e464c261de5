package import Devices

/// What a lamp shows: a colour, and how it blinks.
package struct Lamp: Equatable, Sendable {
    package enum Colour: String, Sendable {
        case off, white, green, blue, red, yellow, orange
    }

    /// Names of the field's patterns; `flashes` repeats N times, then pauses.
    package enum Pattern: Equatable, Sendable {
        case steady, dim, breathing, blink1Hz, blink2Hz
        case flashes(Int)

        package var name: String {
            switch self {
            case .steady: "steady"
            case .dim: "dim"
            case .breathing: "breathing"
            case .blink1Hz: "blink-1hz"
            case .blink2Hz: "blink-2hz"
            case .flashes(let count): "flashes-\(count)"
            }
        }
    }

    package let colour: Colour
    package let pattern: Pattern

    package init(_ colour: Colour, _ pattern: Pattern = .steady) {
        self.colour = colour
        self.pattern = pattern
    }

    package static let off = Lamp(.off)
}

/// The lamps that a board has.
package struct PanelIntent: Equatable, Sendable {
    /// What the lamp of the box says, for boards whose lamps follow the LED table; `number` is the fault's family, 1…9.
    package var signal: LampSignal
    package var number = 0
    /// The lamp of the box. Red steady means microphone muted and wins over all others.
    package var status: Lamp
    /// The ring of the mute button: red when muted in a call.
    package var mute: Lamp
    package var camera: Lamp
    package var hand: Lamp
    package var join: Lamp
}

extension RoomState {
    /// The lamps for the state. Total: every state has an answer.
    package func panel() -> PanelIntent {
        var inCall = false
        var number = 0
        let status: Lamp
        let signal: LampSignal
        switch phase {
        case .starting: (status, signal) = (Lamp(.white, .breathing), .booting)
        case .idle, .ended, .leaving: (status, signal) = (Lamp(.green, .dim), .idle)
        case .joining(let attempt, _):
            if case .retry = attempt.waiting {
                (status, signal) = (Lamp(.orange, .blink1Hz), .reconnecting)
            } else {
                (status, signal) = (Lamp(.blue, .blink2Hz), .connecting)
            }
        case .inCall(let call):
            inCall = true
            (status, signal) =
                microphoneMuted
                ? (Lamp(.red), .inCallMuted)
                : call.isInterrupted
                    ? (Lamp(.orange, .blink1Hz), .reconnecting)
                    : handRaised ? (Lamp(.yellow), .handRaised) : (Lamp(.white), .inCall)
        case .fault(let fault, _):
            // The family on one lamp: two flashes for the network and the server, as many as its tens for the others.
            number = fault.rawValue / 10
            (status, signal) = (Lamp(.orange, .flashes(number)), number == 2 ? .noNetwork : .fault)
        }
        return PanelIntent(
            signal: signal, number: number, status: status, mute: microphoneMuted ? Lamp(.red) : .off,
            camera: cameraOn ? .off : Lamp(.red),
            hand: handRaised ? Lamp(.yellow) : .off, join: inCall ? Lamp(.green) : .off)
    }
}
