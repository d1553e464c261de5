internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import Room
internal import Scene

/// The one place where what is shown, told and asked for is brought up to date: after all that there was to deal with.
extension RoomController {
    mutating func update() {
        updatePlans()
        let marked = changes
        changes = []
        var statistics: RTPStatistics?
        if !marked.isDisjoint(with: [.scene, .status]) { statistics = call?.conference.statistics() }
        if marked.contains(.scene) { updateScene(statistics) }
        if marked.contains(.controls) { updateControls() }
        if marked.contains(.camera) { updateCamera() }
        // What was asked for just now is part of it.
        if marked.union(changes).contains(.status) {
            changes.remove(.status)
            updateStatus(statistics)
        }
    }

    private mutating func updateScene(_ statistics: RTPStatistics?) {
        let presentation = presentation
        let scene = presentation.makeScene(statistics)
        let content = SceneContent(
            scene: scene, pictures: presentation.pictureOrigins, attempt: call?.attempt ?? 0, isLive: hasConference)
        if content != published.scene {
            published.scene = content
            outputs.append(.scene(content))
        }
        guard hasConference else { return }
        var whole = scene
        whole.participants = presentation.sceneParticipants(onlyForwarded: false)
        updateDemand(whole)
    }

    private mutating func updateStatus(_ statistics: RTPStatistics?) {
        let status = presentation.makeStatus(statistics)
        guard status != published.status else { return }
        published.status = status
        outputs.append(.status(status))
    }

    // MARK: Lamps and speakerphones

    private mutating func updateControls() {
        let presentation = presentation
        let lamps = presentation.lampStates
        if lamps != published.lamps {
            published.lamps = lamps
            outputs.append(.lamps(lamps))
        }
        let state = presentation.controlState
        guard let lastSent = controls.lastSent, lastSent != state else { return }
        controls.lastSent = state
        let old = lastSent.commands(meetings: settings.meetings.count)
        for command in state.commands(meetings: settings.meetings.count) where !old.contains(command) {
            outputs.append(.control(command))
        }
    }
}
