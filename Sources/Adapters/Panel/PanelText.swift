/// What the page says. The raw value is the name by which the page's script and its document know the text.
enum PanelText: String, CaseIterable, Sendable {
    // The document.
    case title, skip, languages, screen, screenFull, lamp, buttons, hold, state, people, journal, details
    case needsScript, about

    // The token, and what one may do without.
    case tokenLabel, tokenSend, tokenRefused, readOnly

    // The connection of the page to the box.
    case live, reconnecting, still, dark

    // Buttons: `button.NAME`, and what a button that stays on or off says of itself.
    case join = "button.join"
    case mute = "button.mute"
    case hangUp = "button.hang-up"
    case camera = "button.camera"
    case hand = "button.hand"
    case layout = "button.layout"
    case volumeUp = "button.volume-up"
    case volumeDown = "button.volume-down"
    /// Of several: the number follows.
    case preset = "button.preset"
    case microphoneOff, microphoneOn, cameraOff, cameraOn, handRaised, recording
    // The same below a button whose name has been said.
    case muteOff, muteOn, filmOff, filmOn, raised, lowered
    case pressFailed

    // `phase.STATE`.
    case phaseStarting = "phase.starting"
    case phaseIdle = "phase.idle"
    case phaseJoining = "phase.joining"
    case phaseInCall = "phase.in-call"
    case phaseLeaving = "phase.leaving"
    case phaseFault = "phase.fault"

    // People.
    case nobody, moderator, muted, withoutCamera, withHand, speaking, somebody

    // Lamps: `colour.NAME`, `pattern.NAME`.
    case off = "colour.off"
    case white = "colour.white"
    case green = "colour.green"
    case blue = "colour.blue"
    case red = "colour.red"
    case yellow = "colour.yellow"
    case orange = "colour.orange"
    case steady = "pattern.steady"
    case dim = "pattern.dim"
    case breathing = "pattern.breathing"
    case blink1Hz = "pattern.blink-1hz"
    case blink2Hz = "pattern.blink-2hz"
    case flashes = "pattern.flashes"

    // Technical details.
    case sent, received, sound, picture, loss, roundTrip, joinTime, television, noTelevision, volume, frameRate
    case milliseconds, kilobits, perSecond

    // Journal: `entry.KIND`, with the subject in the place of `{subject}`.
    case entryStarted = "entry.started"
    case entryPressed = "entry.pressed"
    case entryHeld = "entry.held"
    case entryJoining = "entry.joining"
    case entryJoined = "entry.joined"
    case entryReconnecting = "entry.reconnecting"
    case entryMoving = "entry.moving"
    case entryLineCut = "entry.line-cut"
    case entryLineBack = "entry.line-back"
    case entryCancelled = "entry.cancelled"
    case entryLeft = "entry.left"
    case entryMessage = "entry.message"
    case entryArrived = "entry.arrived"
    case entryDeparted = "entry.departed"
    case entryTheirHand = "entry.their-hand"
    case entryMicrophoneOff = "entry.microphone-off"
    case entryMicrophoneOn = "entry.microphone-on"
    case entryCameraOff = "entry.camera-off"
    case entryCameraOn = "entry.camera-on"
    case entryHandRaised = "entry.hand-raised"
    case entryHandLowered = "entry.hand-lowered"
    case entryRecordingOn = "entry.recording-on"
    case entryRecordingOff = "entry.recording-off"
    case entryFault = "entry.fault"
    case entryFaultOver = "entry.fault-over"
    case entryTelevision = "entry.television"
    case entryNoTelevision = "entry.no-television"
    case entryVolume = "entry.volume"

    subscript(language: PanelLanguage) -> String {
        switch language {
        case .french: french
        case .english: english
        }
    }
}
