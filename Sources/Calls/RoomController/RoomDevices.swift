internal import Basis
internal import Devices

/// What is known of the devices of the room, as they were last told.
struct RoomDevices {
    /// What cannot be mended without a restart, in English sentences.
    var faults: [String] = []
    var display: DisplayState?
    /// What is wrong with the display at present.
    var displayFault: String?
    var media = MediaSnapshot()
    /// Whether the software of the box is being replaced.
    var update = UpdateState.none
    /// Clients of the panel, on other computers, that look at the screen.
    var panelWatchers = 0
}

/// What people set by keys, and what of it stays on the screen for a while.
struct ControlSettings {
    private static let noticeTime = Duration.seconds(3)

    var volume: SpeakerVolume
    /// How long the change of loudness stays on the screen.
    private var volumeShownUntil: MonotonicInstant?
    /// The camera's preset chosen last, from 0.
    private(set) var preset: Int?
    private var presetShownUntil: MonotonicInstant?
    /// The time left until a held button starts the appliance anew.
    var resetCountdown: Duration?
    var stuckButtons: Set<ButtonRole> = []
    /// What the devices for controls were told last; nil where there are none.
    var lastSent: ControlState?

    init(volume: SpeakerVolume) { self.volume = volume }

    /// - Returns: whether the loudness is another one now.
    mutating func changeVolume(steps: Int, at now: MonotonicInstant) -> Bool {
        let before = volume
        volume.move(steps: steps)
        volumeShownUntil = now + Self.noticeTime
        return volume != before
    }

    mutating func choosePreset(_ index: Int, at now: MonotonicInstant) {
        preset = index
        presetShownUntil = now + Self.noticeTime
    }

    /// Whether the screen says how loud it is, and which preset was chosen.
    var isVolumeShown: Bool { volumeShownUntil != nil }
    var isPresetShown: Bool { presetShownUntil != nil }

    /// When `advance` makes a difference.
    var deadline: MonotonicInstant? { [volumeShownUntil, presetShownUntil].compactMap { $0 }.min() }

    mutating func advance(to now: MonotonicInstant) {
        if let until = volumeShownUntil, until <= now { volumeShownUntil = nil }
        if let until = presetShownUntil, until <= now { presetShownUntil = nil }
    }
}

/// What lamps, speakerphones and the TV are to know: only changes are sent.
struct ControlState: Equatable {
    var signal = LampSignal.booting
    /// The fault's family, 1…9.
    var number = 0
    var isMuted = false
    var isInCall = false
    var litButtons: Set<ButtonRole> = []

    /// Everything, for `meetings` buttons that join and those that have a lamp on every box.
    func commands(meetings: Int) -> [ControlCommand] {
        let roles = (0..<meetings).map { ButtonRole.join(room: $0) } + [.mute, .camera, .hand]
        return [.lamp(signal, number: number), .muted(isMuted), .inCall(isInCall)]
            + roles.map { .buttonLamp(role: $0, isLit: litButtons.contains($0)) }
    }
}
