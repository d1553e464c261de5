internal import Basis
internal import Devices
internal import TOML

/// Reads a configuration text: all of it is right, or every problem is told and nothing is taken.
package enum ConfigurationReader {
    /// Says what is wrong with a meeting's address, or nil when it can be joined.
    package typealias AddressCheck = (String) -> LocalizedText?

    /// The configuration, or the problems in the order of the file.
    package static func read(
        _ text: String, checks: ConfigurationChecks = ConfigurationChecks(), checkAddress: AddressCheck
    ) -> Result<Configuration, ConfigurationProblems> {
        read(Array(text.utf8), checks: checks, checkAddress: checkAddress)
    }

    /// The same of the bytes of a file.
    package static func read(
        _ bytes: [UInt8], checks: ConfigurationChecks = ConfigurationChecks(), checkAddress: AddressCheck
    ) -> Result<Configuration, ConfigurationProblems> {
        DocumentReader.read(bytes) { document, root in
            document.readConfiguration(root, checks: checks, checkAddress: checkAddress)
        }
    }
}

extension DocumentReader {
    fileprivate mutating func readConfiguration(
        _ root: TOMLTable, checks: ConfigurationChecks, checkAddress: ConfigurationReader.AddressCheck
    ) -> Configuration {
        var configuration = Configuration()
        checkKeys(
            of: root, at: "",
            known: [
                "schema_version", "device", "theme", "rooms", "trust", "network", "board", "display", "camera", "audio",
                "sounds", "call", "cec", "calendar",
                "panel",
            ])
        readVersion(root)
        if let device = section(root, "device") { configuration.device = readDevice(device, checks: checks) }
        if let theme = section(root, "theme") { configuration.theme = readTheme(theme, checks: checks) }
        for (index, room) in sections(root, "rooms").enumerated() {
            if let room = readRoom(room, at: "rooms[\(index)]", checks: checks, checkAddress: checkAddress) {
                configuration.rooms.append(room)
            }
        }
        if let trust = section(root, "trust") {
            checkKeys(of: trust, at: "trust", known: ["ca_files"])
            configuration.caFiles = textList(trust, "ca_files", at: "trust")
            for (index, file) in configuration.caFiles.enumerated() {
                check(file, by: checks.certificateFile, "trust.ca_files[\(index)]")
            }
        }
        if let network = section(root, "network") { configuration.network = readNetwork(network, checks: checks) }
        if let board = section(root, "board") {
            checkKeys(of: board, at: "board", known: ["name", "buttons", "lamps"])
            configuration.board.name = text(board, "name", at: "board")
            if let name = configuration.board.name { check(name, by: checks.board, "board.name") }
            if board["buttons"] != nil { configuration.board.buttons = readButtons(board, at: "board") }
            if board["lamps"] != nil { configuration.board.lamps = readLamps(board, at: "board") }
        }
        if let display = section(root, "display") { configuration.display = readDisplay(display) }
        if let camera = section(root, "camera") { configuration.camera = readCamera(camera) }
        if let call = section(root, "call") { configuration.call = readCall(call) }
        if let audio = section(root, "audio") { configuration.audio = readAudio(audio) }
        if let sounds = section(root, "sounds") { configuration.sounds = readSounds(sounds) }
        if let cec = section(root, "cec") {
            checkKeys(of: cec, at: "cec", known: ["policy"])
            if let policy: Configuration.CECChoice = choice(cec, "policy", at: "cec") { configuration.cec = policy }
        }
        if let calendar = section(root, "calendar") { configuration.calendar = readCalendar(calendar, checks: checks) }
        if let panel = section(root, "panel") {
            checkKeys(of: panel, at: "panel", known: ["listen", "token_file"])
            configuration.panelListen = text(panel, "listen", at: "panel", limit: 80)
            if let listen = configuration.panelListen { check(listen, by: checks.listenAddress, "panel.listen") }
            configuration.panelTokenFile = text(panel, "token_file", at: "panel")
        }
        return configuration
    }

