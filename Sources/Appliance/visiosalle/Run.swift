import ALSAAudio
import Appliance
import ArgumentParser
import Basis
import DRMDisplay
import Devices
import Glibc
import LinuxHost
import Logging
import Panel
import Provisioning
import RoomController
import UnixSignals
import V4L2Camera
import VoiceProcessing

/// The appliance on the board that it runs on.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the appliance on this board: its TV, camera, sound, buttons and lamps.")

    @Option(help: "The configuration file.") var config = "/etc/visiosalle/visiosalle.toml"
    @Option(help: "The folder with the boards' descriptions.") var boards = BoardCatalogue.installed
    @Option(help: "Where the panel listens, in place of what the configuration says.") var listen: String?
    @Option(help: "The file that keeps the volume and the like; else below $STATE_DIRECTORY or /var/lib/visiosalle.")
    var state: String?
    @Option(help: "A watchdog device to feed, for a board without a service manager, for instance /dev/watchdog.")
    var watchdog: String?
    @Option(help: "The language of messages: fr or en.") var lang: String?
    @Option(name: .customLong("log-level"), help: "debug, info, notice, warning or error.") var logLevel = "notice"

    /// How long the board waits for us, and how often we look whether all is well.
    private static let watchdogTimeout = Duration.seconds(15)
    private static let beat = Duration.seconds(3)

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level takes debug, info, notice, warning or error, not '\(logLevel)'")
        }
    }

    func run() async throws {
        let shelf = Settings.CrestShelf()
        let asked = lang.flatMap { DisplayLanguage(rawValue: $0) }
        let configuration = try Settings.readConfiguration(
            config, language: asked, failure: ExitCodes.configuration, boards: boards, shelf: shelf)
        let language = asked ?? configuration.device.language
        let board = try BoardCatalogue(directory: boards).board(for: configuration, language: language)
        if let zone = configuration.device.timeZone { TimeZoneDatabase().use(zone) }
        var settings = try Settings.make(configuration, shelf: shelf)
        // A board without buttons of its own is served by a keypad or a remote, which can do everything.
        if !board.buttons.isEmpty { settings.room.buttons = board.buttons.map(\.role) }
        var log = Logger(label: "visiosalle") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
        let journal = log
        let memory = Memory(path: statePath) { error in
            journal.warning("state", metadata: ["detail": "\(error)"])
        }
        if let volume = memory["volume"].flatMap({ Int($0) }) { settings.room.volume.set(volume) }
        log.notice("start", metadata: ["board": "\(board.name)", "meetings": "\(settings.room.meetings.count)"])
        let appliance = try start(
            settings, BoardDevices(configuration, board: board), memory: memory, log: log)
        let (restarts, restart) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        appliance.connect(
            remember: { memory[$0] = $1 },
            restart: {
                memory.forgetAll()
                restart.yield()
            })
        if let listen = listen ?? configuration.panelListen {
            let token = try Settings.panelToken(configuration.panelTokenFile, language: language)
            try await servePanel(appliance, listen: listen, token: token, language: language)
        }
        let isAskedAgain = await live(appliance, restarts: restarts, language: language, log: log)
        let notify = SystemNotify()
        try? notify.stopping()
        await appliance.stop()
        // Whoever supervises us starts us anew after a failure.
        if isAskedAgain { throw ExitCodes.tryAgain }
    }

    private var statePath: String {
        if let state { return state }
        let folder = getenv("STATE_DIRECTORY").map { String(cString: $0) } ?? "/var/lib/visiosalle"
        return "\(folder)/state"
    }

    private func start(
        _ settings: ApplianceSettings, _ devices: BoardDevices, memory: Memory, log: Logger
    ) throws -> Appliance {
        do {
            let appliance = try Appliance(settings: settings, log: log)
            try appliance.startControls { devices.makeControls(memory: memory) }
            try appliance.start(
                voice: devices.voice,
                makeDisplay: { () throws(DeviceError) in KMSDisplay(settings: devices.display) },
                makeAudio: { () throws(DeviceError) in ALSADuplex(settings: devices.sound) },
                makeCamera: { () throws(DeviceError) in V4L2Camera(settings: devices.camera) })
            return appliance
        } catch {
            Terminal.complain("\(error)")
            throw ExitCodes.unavailable
        }
    }

    private func servePanel(
        _ appliance: Appliance, listen: String, token: Redacted<String>?, language: DisplayLanguage
    ) async throws {
        do throws(ApplianceError) {
            let address = try await appliance.servePanel(listen: listen, token: token)
            Terminal.say(language == .french ? "Panneau : http://\(address)/" : "Panel: http://\(address)/")
        } catch {
            Terminal.complain("\(listen): \(error)")
            throw ExitCodes.configuration
        }
    }

    /// Runs until a signal comes or somebody asks for a new start; true for the latter. Tells the service manager and the
    /// watchdog that all is well, as long as it is.
    private func live(
        _ appliance: Appliance, restarts: AsyncStream<Void>, language: DisplayLanguage, log: Logger
    ) async -> Bool {
        await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { return false }
                return nil
            }
            group.addTask {
                for await _ in restarts { return true }
                return nil
            }
            group.addTask { [watchdog] in
                await Self.watch(appliance, watchdog: watchdog, language: language, log: log)
                return nil
            }
            for await result in group {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            return false
        }
    }

    private static func watch(
        _ appliance: Appliance, watchdog path: String?, language: DisplayLanguage, log: Logger
    ) async {
        let notify = SystemNotify()
        var dog = Watchdog(path: path ?? "/dev/watchdog")
        if path != nil {
            do throws(DeviceError) {
                _ = try dog.open(timeout: watchdogTimeout)
            } catch {
                log.error("watchdog", metadata: ["detail": "\(error)"])
            }
        }
        var last = await appliance.heartbeat()
        try? notify.ready(status: language == .french ? "Prêt" : "Ready")
        while !Task.isCancelled {
            try? await Task.sleep(for: beat)
            let present = await appliance.heartbeat()
            if present.isAlive(since: last) {
                try? notify.watchdog()
                if dog.isOpen { try? dog.feed() }
            } else {
                log.error(
                    "stalled",
                    metadata: [
                        "screen": "\(present.screenTurns)", "audio": "\(present.audioSteps)",
                        "threads": "\(present.stalledThreads.joined(separator: " "))",
                    ])
            }
            last = present
        }
        if dog.isOpen { try? dog.close() }
    }
}
