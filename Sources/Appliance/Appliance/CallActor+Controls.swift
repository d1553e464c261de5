internal import Basis
internal import Devices
internal import Logging
internal import MediaEngine
internal import NetworkIO
internal import Room
internal import Scene

/// What was last said to lamps, speakerphones and the TV: only changes are said again.
struct ToldControls: Equatable {
    var signal = LampSignal.booting
    var number = 0
    var isMuted = false
    var isInCall = false
    var litRoles: Set<String> = []
}

/// The devices in the room with buttons and lamps, and the TV's wire: what they say, and what they are told.
extension CallActor {
    /// - Parameter send: hands a command to the thread that serves the devices; nil when that thread is to end.
    func connectControls(_ send: (@Sendable (ControlCommand) -> Void)?) {
        sendControl = send
        guard let send else { return }
        for command in allCommands(controlsNow) { send(command) }
        toldControls = controlsNow
    }

    func handle(_ event: ControlEvent) {
        switch event {
        case .press(let button, let press): self.press(button, Room.ButtonPress(press))
        case .resetCountdown(let left):
            resetCountdown = left
            refresh()
        case .stuck(let button, let isStuck):
            log.warning("button-stuck", metadata: ["name": "\(button)", "stuck": "\(isStuck)"])
            if isStuck { stuckButtons.insert(button) } else { stuckButtons.remove(button) }
            refresh()
        case .muteRequested: handle(.button(.mute, .short))
        case .hookRequested(let isOffHook):
            log.info("hook", metadata: ["off": "\(isOffHook)"])
            handle(.button(isOffHook ? .ok : .hangUp, .short))
        case .volumeRequested(let steps): changeVolume(steps: steps)
        case .televisionPower(let isOn):
            log.info("television", metadata: ["on": "\(isOn.map { "\($0)" } ?? "unknown")"])
        case .hotplug(let event):
            log.info(
                "hotplug",
                metadata: [
                    "action": "\(event.action.rawValue)", "subsystem": "\(event.subsystem)", "node": "\(event.node)",
                ])
            if event.subsystem == "drm" || event.subsystem.isEmpty { screen.noteHotplug() }
        case .network(let state): networkChanged(state)
        case .update(let state):
            log.notice("update", metadata: ["state": "\(state)"])
            update = state
            handle(.touched)
            refresh()
        case .deviceNote(let text): log.notice("device", metadata: ["detail": "\(text)"])
        }
    }

    /// A preset that is not configured, or a camera that is off, changes nothing.
    func chooseCameraPreset(_ index: Int) {
        handle(.touched)
        guard settings.cameraPresets.indices.contains(index), room.cameraOn else { return }
        cameraPreset = (index, clock.now + .seconds(3))
        media.camera.choosePreset(index)
        refresh()
    }

    /// The next (+1) or previous (−1) preset, round and round: the arrows of a remote control in a call.
    func chooseCameraPreset(step: Int) {
        let count = settings.cameraPresets.count
        guard count > 0 else { return }
        guard let current = cameraPreset?.index else { return chooseCameraPreset(step > 0 ? 0 : count - 1) }
        chooseCameraPreset((current + step + count) % count)
    }

    func changeVolume(steps: Int) {
        handle(.touched)
        let before = volume
        volume.move(steps: steps)
        media.audio.setSpeakerVolume(volume.percent)
        volumeShownUntil = clock.now + .seconds(3)
        if volume != before { remember?("volume", "\(volume.percent)") }
        refresh()
    }

    /// Tells the devices what changed.
    func tellControls() {
        guard let sendControl else { return }
        let now = controlsNow
        guard now != toldControls else { return }
        let old = allCommands(toldControls)
        for command in allCommands(now) where !old.contains(command) { sendControl(command) }
        toldControls = now
    }

    private var controlsNow: ToldControls {
        let panel = shownPanel
        var told = ToldControls(
            signal: panel.signal, number: panel.number, isMuted: room.microphoneMuted, isInCall: conference != nil)
        if resetCountdown != nil {
            told.signal = .resetCountdown
        } else if update != .none, case .idle = room.phase {
            told.signal = .updating
        } else if panel.signal == .inCall, isRecording {
            told.signal = .recorded
        }
        if room.microphoneMuted { told.litRoles.insert("mute") }
        if !room.cameraOn { told.litRoles.insert("camera") }
        if room.handRaised { told.litRoles.insert("hand") }
        if panel.join != .off, let index = room.currentRoom { told.litRoles.insert("join-\(index + 1)") }
        return told
    }

    private func allCommands(_ told: ToldControls) -> [ControlCommand] {
        let roles = settings.meetings.indices.map { "join-\($0 + 1)" } + ["mute", "camera", "hand"]
        return [.lamp(told.signal, number: told.number), .muted(told.isMuted), .inCall(told.isInCall)]
            + roles.map { .buttonLamp(role: $0, isLit: told.litRoles.contains($0)) }
    }

    // MARK: The TV

    func wakeDisplay() {
        screen.setPower(isOn: true)
        sendControl?(.wakeTelevision)
    }

    func restDisplay() {
        log.notice("display-rests")
        screen.setPower(isOn: false)
        sendControl?(.releaseTelevision)
    }
}

extension Room.ButtonPress {
    fileprivate init(_ press: ControlPress) {
        switch press {
        case .short: self = .short
        case .long: self = .long
        case .veryLong: self = .veryLong
        }
    }
}
