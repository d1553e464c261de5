package import Basis
package import Devices
internal import Room

/// What people in the room do, and what its devices say.
extension RoomController {
    /// Somebody pressed a button, wherever it is.
    package mutating func press(_ role: ButtonRole, _ press: ButtonPress, at now: MonotonicInstant) {
        self.now = now
        journal(.info, "button", [("name", role.name), ("press", press.rawValue)])
        outputs.append(.pressed(role, press))
        switch role {
        case .join, .mute, .hangUp, .camera, .hand, .ok, .up, .down: handle(.button(role, press))
        case .volumeUp: changeVolume(steps: 1)
        case .volumeDown: changeVolume(steps: -1)
        case .preset(let index): choosePreset(index)
        case .left, .right:
            if hasConference {
                choosePreset(step: role == .left ? -1 : 1)
            } else {
                handle(.button(role, press))
            }
        case .layout:
            handle(.touched)
            guard hasConference, press != .veryLong else { return }
            call?.view.press(isLong: press == .long, at: now)
            mark([.scene, .status])
        }
    }

    /// A device of the room, or what watches over cables and updates, has something to say.
    package mutating func handle(_ event: ControlEvent, at now: MonotonicInstant) {
        self.now = now
        switch event {
        case .press(let button, let press): self.press(button, press, at: now)
        case .resetCountdown(let left):
            controls.resetCountdown = left
            mark([.scene, .controls])
        case .stuck(let button, let isStuck):
            journal(.warning, "button-stuck", [("name", button.name), ("stuck", "\(isStuck)")])
            if isStuck { controls.stuckButtons.insert(button) } else { controls.stuckButtons.remove(button) }
            mark(.scene)
        case .muteRequested: handle(.button(.mute, .short))
        case .hookRequested(let isOffHook):
            journal(.info, "hook", [("off", "\(isOffHook)")])
            handle(.button(isOffHook ? .ok : .hangUp, .short))
        case .volumeRequested(let steps): changeVolume(steps: steps)
        case .televisionPower(let isOn):
            journal(.info, "television", [("on", isOn.map { "\($0)" } ?? "unknown")])
        case .hotplug(let event):
            journal(
                .info, "hotplug",
                [("action", event.action.rawValue), ("subsystem", event.subsystem), ("node", event.node)])
            if event.subsystem == "drm" || event.subsystem.isEmpty { outputs.append(.displayHotplug) }
        case .network(let state): networkChanged(state)
        case .update(let state):
            journal(.notice, "update", [("state", "\(state)")])
            devices.update = state
            handle(.touched)
            mark(.all)
        case .deviceNote(let text): journal(.notice, "device", [("detail", text)])
        }
    }

    /// There are devices for controls now: they are told everything.
    package mutating func controlsConnected(at now: MonotonicInstant) {
        self.now = now
        let state = presentation.controlState
        for command in state.commands(meetings: settings.meetings.count) { outputs.append(.control(command)) }
        controls.lastSent = state
    }

    /// A device cannot be used before the next start; in one English sentence.
    package mutating func deviceFailed(_ text: String, at now: MonotonicInstant) {
        self.now = now
        journal(.error, "device-fault", [("detail", text)])
        if !devices.faults.contains(text) { devices.faults.append(text) }
        mark(.all)
    }

    /// So many clients of the panel, on other computers, look at the screen: the people in the room are told.
    package mutating func panelWatchersChanged(_ count: Int, at now: MonotonicInstant) {
        self.now = now
        journal(.notice, "panel-watchers", [("count", "\(count)")])
        devices.panelWatchers = count
        mark(.scene)
    }

    /// - Parameter fault: what is wrong with the display, in one English sentence; nil when nothing is.
    package mutating func displayChanged(_ state: DisplayState, fault: String?, at now: MonotonicInstant) {
        self.now = now
        if devices.displayFault != fault {
            if let fault {
                journal(.error, "display-fault", [("detail", fault)])
            } else {
                journal(.notice, "display-well")
            }
        }
        journal(
            .info, "display",
            [
                ("connected", "\(state.isConnected)"), ("connector", state.connector), ("name", state.name),
                ("size", "\(state.size)"), ("rate", "\(state.refreshRate)"),
            ])
        devices.display = state
        devices.displayFault = fault
        mark(.all)
    }

    // MARK: Loudness and presets

    private mutating func changeVolume(steps: Int) {
        handle(.touched)
        let isChanged = controls.changeVolume(steps: steps, at: now)
        command(.setSpeakerVolume(percent: controls.volume.percent))
        if isChanged { outputs.append(.remember(name: "volume", value: "\(controls.volume.percent)")) }
        mark([.scene, .status])
    }

    /// A preset that is not configured, or a camera that is off, changes nothing.
    private mutating func choosePreset(_ index: Int) {
        handle(.touched)
        guard settings.cameraPresets.indices.contains(index), room.cameraOn else { return }
        controls.choosePreset(index, at: now)
        command(.choosePreset(index: index))
        mark(.scene)
    }

    /// The next (+1) or previous (−1) preset, round and round: the arrows of a remote control in a call.
    private mutating func choosePreset(step: Int) {
        let count = settings.cameraPresets.count
        guard count > 0 else { return }
        guard let current = controls.preset else { return choosePreset(step > 0 ? 0 : count - 1) }
        choosePreset((current + step + count) % count)
    }
}
