internal import Devices
internal import MediaEngine
internal import RoomController

/// What the controller wants of sound and camera, in the words of their threads.
extension MediaThreads {
    /// What concerns pictures that are received, and samples, is for whoever holds the slots.
    func carryOut(_ command: MediaCommand) {
        switch command {
        case .startAudio: startAudio()
        case .stopAudio: stopAudio()
        case .setMuted(let isMuted): audio.isMuted = isMuted
        case .setSending(let isSending): audio.setSending(isSending)
        case .setCamera(let isOn): setCamera(on: isOn)
        case .requestKeyframe(let layer): camera.requestKeyframe(layer: layer)
        case .limitCamera(let limits):
            camera.bitrateLimit = limits.bitrate
            camera.hasOneReceiver = limits.hasOneReceiver
            camera.codec = limits.codec
            camera.sendsSimulcast = limits.sendsSimulcast
            camera.wantedHeight = limits.height
        case .choosePreset(let index): camera.choosePreset(index)
        case .removeSound(let ssrc): audio.removeSource(ssrc)
        case .play(let sound): play(sound)
        case .setSpeakerVolume(let percent): audio.setSpeakerVolume(percent)
        case .setSoundVolume(let percent): audio.setSoundVolume(percent)
        case .setDiscontinuous(let isOn): audio.setDiscontinuous(isOn)
        case .noteUplink(let loss, let bandwidth): audio.noteUplink(fractionLost: loss, bandwidth: bandwidth)
        case .addPicture, .removePicture, .decode, .sample: break
        }
    }

    /// All counters as of now.
    /// - Parameter shownPictures: the screen's, by the name of the source.
    func snapshot(shownPictures: [String: Int]) -> MediaSnapshot {
        var snapshot = MediaSnapshot()
        snapshot.camera = camera.statistics
        snapshot.temperature = camera.temperature
        snapshot.audio = audio.statistics
        snapshot.remoteAudio = audio.remoteStatistics
        snapshot.microphoneLevel = audio.microphoneLevel
        snapshot.isTalkingWhileMuted = audio.isTalkingWhileMuted
        snapshot.decoded = decode.statistics
        snapshot.shownPictures = shownPictures
        return snapshot
    }
}
