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

/// Everything that the appliance is told before it starts; nobody reads a file or the environment later.
package struct ApplianceSettings: Sendable {
    package var deviceName: String
    package var language: Language
    package var meetings: [MeetingSettings]
    /// Stable per device; tells the conference request who asks.
    package var machineUID: String
    /// Certificate authorities beside the system's, PEM files.
    package var caFiles: [String]
    /// Whether addresses of the loopback interface may carry media: only for the practice conference.
    package var usesLoopbackMedia: Bool
    /// The time without a call or a press after which the TV may sleep; nil for never.
    package var displayRestDelay: Duration?
    package var volume = SpeakerVolume()
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
