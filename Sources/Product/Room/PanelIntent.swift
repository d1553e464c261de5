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
        let inCall: Bool
        let status: Lamp
        switch phase {
        case .starting:
            inCall = false
            status = Lamp(.white, .breathing)
        case .idle, .ended:
            inCall = false
            status = Lamp(.green, .dim)
        case .joining(let attempt, _):
            inCall = false
            if case .retry = attempt.waiting {
                status = Lamp(.orange, .blink1Hz)
            } else {
                status = Lamp(.blue, .blink2Hz)
            }
        case .inCall:
            inCall = true
            status = microphoneMuted ? Lamp(.red) : handRaised ? Lamp(.yellow) : Lamp(.white)
        case .leaving:
            inCall = false
            status = Lamp(.green, .dim)
        case .fault(let fault, _):
            inCall = false
            // The family on one lamp: two flashes for the network and the server, as many as its tens for the others.
            status = Lamp(.orange, .flashes(fault.rawValue / 10))
        }
        return PanelIntent(
            status: status, mute: microphoneMuted ? Lamp(.red) : .off, camera: cameraOn ? .off : Lamp(.red),
            hand: handRaised ? Lamp(.yellow) : .off, join: inCall ? Lamp(.green) : .off)
    }
}
