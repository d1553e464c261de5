import Basis
import Devices
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
                "f.toml:3:1: 'device.name' must be a text in quotes, not a whole number",
                "f.toml:4:1: 'rooms[0].label' is missing",
                "f.toml:7:1: 'trust.ca_files' must be a list of texts in brackets, not a text in quotes",
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
                == "f.toml:2:1: 'rooms' must be a section in double brackets, not a whole number")
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

    @Test func picturesMayBeGivenUpAndTheCameraToldWhatItShows() throws {
        let plain = try ConfigurationReader.read("schema_version = 1\n") { _ in nil }.get()
        #expect(plain.call == Configuration.Call())
        #expect(plain.camera.simulcast && plain.camera.content == .camera)
        let text = """
            schema_version = 1
            [camera]
            simulcast = false
            content = "screen"
            [call]
            audio_only = true
            audio_only_shares = true
            video_codec = "vp9"
            """
        let configuration = try ConfigurationReader.read(text) { _ in nil }.get()
        #expect(configuration.call.audioOnly && configuration.call.audioOnlyShares)
        #expect(plain.call.videoCodec == .vp8 && configuration.call.videoCodec == .vp9)
        #expect(problems("schema_version = 1\n[call]\nvideo_codec = \"av1\"\n").map(\.line) == [3])
        #expect(!configuration.camera.simulcast && configuration.camera.content == .screen)
        #expect(problems("schema_version = 1\n[call]\naudio = true\n").map(\.line) == [3])
        #expect(problems("schema_version = 1\n[camera]\ncontent = \"film\"\n").map(\.line) == [3])
    }

    @Test func devicesAreNamedByIdentityAndBounded() throws {
        let text = """
            schema_version = 1
            [display]
            connector = "HDMI-A-2"
            size = "1280x720"
            refresh_rate = 50
            overscan_percent = 3
            off_after_minutes = 0
            captions = false
            [camera]
            devices = ["usb:046d:085e:AB12", "port:1-1.2", "name:BRIO", "path:/dev/video4"]
            power_line_frequency = "60"
            controls = { zoom_absolute = 120, pan_absolute = -3600 }
            [[camera.presets]]
            label = "Tribune"
            controls = { zoom_absolute = 200 }
            [audio]
            microphones = ["usb:0b0e:0412"]
            echo = "software"
            volume = 5
            volume_floor = 20
            [sounds]
            enabled = false
            volume = 40
            people_limit = 0
            [cec]
            policy = "wake"
            [panel]
            listen = "0.0.0.0:8080"
            token_file = "/etc/visiosalle/secrets/panneau"
            """
        let configuration = try ConfigurationReader.read(text) { _ in nil }.get()
        #expect(configuration.display.size == PictureSize(width: 1280, height: 720))
        #expect(configuration.display.connector == "HDMI-A-2")
        #expect(configuration.display.refreshRate == 50)
        #expect(configuration.display.overscan == 3)
        #expect(configuration.display.goesOff == .never)
        #expect(!configuration.display.captions)
        #expect(
            configuration.camera.devices == [
                .usb(vendor: 0x046d, product: 0x085e, serial: "AB12"), .port("1-1.2"), .name("BRIO"),
                .path("/dev/video4"),
            ])
        #expect(configuration.camera.powerLineFrequency == .hertz60)
        #expect(
            configuration.camera.controls == [
                .init(name: "zoom_absolute", value: 120), .init(name: "pan_absolute", value: -3_600),
            ])
        #expect(
            configuration.camera.presets == [
                .init(label: "Tribune", controls: [.init(name: "zoom_absolute", value: 200)])
            ])
        #expect(configuration.audio.echo == .software)
        #expect(configuration.audio.volume == 20)
        #expect(configuration.sounds == .init(enabled: false, volume: 40, peopleLimit: 0))
        #expect(configuration.cec == .wake)
        #expect(configuration.panelListen == "0.0.0.0:8080")
        #expect(configuration.panelTokenFile == "/etc/visiosalle/secrets/panneau")
    }

    @Test func deviceMistakesSayWhatIsExpected() {
        let text = """
            schema_version = 1
            [display]
            size = "large"
            overscan_percent = 40
            [camera]
            devices = ["usb:46d:85e"]
            [audio]
            echo = "yes"
            volume_floor = 60
            volume_ceiling = 50
            [sounds]
            enabled = 1
            people_limits = 4
            volume = 101
            """
        #expect(
            lines(text) == [
                "f.toml:3:1: 'display.size' cannot be 'large': WIDTHxHEIGHT is expected, for instance '1920x1080'",
                "f.toml:4:1: 'display.overscan_percent' cannot be '40': a number from 0 to 10 is expected",
                "f.toml:6:1: 'camera.devices' cannot be 'usb:46d:85e': 'usb:046d:0825', 'port:1-1.2', 'name:…' or "
                    + "'path:/dev/…' is expected; see 'visiosalle devices list'",
                "f.toml:8:1: 'audio.echo' cannot be 'yes': 'auto', 'device', 'software', 'off'",
                "f.toml:9:1: 'audio.volume_floor' cannot be '60': at most volume_ceiling (50)",
                "f.toml:12:1: 'sounds.enabled' must be true or false, not a whole number",
                "f.toml:13:1: unknown key 'sounds.people_limits'; did you mean 'people_limit'?",
                "f.toml:14:1: 'sounds.volume' cannot be '101': a number from 0 to 100 is expected",
            ])
    }

    @Test func typesAreNamedInTheLanguageOfTheMessage() {
        let text = "schema_version = 1\n[device]\nname = 5\n[trust]\nca_files = 1.5\n[audio]\ndtx = 2026-12-01\n"
        #expect(
            lines(text, .french) == [
                "f.toml:3:1: « device.name » doit être un texte entre guillemets, pas un nombre entier",
                "f.toml:5:1: « trust.ca_files » doit être une liste de textes entre crochets, pas un nombre à virgule",
                "f.toml:7:1: « audio.dtx » doit être true ou false, pas une date ou une heure",
            ])
    }

    @Test func aNullCharacterHidesNothing() {
        let text = "schema_version = 1\n\0\n[[rooms]]\nlabel = \"A\"\n"
        #expect(
            lines(text, .french) == [
                "f.toml:2:1: un caractère nul (un octet de valeur 0) ; TOML l'interdit : retirez-le"
            ])
    }

    @Test func otherEncodingsAreToldWithTheirPlace() {
        let latin = Array("schema_version = 1\n[device]\nname = \"Salle des f".utf8) + [0xEA] + Array("tes\"\n".utf8)
        guard case .failure(let found) = ConfigurationReader.read(latin, checkAddress: { _ in nil }) else {
            return #expect(Bool(false))
        }
        #expect(
            found.list.map { $0.text(file: "f.toml", language: .french) } == [
                "f.toml:3:20: ce n'est pas de l'UTF-8 (peut-être du Latin-1 ou du Windows-1252) ; enregistrez le "
                    + "fichier en UTF-8"
            ])
    }

    @Test func theFileSaysInWhichLanguageItsMistakesAreTold() {
        #expect(DisplayLanguage.declared(in: Array("[device]\n  language = \"en\" # so\n".utf8)) == .english)
        #expect(DisplayLanguage.declared(in: Array("# language = \"en\"\nlanguage='fr'".utf8)) == .french)
        #expect(DisplayLanguage.declared(in: "language = \"en\"\n".utf16.flatMap { [UInt8($0), 0] }) == .english)
        #expect(DisplayLanguage.declared(in: Array("language = \"de\"".utf8)) == nil)
    }

    @Test func namesOfTheKernelAreCheckedForTheirShape() {
        let text = """
            schema_version = 1
            [display]
            connector = "HDMI-1"
            [camera.controls]
            "Zoom, Absolute" = 3
            """
        #expect(problems(text).map(\.key) == ["display.connector", "camera.controls.Zoom, Absolute"])
        for name in ["HDMI-A-1", "DP-3", "eDP-1", "Virtual-1"] {
            #expect(problems("schema_version = 1\n[display]\nconnector = \"\(name)\"\n").isEmpty)
        }
    }

    @Test func filesAndAddressesAreCheckedByThisMachine() {
        let text = """
            schema_version = 1
            [[rooms]]
            label = "A"
            url = "https://h/r"
            password_file = "p"
            token_file = "t"
            account = "u"
            account_password_file = "a"
            [trust]
            ca_files = ["x", "y"]
            [network]
            proxy = "http://proxy.example:3128"
            proxy_user = "u"
            proxy_password_file = "q"
            [board]
            name = "b"
            [calendar]
            url_file = "c"
            account = "u"
            account_password_file = "d"
            [panel]
            listen = "l"
            """
        func no(_ kind: String) -> (String) -> LocalizedText? { { LocalizedText("", "no \(kind) \($0)") } }
        var checks = ConfigurationChecks()
        checks.secretFile = no("secret")
        checks.certificateFile = no("certificate")
        checks.listenAddress = no("address")
        checks.board = no("board")
        guard case .failure(let found) = ConfigurationReader.read(text, checks: checks, checkAddress: { _ in nil })
        else { return #expect(Bool(false)) }
        let expected = found.list.compactMap { problem in
            if case .wrongValue(_, let expected) = problem.kind { "\(problem.line) \(expected.english)" } else { nil }
        }
        #expect(
            expected == [
                "5 no secret p", "6 no secret t", "8 no secret a", "10 no certificate x", "10 no certificate y",
                "14 no secret q", "16 no board b", "18 no secret c", "20 no secret d", "22 no address l",
            ])
    }
}
