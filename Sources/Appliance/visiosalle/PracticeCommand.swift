import ArgumentParser
import Basis
import Practice
import PracticeSockets
import Provisioning
import UnixSignals

/// The practice conference by itself, for an appliance on the same machine.
struct PracticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "practice",
        abstract: "Serve the practice conference on the loopback interface and print its address.")

    @Option(help: "The port of the web server; 0 takes any.") var port: UInt16 = 0
    @OptionGroup var happenings: PracticeHappenings
    @Option(help: "The language of messages: fr or en.") var lang: String?

    func run() async throws {
        let server: PracticeServer
        do {
            server = try PracticeServer.start(port: port, options: happenings.options)
        } catch {
            Terminal.complain("practice conference: \(error)")
            throw ExitCodes.unavailable
        }
        Terminal.say(Terminal.language(lang) == .french ? "Réunion : \(server.roomURL)" : "Meeting: \(server.roomURL)")
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        server.stop()
    }
}

/// What happens in a practice conference by itself, for the box to show.
struct PracticeHappenings: ParsableArguments {
    @Flag(name: .customLong("lobby"), help: "Let who comes wait in the lobby for six seconds.") var hasLobby = false
    @Flag(name: .customLong("vp9"), help: "Let the partners prefer VP9, and a simulated box that has no configuration.")
    var prefersVP9 = false
    @Option(
        name: .customLong("event"), parsing: .singleValue,
        help: """
            Happens once somebody is there; may be repeated, five seconds apart: \
            \(PracticeFact.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var events: [PracticeFact] = []

    /// Whether anything was asked for.
    var isAnything: Bool { hasLobby || !events.isEmpty }

    var options: PracticeOptions {
        var options = PracticeOptions()
        if prefersVP9 { for index in options.partners.indices { options.partners[index].videoCodec = .vp9 } }
        options.lobby = hasLobby
        options.admitsAfter = hasLobby ? .seconds(6) : nil
        options.script = events
        return options
    }
}

extension PracticeFact: ExpressibleByArgument {}
