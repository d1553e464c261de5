import Devices
import Jitsi
import RoomController
import Scene
import Testing

@testable import Appliance

@Suite struct ApplianceSettingsTests {
    @Test func thePageCanDoMoreThanTheBoxUnlessItStandsForIt() throws {
        let url = try RoomURL("https://visio.example.org/Conseil")
        var settings = ApplianceSettings(
            deviceName: "Salle", language: .french, meetings: [MeetingSettings(label: "Conseil", url: url)],
            machineUID: "", caFiles: [], usesLoopbackMedia: false)
        let every: [ButtonRole] = [.join(room: 0), .mute, .hangUp, .camera, .hand, .layout]
        #expect(settings.panelButtons == every)
        settings.room.buttons = [.join(room: 0), .mute, .volumeUp]
        #expect(settings.panelButtons == every + [.volumeUp])
        settings.isPanelTheBox = true
        #expect(settings.panelButtons == [.join(room: 0), .mute, .volumeUp])
    }
}
