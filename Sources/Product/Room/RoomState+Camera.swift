/// The camera button: seen or not, and nothing but sound.
extension RoomState {
    /// Whoever wants to be seen wants to see, too.
    mutating func toggleCamera() -> [RoomEffect] {
        cameraOn.toggle()
        if cameraOn { audioOnly = false }
        return [.setCamera(on: cameraOn)]
    }

    mutating func toggleAudioOnly() -> [RoomEffect] {
        audioOnly.toggle()
        if audioOnly {
            cameraWasOn = cameraOn
            cameraOn = false
        } else {
            cameraOn = cameraWasOn
        }
        return [.setCamera(on: cameraOn)]
    }
}
