import ArgumentParser
import PracticeSockets
import Provisioning
import UnixSignals

/// The practice conference by itself, for an appliance on the same machine.
struct Practice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the practice conference on the loopback interface and print its address.")

    @Option(help: "The port of the web server; 0 takes any.") var port: UInt16 = 0
    @Option(help: "The language of messages: fr or en.") var lang: String?

    func run() async throws {
        let server: PracticeServer
        do {
            server = try PracticeServer.start(port: port)
        } catch {
            Terminal.complain("practice conference: \(error)")
            throw ExitCodes.unavailable
        }
        print(Terminal.language(lang) == .french ? "Réunion : \(server.roomURL)" : "Meeting: \(server.roomURL)")
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        server.stop()
    }
}