    private mutating func readRoom(
        _ table: TOMLTable, at path: String, checks: ConfigurationChecks, checkAddress: ConfigurationReader.AddressCheck
    ) -> Configuration.Room? {
        checkKeys(
            of: table, at: path,
            known: ["label", "url", "password_file", "token_file", "account", "account_password_file", "server"])
        let label = text(table, "label", at: path, limit: 40)
        let url = text(table, "url", at: path)
        if table["label"] == nil { report("\(path).label", .missing) }
        if table["url"] == nil { report("\(path).url", .missing) }
        if let url, let complaint = checkAddress(url) {
            // A token in the address is a secret: it is not repeated.
            report("\(path).url", .wrongValue(found: String(url.prefix { $0 != "?" }), expected: complaint))
        }
        var room = Configuration.Room(label: label ?? "", url: url ?? "")
        room.passwordFile = secretFile(table, "password_file", at: path, checks)
        room.tokenFile = secretFile(table, "token_file", at: path, checks)
        room.account = text(table, "account", at: path)
        room.accountPasswordFile = secretFile(table, "account_password_file", at: path, checks)
        if room.account != nil, table["account_password_file"] == nil {
            report("\(path).account_password_file", .missing)
        }
        if room.accountPasswordFile != nil, table["account"] == nil { report("\(path).account", .missing) }
        if let server = section(table, "server", at: path) {
            room.server = readServer(server, at: "\(path).server")
        }
        return label == nil || url == nil ? nil : room
    }

    private mutating func readServer(_ table: TOMLTable, at path: String) -> Configuration.Server {
        checkKeys(
            of: table, at: path,
            known: [
                "xmpp_domain", "muc_domain", "anonymous_domain", "focus", "websocket", "bosh", "conference_request_url",
            ])
        var server = Configuration.Server()
        server.xmppDomain = text(table, "xmpp_domain", at: path)
        server.mucDomain = text(table, "muc_domain", at: path)
        server.anonymousDomain = text(table, "anonymous_domain", at: path)
        server.focus = text(table, "focus", at: path)
        server.webSocketURL = address(table, "websocket", at: path, schemes: ["wss://"])
        server.boshURL = address(table, "bosh", at: path, schemes: ["https://"])
        server.conferenceRequestURL = address(table, "conference_request_url", at: path, schemes: ["https://"])
        return server
    }

    private mutating func address(
        _ table: TOMLTable, _ key: String, at path: String, schemes: [String]
    ) -> String? {
        guard let value = text(table, key, at: path) else { return nil }
        guard schemes.contains(where: value.hasPrefix) else {
            let list = schemes.joined(separator: ", ")
            report(
                "\(path).\(key)",
                .wrongValue(
                    found: value,
                    expected: LocalizedText("l'adresse commence par \(list)", "the address starts with \(list)")))
            return nil
        }
        return value
    }

    // MARK: Devices

    private mutating func readDisplay(_ table: TOMLTable) -> Configuration.Display {
        checkKeys(
            of: table, at: "display",
            known: [
                "connector", "size", "refresh_rate", "overscan_percent", "dim_after_minutes", "off_after_minutes",
                "captions",
            ])
        var display = Configuration.Display()
        display.connector = connector(table, at: "display")
        if let size = text(table, "size", at: "display") {
            display.size = PictureSize(size)
            if display.size == nil {
                report(
                    "display.size",
                    .wrongValue(
                        found: String(size.prefix(60)),
                        expected: LocalizedText(
                            "LARGEURxHAUTEUR est attendu, par exemple « 1920x1080 »",
                            "WIDTHxHEIGHT is expected, for instance '1920x1080'")))
            }
        }
        display.refreshRate = integer(table, "refresh_rate", at: "display", in: 20...240)
        display.overscan = integer(table, "overscan_percent", at: "display", in: 0...10) ?? display.overscan
        display.dims = minutes(table, "dim_after_minutes", at: "display") ?? display.dims
        display.goesOff = minutes(table, "off_after_minutes", at: "display") ?? display.goesOff
        if let captions = boolean(table, "captions", at: "display") { display.captions = captions }
        return display
    }

