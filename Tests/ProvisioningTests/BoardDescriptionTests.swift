import Devices
import Testing

@testable import Provisioning

@Suite struct BoardDescriptionTests {
    private func problems(_ text: String) -> [String] {
        if case .failure(let problems) = BoardDescription.read(text) {
            return problems.list.map { $0.text(file: "board.toml", language: .english) }
        }
        return []
    }

    @Test func aBoardIsRead() throws {
        let board = try BoardDescription.read(
            """
            schema_version = 1
            name = "Some board"
            models = ["Some Board rev"]
            [display]
            connector = "HDMI-A-1"
            [[buttons]]
            role = "join-1"
            chip = "gpio4"
            line = 18
            [[buttons]]
            role = "mute"
            chip = "kiosk"
            line = "BTN_MUTE"
            active_low = false
            bias = "pull-down"
            [[lamps]]
            role = "room"
            chip = "kiosk"
            red = "R"
            green = 3
            blue = 4
            [[lamps]]
            role = "mute"
            led = "mute:red"
            """
        ).get()
        #expect(board.name == "Some board")
        #expect(board.connector == "HDMI-A-1")
        #expect(board.describes(model: "Vendor Some board REV 2"))
        #expect(!board.describes(model: "Other"))
        #expect(
            board.buttons == [
                BoardButton(role: .join(room: 0), chip: "gpio4", line: .offset(18), isActiveLow: true, bias: .pullUp),
                BoardButton(
                    role: .mute, chip: "kiosk", line: .name("BTN_MUTE"), isActiveLow: false, bias: .pullDown),
            ])
        #expect(
            board.lamps == [
                BoardLamp(
                    role: .room, wire: .colours(chip: "kiosk", red: .name("R"), green: .offset(3), blue: .offset(4)),
                    isActiveLow: false),
                BoardLamp(role: .button(.mute), wire: .ledClass("mute:red"), isActiveLow: false),
            ])
    }

    @Test func mistakesAreToldWithTheirPlace() {
        let text = """
            schema_version = 1
            name = "B"
            [[buttons]]
            role = "jion-1"
            chip = "c"
            line = 1
            [[buttons]]
            role = "mute"
            chip = "c"
            line = 5000
            [[buttons]]
            role = "hand"
            line = 7
            [[lamps]]
            role = "room"
            chip = "c"
            red = 1
            """
        let found = problems(text)
        #expect(found.count == 5)
        #expect(found.first?.hasPrefix("board.toml:4:1: 'buttons[0].role' cannot be 'jion-1': 'join-1'") == true)
        #expect(
            found.contains("board.toml:10:1: 'buttons[1].line' cannot be '5000': a number from 0 to 1023 is expected"))
        #expect(found.contains("board.toml:11:1: 'buttons[2].chip' is missing"))
        #expect(found.contains("board.toml:14:1: 'lamps[0].green' is missing"))
        #expect(found.contains("board.toml:14:1: 'lamps[0].blue' is missing"))
    }

    @Test func twoButtonsOnOneLineAreRefused() {
        let text = """
            schema_version = 1
            name = "B"
            [[buttons]]
            role = "mute"
            chip = "c"
            line = 1
            [[buttons]]
            role = "hand"
            chip = "c"
            line = 1
            """
        #expect(problems(text).count == 1)
        #expect(problems(text).first?.contains("already that of the button 'mute'") == true)
    }
}
