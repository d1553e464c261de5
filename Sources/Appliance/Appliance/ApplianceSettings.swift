package import Basis
package import Devices
package import Jitsi
package import NetworkIO
package import Scene

/// A meeting that a button joins, with its secrets read and its address understood.
package struct MeetingSettings: Sendable {
    package var label: String
    package var url: RoomURL
    package var overrides = ServerOverrides()
    package var password: Redacted<String>?
    package var account: (user: String, password: Redacted<String>)?

    package init(label: String, url: RoomURL) {
        self.label = label
        self.url = url
    }
}

/// The short sounds by which the box tells the room what happens.
package struct RoomSoundSettings: Sendable {
    package var isOn = true
    /// Their loudness beside that of the call, 0 silent … 100.
    package var volume = 70
    /// The size of a meeting up to which arrivals and departures are told; 0 for never.
    package var peopleLimit = 8

    package init() {}
}

/// The calendar of the room.
package struct CalendarSettings: Sendable {
    /// Often a secret: who knows it may read.
    package var url: Redacted<String>
    package var account: (user: String, password: Redacted<String>)?
    /// Between two looks.
    package var refresh: Duration

    package init(url: Redacted<String>, refresh: Duration) {
        self.url = url
        self.refresh = refresh
    }
}

/// Everything that the appliance is told before it starts; nobody reads a file or the environment later.
package struct ApplianceSettings: Sendable {
    package var deviceName: String
    package var language: Language
    package var theme = Theme()
    /// A page that helps with faults; `{fault}` in it stands for the fault's number.
    package var helpURL: String?
    package var meetings: [MeetingSettings]
    /// Nil for none.
    package var calendar: CalendarSettings?
    /// Stable per device; tells the conference request who asks.
    package var machineUID: String
    /// Certificate authorities beside the system's, PEM files.
    package var caFiles: [String]
    /// Whether addresses of the loopback interface may carry media: only for the practice conference.
    package var usesLoopbackMedia: Bool
    /// The time without a call or a press after which the screen is dimmed; nil for never.
    package var displayDimDelay: Duration?
    /// The same for the TV's sleep.
    package var displayRestDelay: Duration?
    /// The buttons that the box has, by their roles, in the order in which they are; the idle screen shows them. Nil where
    /// nobody knows: those of every box.
    package var buttons: [String]?
    /// Whether the panel's page has `buttons` alone: it stands for the box. Else it has those of every box as well.
    package var isPanelTheBox = false
    package var volume = SpeakerVolume()
    /// The names of the camera's presets, in the order of the buttons `preset-1`….
    package var cameraPresets: [String] = []
    package var sounds = RoomSoundSettings()
    /// Whether what is said is shown in words when the server sends them.
    package var showsCaptions = true
    /// Whether calls begin without pictures, and whether shared screens are shown all the same.
    package var audioOnly = false
    package var audioOnlyShares = false
    /// Whether the camera goes out in three sizes at once where the server allows it.
    package var simulcast = true
    /// What pictures are preferred in both directions.
    package var videoCodec = VideoCodec.vp8
    /// Whether the camera shows the screen of a computer.
    package var cameraShowsScreen = false
    /// Whether the silence of the room is not sent (DTX).
    package var sendsPauses = false
    /// Through which connections over TCP go; nil for none.
    package var proxy: HTTPProxy?

    package init(
        deviceName: String, language: Language, meetings: [MeetingSettings], machineUID: String, caFiles: [String],
        usesLoopbackMedia: Bool
    ) {
        self.deviceName = deviceName
        self.language = language
        self.meetings = meetings
        self.machineUID = machineUID
        self.caFiles = caFiles
        self.usesLoopbackMedia = usesLoopbackMedia
    }
}

extension ApplianceSettings {
    private var everyButton: [String] {
        meetings.indices.map { "join-\($0 + 1)" } + ["mute", "hang-up", "camera", "hand", "layout"]
    }

    /// The buttons of the box, for the idle screen.
    var boxButtons: [String] { buttons ?? everyButton }

    /// The buttons of the panel's page.
    var panelButtons: [String] {
        isPanelTheBox ? boxButtons : everyButton + boxButtons.filter { !everyButton.contains($0) }
    }

    /// The page that helps with a fault; empty for none.
    func helpLink(fault number: Int) -> String {
        guard let parts = helpURL?.split(separator: "{fault}", omittingEmptySubsequences: false) else { return "" }
        return parts.joined(separator: "\(number)")
    }
}
