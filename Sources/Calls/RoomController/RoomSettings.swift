package import Basis
package import Devices
package import Jitsi
package import Scene

/// A meeting that a button joins, with its secrets read and its address understood.
package struct MeetingSettings: Sendable {
    /// What the configuration calls it.
    package var label: String
    /// Its address.
    package var url: RoomURL
    /// What the configuration knows better than the server's config.js.
    package var overrides = ServerOverrides()
    /// The room's own.
    package var password: Redacted<String>?
    /// With which the box logs in; nil for a guest.
    package var account: (user: String, password: Redacted<String>)?

    /// A meeting without secrets.
    package init(label: String, url: RoomURL) {
        self.label = label
        self.url = url
    }
}

/// The short sounds by which the box tells the room what happens.
package struct RoomSoundSettings: Sendable {
    /// Whether there are sounds.
    package var isOn = true
    /// Their loudness beside that of the call, 0 silent … 100.
    package var volume = 70
    /// The size of a meeting up to which arrivals and departures are told; 0 for never.
    package var peopleLimit = 8

    /// As delivered.
    package init() {}
}

/// What pictures a call begins with and sends.
package struct RoomVideoSettings: Sendable {
    /// Whether calls begin without pictures.
    package var audioOnly = false
    /// Whether shared screens are shown all the same.
    package var audioOnlyShares = false
    /// Whether the camera goes out in three sizes at once where the server allows it.
    package var simulcast = true
    /// What pictures are preferred in both directions.
    package var codec = VideoCodec.vp8

    /// As delivered.
    package init() {}
}

/// How the TV is spared while nobody needs it.
package struct IdleDisplaySettings: Sendable {
    /// The time without a call or a press after which the screen is dimmed; nil for never.
    package var dimDelay: Duration?
    /// The same for the TV's sleep.
    package var restDelay: Duration?

    /// The TV is never spared.
    package init() {}
}

/// Everything that a room is told before it starts.
package struct RoomSettings: Sendable {
    /// The name of the box, shown to everybody.
    package var deviceName: String
    /// Of the screen and of texts that the server is asked for.
    package var language: Language
    /// The looks of the screen.
    package var theme = Theme()
    /// A page that helps with faults; `{fault}` in it stands for the fault's number.
    package var helpURL: String?
    /// In the order of their buttons.
    package var meetings: [MeetingSettings]
    /// The time between two looks at the room's calendar; nil where there is none.
    package var calendarRefresh: Duration?
    /// Stable per device; tells the conference request who asks.
    package var machineUID: String
    /// When the TV is spared.
    package var idleDisplay = IdleDisplaySettings()
    /// The buttons that the box has, in the order in which they are; the idle screen shows them. Nil where nobody knows:
    /// those of every box.
    package var buttons: [ButtonRole]?
    /// Of the speaker, at the start.
    package var volume = SpeakerVolume()
    /// The names of the camera's presets, in the order of their buttons.
    package var cameraPresets: [String] = []
    /// The short sounds for the room.
    package var sounds = RoomSoundSettings()
    /// Whether what is said is shown in words when the server sends them.
    package var showsCaptions = true
    /// What pictures a call begins with.
    package var video = RoomVideoSettings()
    /// Whether the silence of the room is not sent (DTX).
    package var sendsPauses = false
    /// Whether a connection to the server of the likeliest meeting is kept ready while nothing else goes on.
    package var standsBy = true

    /// Settings as delivered.
    package init(deviceName: String, language: Language, meetings: [MeetingSettings], machineUID: String) {
        self.deviceName = deviceName
        self.language = language
        self.meetings = meetings
        self.machineUID = machineUID
    }
}

extension RoomSettings {
    /// The buttons that every box has.
    package var standardButtons: [ButtonRole] {
        meetings.indices.map { .join(room: $0) } + [.mute, .hangUp, .camera, .hand, .layout]
    }

    /// The buttons of the box, for the idle screen.
    package var boxButtons: [ButtonRole] { buttons ?? standardButtons }

    /// The page that helps with a fault; empty for none.
    package func helpLink(fault number: Int) -> String {
        guard let parts = helpURL?.split(separator: "{fault}", omittingEmptySubsequences: false) else { return "" }
        return parts.joined(separator: "\(number)")
    }
}

extension RoomURL {
    /// Whether both lead to the same room of the same server, whatever their tokens.
    package func isSameRoom(as other: RoomURL) -> Bool {
        func port(_ url: RoomURL) -> UInt16 { url.port ?? (url.scheme == "https" ? 443 : 80) }
        return host == other.host && port(self) == port(other) && subdomain == other.subdomain
            && normalizedRoom == other.normalizedRoom
    }
}
