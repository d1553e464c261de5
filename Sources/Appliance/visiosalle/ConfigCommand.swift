import ArgumentParser
import Provisioning

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at configuration files.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell every mistake of a configuration file, with its place.")

        @Argument(help: "The file.") var file: String
        @Option(help: "The language of messages: fr or en.") var lang: String?
        @Option(help: "The folder with the boards' descriptions.") var boards = BoardCatalogue.installed
        @Flag(help: "Say nothing when all is right.") var quiet = false
        @Flag(help: "The file describes a board (board.toml).") var board = false

        func run() throws {
            let language = Terminal.language(lang)
            if board {
                let description = try BoardCatalogue.read(path: file, language: language, failure: ExitCodes.negative)
                if !quiet {
                    print(
                        language == .french
                            ? "\(file) : la carte « \(description.name) » est bien décrite"
                            : "\(file): the board '\(description.name)' is described well")
                }
                return
            }
            let configuration = try Settings.readConfiguration(
                file, language: lang.flatMap { DisplayLanguage(rawValue: $0) }, failure: ExitCodes.negative,
                boards: boards)
            if !quiet {
                let language = lang == nil ? configuration.device.language : language
                let count = configuration.rooms.count
                print(
                    language == .french
                        ? "\(file) : la configuration est bonne (\(count) réunion\(count > 1 ? "s" : ""))"
                        : "\(file): the configuration is right (\(count) meeting\(count == 1 ? "" : "s"))")
            }
        }
    }
}
