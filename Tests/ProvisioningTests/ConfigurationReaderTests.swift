import Testing

@testable import Provisioning

@Suite struct ConfigurationReaderTests {
    private func problems(_ text: String) -> [ConfigurationProblem] {
        let result = ConfigurationReader.read(text) { url in
            url.hasPrefix("https://") ? nil : LocalizedText("commence par https://", "starts with https://")
        }
        if case .failure(let problems) = result { return problems.list }
        return []
    }

    private func lines(_ text: String, _ language: DisplayLanguage = .english) -> [String] {
        problems(text).map { $0.text(file: "f.toml", language: language) }
    }

    @Test func aWholeFileIsRead() throws {
        let text = """
            \u{FEFF}schema_version = 1\r
            [device]
            name = "Salle \\"A\\" # pas un commentaire"
            language = "en"
            [[rooms]]
            label = "Conseil"
            url = "https://visio.example.org/Conseil"
            account = "clerk"
            account_password_file = "/secret"
            server = { xmpp_domain = "meet.jitsi", websocket = "wss://visio.example.org/xmpp-websocket" }
            [[rooms]]
            label = "Deux"
            url = "https://visio.example.org/Deux"
            [rooms.server]
            focus = "focus.meet.jitsi"
            [trust]
            ca_files = ["/a.pem", "/b.pem"]
            [board]
            name = "raspberry-pi-4"
            """
        let configuration = try ConfigurationReader.read(text) { _ in nil }.get()
        #expect(configuration.device.name == "Salle \"A\" # pas un commentaire")
        #expect(configuration.device.language == .english)
        #expect(configuration.rooms.map(\.label) == ["Conseil", "Deux"])
        #expect(configuration.rooms[0].server.xmppDomain == "meet.jitsi")
        #expect(configuration.rooms[1].server.focus == "focus.meet.jitsi")
        #expect(configuration.caFiles == ["/a.pem", "/b.pem"])
        #expect(configuration.board.name == "raspberry-pi-4")
    }

    @Test func anUnknownKeyIsToldWithPlaceAndNearestName() {
        let text = "schema_version = 1\n[device]\nname = \"A\"\n  langage = \"fr\"\n"
        #expect(lines(text) == ["f.toml:4:3: unknown key 'device.langage'; did you mean 'language'?"])
        #expect(
            lines(text, .french) == ["f.toml:4:3: clé inconnue « device.langage » ; vouliez-vous dire « language » ?"])
        #expect(lines("schema_version = 1\nzzzzzz = 2") == ["f.toml:2:1: unknown key 'zzzzzz'"])
    }

    @Test func aProblemInTheSecondRoomPointsThere() {
        let text = """
            schema_version = 1
            [[rooms]]
            label = "Un"
            url = "https://h/Un"
            [[rooms]]
            label = "Deux"
            url = "http://h/Deux"
            """
        #expect(lines(text) == ["f.toml:7:1: 'rooms[1].url' cannot be 'http://h/Deux': starts with https://"])
    }

    @Test func wrongTypesVersionsAndMissingKeysAreAllToldAtOnce() {
        let text =
            "schema_version = 2\n[device]\nname = 5\n[[rooms]]\nurl = \"https://h/r\"\n[trust]\nca_files = \"a\"\n"
        #expect(
            lines(text) == [
                "f.toml:1:1: schema_version = 2 is unknown to this software, which reads version 1; update the box",
                "f.toml:3:1: 'device.name' must be a text in quotes, not integer",
                "f.toml:4:1: 'rooms[0].label' is missing",
                "f.toml:7:1: 'trust.ca_files' must be a list of texts in brackets, not string",
            ])
        #expect(lines("") == ["f.toml: 'schema_version' is missing"])
    }

    @Test func badSyntaxIsToldWithItsPlace() {
        let found = problems("schema_version = 1\n[device\n")
        #expect(found.count == 1)
        #expect(found.first?.line == 2)
    }

    @Test func sectionsOfTheWrongShapeAreRefused() {
        #expect(
            lines("schema_version = 1\nrooms = 3").first
                == "f.toml:2:1: 'rooms' must be a section in double brackets, not integer")
        #expect(
            lines("schema_version = 1\n[[device]]\nname=\"x\"").first?.contains("must be a section in brackets") == true
        )
    }

    @Test func anAccountNeedsItsPassword() {
        let text = "schema_version = 1\n[[rooms]]\nlabel = \"A\"\nurl = \"https://h/r\"\naccount = \"clerk\"\n"
        #expect(lines(text) == ["f.toml:2:1: 'rooms[0].account_password_file' is missing"])
    }

    @Test func multiLineStringsAndNestedListsDoNotShiftPositions() {
        let text =
            "schema_version = 1\n[trust]\nca_files = [ # une liste\n  \"a\", 'b',\n]\nfoo = \"\"\"\nx = 1\n\"\"\"\n"
        #expect(problems(text).map(\.line) == [6])
    }
}