    private mutating func readCamera(_ table: TOMLTable) -> Configuration.Camera {
        checkKeys(
            of: table, at: "camera",
            known: ["devices", "power_line_frequency", "controls", "presets", "simulcast", "content"])
        var camera = Configuration.Camera()
        camera.devices = identities(table, "devices", at: "camera")
        if let frequency: Configuration.PowerLineFrequency = choice(table, "power_line_frequency", at: "camera") {
            camera.powerLineFrequency = frequency
        }
        if let simulcast = boolean(table, "simulcast", at: "camera") { camera.simulcast = simulcast }
        if let content: Configuration.CameraContent = choice(table, "content", at: "camera") {
            camera.content = content
        }
        camera.controls = readCameraControls(table, at: "camera")
        for (index, entry) in sections(table, "presets", at: "camera").enumerated() {
            let path = "camera.presets[\(index)]"
            checkKeys(of: entry, at: path, known: ["label", "controls"])
            guard let label = required(entry, "label", at: path) else { continue }
            let controls = readCameraControls(entry, at: path)
            if controls.isEmpty { report("\(path).controls", .missing) }
            camera.presets.append(.init(label: label, controls: controls))
        }
        return camera
    }

    private mutating func readCameraControls(_ table: TOMLTable, at path: String) -> [Configuration.CameraControl] {
        guard let controls = section(table, "controls", at: path) else { return [] }
        return controls.keys.compactMap { name in
            checkControlName(name, at: "\(path).controls")
            return integer(controls, name, at: "\(path).controls").map { .init(name: name, value: $0) }
        }
    }

    private mutating func readCall(_ table: TOMLTable) -> Configuration.Call {
        checkKeys(of: table, at: "call", known: ["audio_only", "audio_only_shares", "video_codec"])
        var call = Configuration.Call()
        call.audioOnly = boolean(table, "audio_only", at: "call") ?? call.audioOnly
        call.audioOnlyShares = boolean(table, "audio_only_shares", at: "call") ?? call.audioOnlyShares
        if let codec: VideoCodec = choice(table, "video_codec", at: "call") { call.videoCodec = codec }
        return call
    }

    private mutating func readAudio(_ table: TOMLTable) -> Configuration.Audio {
        checkKeys(
            of: table, at: "audio",
            known: ["microphones", "speakers", "echo", "dtx", "volume", "volume_floor", "volume_ceiling"])
        var audio = Configuration.Audio()
        audio.microphones = identities(table, "microphones", at: "audio")
        audio.speakers = identities(table, "speakers", at: "audio")
        if let echo: Configuration.EchoChoice = choice(table, "echo", at: "audio") { audio.echo = echo }
        audio.dtx = boolean(table, "dtx", at: "audio") ?? audio.dtx
        audio.volumeFloor = integer(table, "volume_floor", at: "audio", in: 0...100) ?? audio.volumeFloor
        audio.volumeCeiling = integer(table, "volume_ceiling", at: "audio", in: 0...100) ?? audio.volumeCeiling
        if audio.volumeFloor > audio.volumeCeiling {
            report(
                "audio.volume_floor",
                .wrongValue(
                    found: String(audio.volumeFloor),
                    expected: LocalizedText(
                        "au plus volume_ceiling (\(audio.volumeCeiling))",
                        "at most volume_ceiling (\(audio.volumeCeiling))")))
        }
        if let volume = integer(table, "volume", at: "audio", in: 0...100) {
            audio.volume = min(max(volume, audio.volumeFloor), max(audio.volumeFloor, audio.volumeCeiling))
        }
        return audio
    }
}
