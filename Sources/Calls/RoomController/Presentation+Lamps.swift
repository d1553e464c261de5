internal import Basis
internal import Devices
internal import Room

/// What lamps and speakerphones are to know.
extension Presentation {
    var controlState: ControlState {
        let panel = shownPanel
        var state = ControlState(
            signal: panel.signal, number: panel.number, isMuted: room.microphoneMuted, isInCall: hasConference)
        if controls.resetCountdown != nil {
            state.signal = .resetCountdown
        } else if devices.update != .none, isIdle {
            state.signal = .updating
        } else if panel.signal == .inCall, call?.isRecording ?? false {
            state.signal = .recorded
        }
        if room.microphoneMuted { state.litButtons.insert(.mute) }
        if !room.cameraOn { state.litButtons.insert(.camera) }
        if room.handRaised { state.litButtons.insert(.hand) }
        if panel.join != .off, let room = room.currentRoom { state.litButtons.insert(.join(room: room)) }
        return state
    }

    /// What the lamps say: a box that reaches no server says so before anybody presses.
    private var shownPanel: PanelIntent {
        var panel = room.panel()
        if isIdle, check.isBroken {
            panel.signal = .noNetwork
            panel.number = 2
            panel.status = Lamp(.orange, .flashes(2))
        }
        return panel
    }

    var lampStates: LampStates {
        let panel = shownPanel
        return LampStates(
            status: panel.status, mute: panel.mute, camera: panel.camera, hand: panel.hand,
            joins: settings.meetings.indices.map { room.currentRoom == $0 ? panel.join : .off })
    }
}
