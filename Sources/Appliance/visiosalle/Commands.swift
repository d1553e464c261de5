import ArgumentParser
import Provisioning

/// The appliance on the board that it runs on.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the appliance on this board (needs device drivers that this version does not have).")

    @Option(help: "The configuration file.") var config = "/etc/visiosalle/visiosalle.toml"
    @Option(help: "The language of messages: fr or en.") var lang: String?

    func run() async throws {
        let language = Terminal.language(lang)
        _ = try Settings.make(
            try Settings.readConfiguration(config, language: language, failure: ExitCodes.configuration))
        Terminal.complain(
            language == .french
                ? "La configuration est bonne, mais cette version n'a pas encore de pilotes d'écran, de caméra et de son : utilisez « visiosalle simulate --config \(config) »."
                : "The configuration is right, but this version has no drivers for screen, camera and sound yet: use 'visiosalle simulate --config \(config)'."
        )
        throw ExitCodes.unavailable
    }
}

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at configuration files.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell every mistake of a configuration file, with its place.")

        @Argument(help: "The file.") var file: String
        @Option(help: "The language of messages: fr or en.") var lang: String?
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
            let configuration = try Settings.readConfiguration(file, language: language, failure: ExitCodes.negative)
            if !quiet {
                let count = configuration.rooms.count
                print(
                    language == .french
                        ? "\(file) : la configuration est bonne (\(count) réunion\(count > 1 ? "s" : ""))"
                        : "\(file): the configuration is right (\(count) meeting\(count == 1 ? "" : "s"))")
            }
        }
    }
}
