import Jitsi
import LinuxHost
import Room
import Scene
import Testing

@testable import Appliance

@Suite struct FaultTextTests {
    /// Whatever the number, there is something to read and something to do, in both languages.
    @Test(arguments: RoomFault.allCases)
    func everyFaultHasASentenceAndAnAction(fault: RoomFault) {
        let french = FaultText.fault(fault, .french)
        let english = FaultText.fault(fault, .english)
        for text in [french.sentence, french.action, english.sentence, english.action] {
            #expect(text.count > 10 && text.hasSuffix(".") && !text.contains("'"), "\(text)")
        }
        #expect(french.sentence != english.sentence && french.action != english.action)
        #expect((10...99).contains(fault.rawValue))
    }

    @Test func numbersAndSentencesTellFaultsApart() {
        #expect(Set(RoomFault.allCases.map(\.rawValue)).count == RoomFault.allCases.count)
        for language in Language.allCases {
            let sentences = RoomFault.allCases.map { FaultText.fault($0, language).sentence }
            #expect(Set(sentences).count == sentences.count)
        }
    }

    @Test(arguments: ["incidents.md", "incidents.fr.md"])
    func everyNumberIsInTheManual(name: String) throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let text = try TextFile.read("\(root)/docs/operating/\(name)")
        let isFrench = name.contains(".fr.")
        for fault in RoomFault.allCases {
            let sentence = FaultText.fault(fault, isFrench ? .french : .english).sentence
            let words = sentence.prefix { $0 != "." && $0 != ":" && $0 != "\u{A0}" }
            let plain = String(words.map { $0 == "’" ? "'" : $0 })
            #expect(text.contains("| \(fault.rawValue) | \(plain)"), "\(fault.rawValue) \(plain)")
        }
    }

    @Test func anEndHasItsWords() {
        for reason in [LeaveReason.kicked, .roomClosed, .hungUp] {
            for language in Language.allCases {
                #expect(!FaultText.ended(reason, language).sentence.isEmpty)
                #expect(!FaultText.ended(reason, language).action.isEmpty)
            }
        }
    }
}

@Suite struct ApplianceSettingsTests {
    private func settings(meetings count: Int = 1) throws -> ApplianceSettings {
        let url = try RoomURL("https://visio.example.org/Conseil")
        return ApplianceSettings(
            deviceName: "Salle", language: .french,
            meetings: (0..<count).map { MeetingSettings(label: "R\($0)", url: url) }, machineUID: "", caFiles: [],
            usesLoopbackMedia: false)
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
        let every = ["join-1", "join-2", "mute", "hang-up", "camera", "hand", "layout"]
        #expect(settings.boxButtons == every && settings.panelButtons == every)
        settings.buttons = ["join-1", "mute", "volume-up"]
        #expect(settings.boxButtons == ["join-1", "mute", "volume-up"])
        #expect(settings.panelButtons == every + ["volume-up"], "the page can do more than the box")
        settings.isPanelTheBox = true
        #expect(settings.panelButtons == ["join-1", "mute", "volume-up"])
    }
}
