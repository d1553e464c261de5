package import Basis
internal import Devices
internal import Jitsi
package import NetworkIO
package import RoomController
package import Scene

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
    package var room: RoomSettings
    /// Nil for none.
    package var calendar: CalendarSettings?
    /// Certificate authorities beside the system's, PEM files.
    package var caFiles: [String]
    /// Whether addresses of the loopback interface may carry media: only for the practice conference.
    package var usesLoopbackMedia: Bool
    /// Whether the panel's page has the box's buttons alone: it stands for the box. Else it has those of every box as well.
    package var isPanelTheBox = false
    /// Whether the camera shows the screen of a computer.
    package var cameraShowsScreen = false
    /// Through which connections over TCP go; nil for none.
    package var proxy: HTTPProxy?

    package init(
        deviceName: String, language: Language, meetings: [MeetingSettings], machineUID: String, caFiles: [String],
        usesLoopbackMedia: Bool
    ) {
        room = RoomSettings(
            deviceName: deviceName, language: language, meetings: meetings, machineUID: machineUID)
        self.caFiles = caFiles
        self.usesLoopbackMedia = usesLoopbackMedia
    }
}

extension ApplianceSettings {
    /// What the controller is told.
    var roomSettings: RoomSettings {
        var settings = room
        settings.calendarRefresh = calendar?.refresh
        return settings
    }

    /// Where the calendar is fetched; nil where there is none.
    var calendarSource: CalendarSource? {
        calendar.map { CalendarSource(settings: $0, rooms: room.meetings.map(\.url)) }
    }

    /// The buttons of the panel's page.
    var panelButtons: [ButtonRole] {
        let every = room.standardButtons
        return isPanelTheBox ? room.boxButtons : every + room.boxButtons.filter { !every.contains($0) }
    }
}
