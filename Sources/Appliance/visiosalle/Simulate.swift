import Appliance
import ArgumentParser
import Basis
import Devices
import Jitsi
import LinuxHost
import Logging
import Panel
import PracticeSockets
import Provisioning
import Scene
import SimulatedBoard
import RoomController
import UnixSignals
import VoiceProcessing

/// The appliance on a simulated board: the same product, with a browser page for a TV and buttons.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the appliance on a simulated board with a panel in the browser.")

    @Option(help: "A configuration file.") var config: String?
    @Option(name: .customLong("room"), parsing: .singleValue, help: "A meeting's address; may be repeated.")
    var rooms: [String] = []
    @Option(help: "A PEM file of a certificate authority to trust.") var ca: String?
    @Option(help: "testcard, file:CLIP (.y4m or .mjpeg, looped) or none.") var camera = "testcard"
    @Option(help: "silence, tone:HZ, clicks, file:WAV or none.") var microphone = "silence"
    @Flag(name: .customLong("time-marks"), help: "Write into each picture of the camera when it was taken.")
    var timeMarks = false
    @Option(
        name: .customLong("latency-log"),
        help: "A file that receives how old marked pictures and clicks of another box on this machine are here.")
    var latencyLog: String?
    @Option(help: "none or file:WAV, which receives what the room hears.") var speaker = "none"
    @Option(help: "The size of the TV's picture; else what the configuration says, or 1920x1080.") var screen: String?
    @Option(help: "Where the panel listens; else where the configuration says, or 127.0.0.1:8080.") var listen: String?
    @Option(help: "A file with the token that browsers on other computers need to press buttons.")
    var panelTokenFile: String?
    @Option(help: "Join the meeting with this label at once.") var join: String?
    @Flag(help: "Serve a small conference in this process and offer to join it.") var practice = false
    @OptionGroup var happenings: PracticeHappenings
    @Option(
        name: .customLong("update-marker"),
        help: "A file that stands for /run/visiosalle/updating: the box is being updated while it is there.")
    var updateMarker: String?
    @Option(help: "The name that the others see.") var name: String?
    @Option(help: "The language of screen and messages: fr or en.") var lang: String?
    @Option(name: .customLong("log-level"), help: "debug, info, notice, warning or error.") var logLevel = "notice"

    func validate() throws {
        guard CameraChoice(camera) != nil else {
            throw ValidationError("--camera takes testcard, file:CLIP or none, not '\(camera)'")
        }
        guard MicrophoneChoice(microphone) != nil else {
            throw ValidationError(
                "--microphone takes silence, tone:HZ (20 to 20000), clicks, file:WAV or none, not '\(microphone)'")
        }
        guard SpeakerChoice(speaker) != nil else {
            throw ValidationError("--speaker takes none or file:WAV, not '\(speaker)'")
        }
        if let screen, PictureSize(screen) == nil {
            throw ValidationError("--screen takes WIDTHxHEIGHT, for instance 1920x1080, not '\(screen)'")
        }
        if let lang, DisplayLanguage(rawValue: lang) == nil {
            throw ValidationError("--lang takes fr or en, not '\(lang)'")
        }
        guard practice || !happenings.isAnything else {
            throw ValidationError("--lobby and --event are about the conference of --practice, which is missing")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level takes debug, info, notice, warning or error, not '\(logLevel)'")
        }
    }

    func run() async throws {
        let asked = lang.flatMap { DisplayLanguage(rawValue: $0) }
        var language = Terminal.language(lang)
        var configuration = Configuration()
        let shelf = Settings.CrestShelf()
        configuration.device.name = "Salle"
        configuration.device.language = language
        // A page in a browser that nobody has set up stays lit.
        configuration.display.dims = .never
        configuration.display.goesOff = .never
        if happenings.prefersVP9 { configuration.call.videoCodec = .vp9 }
        if let config {
            configuration = try Settings.readConfiguration(
                config, language: asked, failure: ExitCodes.configuration, shelf: shelf)
            language = asked ?? configuration.device.language
            let ignored = SimulatedKeys.ignored(in: configuration)
            if !ignored.isEmpty {
                let list = ignored.joined(separator: ", ")
                Terminal.complain(
                    language == .french
                        ? "sans effet sur une carte simulée : \(list)" : "no effect on a simulated board: \(list)")
            }
        }
        configuration.device.language = asked ?? configuration.device.language
        if let name { configuration.device.name = name }
        for address in rooms {
            if let complaint = Settings.checkAddress(address) {
                Terminal.complain("--room \(address.prefix { $0 != "?" }): \(complaint[language])")
                throw ExitCode.validationFailure
            }
            let label = (try? RoomURL(address))?.room ?? address
            configuration.rooms.append(.init(label: label, url: address))
        }
        if let ca { configuration.caFiles.append(ca) }
        let practiceServer = practice ? try startPractice() : nil
        if let practiceServer {
            configuration.rooms.append(
                .init(label: language == .french ? "Entraînement" : "Practice", url: practiceServer.roomURL))
        }
        if let zone = configuration.device.timeZone { TimeZoneDatabase().use(zone) }
        try await serve(
            try settings(configuration, shelf), size: screen.flatMap { PictureSize($0) } ?? configuration.display.size,
            listen: listen ?? configuration.panelListen ?? "127.0.0.1:8080", language: language)
        practiceServer?.stop()
    }

    private func settings(_ configuration: Configuration, _ shelf: Settings.CrestShelf) throws -> ApplianceSettings {
        var settings = try Settings.make(configuration, shelf: shelf)
        settings.usesLoopbackMedia = practice || settings.usesLoopbackMedia
        // The page stands for the box: it has the buttons that the configuration gives it.
        settings.isPanelTheBox = true
        settings.room.buttons = configuration.board.buttons.map { $0.map(\.role) }
        // A file is not too loud for anybody.
        if configuration.audio.volume == nil { settings.room.volume.set(100) }
        return settings
    }

    private func startPractice() throws -> PracticeServer {
        do {
            return try PracticeServer.start(options: happenings.options)
        } catch {
            Terminal.complain("practice conference: \(error)")
            throw ExitCodes.unavailable
        }
    }

    private func serve(
        _ settings: ApplianceSettings, size: PictureSize?, listen: String, language: DisplayLanguage
    ) async throws {
        guard let camera = CameraChoice(camera), let microphone = MicrophoneChoice(microphone),
            let speaker = SpeakerChoice(speaker)
        else { throw ExitCode.validationFailure }
        let size = size ?? PictureSize(width: 1920, height: 1080)
        try checkFiles(camera, microphone, speaker, language)
        if let join, !settings.room.meetings.contains(where: { $0.label == join }) {
            let known = settings.room.meetings.map(\.label).joined(separator: ", ")
            Terminal.complain(
                "--join \(join): \(language == .french ? "réunions connues" : "known meetings"): \(known)")
            throw ExitCode.validationFailure
        }
        var log = Logger(label: "visiosalle") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
        let token = try Settings.panelToken(panelTokenFile, language: language)
        let latencies = try makeLatencyLog(language)
        let timeMarks = timeMarks
        let appliance: Appliance
        let address: String
        do {
            appliance = try Appliance(settings: settings, log: log)
            try appliance.start(
                voice: .untouched,
                makeDisplay: { () throws(DeviceError) in SimulatedDisplay(size: size, log: latencies) },
                makeAudio: { () throws(DeviceError) in
                    SeparateAudio(
                        microphone: try SimulatedMicrophone(microphone),
                        speaker: try SimulatedSpeaker(speaker, log: latencies),
                        pace: PeriodicTimer(interval: AudioBlock.duration))
                },
                makeCamera: { () throws(DeviceError) in try SimulatedCamera(camera, marksTime: timeMarks) })
            // Cable and address are this machine's own.
            let updateMarker = updateMarker
            try appliance.startControls { [NetworkMonitor()] + (updateMarker.map { [UpdateMonitor(path: $0)] } ?? []) }
            address = try await appliance.servePanel(listen: listen, token: token).description
        } catch ApplianceError.panel(let error) {
            switch error {
            case .invalidListenAddress(let text):
                Terminal.complain(
                    language == .french
                        ? "--listen \(text) : une adresse et un port sont attendus, par exemple 127.0.0.1:8080"
                        : "--listen \(text): an address and a port are expected, for instance 127.0.0.1:8080")
                throw ExitCode.validationFailure
            case .cannotListen(let reason):
                Terminal.complain(
                    language == .french
                        ? "le panneau ne peut pas écouter sur \(listen) : \(reason)"
                        : "the panel cannot listen on \(listen): \(reason)")
                throw ExitCodes.unavailable
            }
        } catch {
            Terminal.complain("\(error)")
            throw ExitCodes.unavailable
        }
        Terminal.say(language == .french ? "Panneau : http://\(address)/" : "Panel: http://\(address)/")
        if let join, let index = settings.room.meetings.firstIndex(where: { $0.label == join }) {
            appliance.press(.join(room: index))
        }
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        await appliance.stop()
    }

    private func makeLatencyLog(_ language: DisplayLanguage) throws -> LatencyLog? {
        guard let latencyLog else { return nil }
        do throws(DeviceError) {
            return try LatencyLog(path: latencyLog)
        } catch {
            Terminal.complain(error, language)
            throw ExitCodes.noInput
        }
    }

    /// Opens each file once, so that a wrong name is told before anything starts.
    private func checkFiles(
        _ camera: CameraChoice, _ microphone: MicrophoneChoice, _ speaker: SpeakerChoice, _ language: DisplayLanguage
    ) throws {
        do throws(DeviceError) {
            _ = try SimulatedCamera(camera)
            _ = try SimulatedMicrophone(microphone)
            _ = try SimulatedSpeaker(speaker)
        } catch {
            Terminal.complain(error, language)
            throw ExitCodes.noInput
        }
    }
}
