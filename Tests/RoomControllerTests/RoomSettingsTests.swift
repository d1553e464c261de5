import Devices
import Jitsi
import Scene
import Testing

@testable import RoomController

@Suite struct RoomSettingsTests {
    private func settings(meetings count: Int = 1) throws -> RoomSettings {
        let url = try RoomURL("https://visio.example.org/Conseil")
        return RoomSettings(
            deviceName: "Salle", language: .french,
            meetings: (0..<count).map { MeetingSettings(label: "R\($0)", url: url) }, machineUID: "")
    }

    @Test func theHelpPageIsThatOfTheFault() throws {
        var settings = try settings()
        #expect(settings.helpLink(fault: 21) == "")
        settings.helpURL = "https://mairie.example.org/aide#{fault}"
        #expect(settings.helpLink(fault: 21) == "https://mairie.example.org/aide#21")
        settings.helpURL = "https://mairie.example.org/aide"
        #expect(settings.helpLink(fault: 21) == "https://mairie.example.org/aide")
        settings.helpURL = "https://m.example.org/{fault}/{fault}"
        #expect(settings.helpLink(fault: 40) == "https://m.example.org/40/40")
    }

    /// An invitation in a calendar leads to the room of a button, whatever its token and capitals.
    @Test(arguments: [
        ("https://visio.example.org/Conseil", true), ("https://VISIO.example.org:443/conseil?jwt=x", true),
        ("https://visio.example.org/Conseil#config.startWithAudioMuted=true", true),
        ("https://visio.example.org/mairie/Conseil", false), ("https://visio.example.org/Bureau", false),
        ("https://visio.example.org:8443/Conseil", false), ("https://visio.example.com/Conseil", false),
    ])
    func invitationsAreKnown(address: String, isOurs: Bool) throws {
        let room = try RoomURL("https://visio.example.org/Conseil?jwt=secret")
        #expect(try RoomURL(address).isSameRoom(as: room) == isOurs)
    }

    @Test func theScreenShowsTheButtonsOfTheBox() throws {
        var settings = try settings(meetings: 2)
        #expect(settings.boxButtons == [.join(room: 0), .join(room: 1), .mute, .hangUp, .camera, .hand, .layout])
        settings.buttons = [.join(room: 0), .mute, .volumeUp]
        #expect(settings.boxButtons == [.join(room: 0), .mute, .volumeUp])
    }
}
