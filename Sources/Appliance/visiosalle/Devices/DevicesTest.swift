import ArgumentParser
import Devices
import Provisioning

/// Tries one device as the appliance would use it. Beside a running appliance that is idle everything but the screen and
/// the buttons is free; those are then watched through its panel.
struct DevicesTest: ParsableCommand {
    enum Subject: String, CaseIterable, ExpressibleByArgument {
        case camera, microphone, speaker, echo, buttons, display
    }

    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Try a device: its picture, level, tone, echo, presses.")

    @Argument(help: "camera, microphone, speaker, echo, buttons or display.") var subject: Subject
    @Option(help: "The configuration whose devices are meant.") var config: String?
    @Option(help: "The folder with the boards' descriptions.") var boards = BoardCatalogue.installed
    @Option(help: "How long, in seconds.") var seconds: Int?
    @Option(help: "A file for the picture (camera), as PNG.") var save: String?
    @Option(help: "The language of messages: fr or en.") var lang: String?

    func validate() throws {
        if let seconds, !(1...3_600).contains(seconds) { throw ValidationError("--seconds takes 1 to 3600") }
    }

    func run() throws {
        let language = Terminal.language(lang)
        var configuration = Configuration()
        if let config {
            configuration = try Settings.readConfiguration(
                config, language: language, failure: ExitCodes.configuration)
        }
        let board = try BoardCatalogue(directory: boards).board(for: configuration, language: language)
        let trial = DeviceTrial(
            devices: BoardDevices(configuration, board: board), isFrench: language == .french)
        do throws(DeviceError) {
            let isGood: Bool
            switch subject {
            case .camera: isGood = try trial.camera(seconds: seconds ?? 2, save: save)
            case .microphone: isGood = try trial.microphone(seconds: seconds ?? 5)
            case .speaker: isGood = try trial.speaker(seconds: seconds ?? 2)
            case .echo: isGood = try trial.echo()
            case .buttons:
                isGood = try trial.buttons(seconds: seconds ?? 30, panel: configuration.panelListen)
            case .display: isGood = try trial.display(seconds: seconds ?? 5)
            }
            if !isGood { throw DeviceError("test", device: subject.rawValue, detail: "", severity: .permanent) }
        } catch {
            if !error.detail.isEmpty || error.errno != 0 { Terminal.complain("\(error)") }
            throw error.errno == 16
                ? ExitCodes.tryAgain : error.severity == .absent ? ExitCodes.unavailable : ExitCodes.negative
        }
    }
}
