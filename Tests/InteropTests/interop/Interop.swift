import Basis
import Glibc
import NIOCore
import NIOPosix
import NetworkIO

/// The product's own machines, driven against servers and peers that other people wrote.
///
///     interop xmpp --url ws://… --domain … [--bosh http://…] [--muc …] [--accounts …] [--plain …] [--user … --password …]
///         [--secure-url wss://…] [--secure-bosh https://…] [--authority file] [--misnamed-url wss://…]
///     interop media --dtls client|server --ice controlled|controlling [--stun address:port] [--profile name]
///         [--codec vp8|vp9]
///     interop relay --host name --port … --secure-port … --user … --password … --authority file
///
/// `xmpp` and `relay` print one line per check and exit with 0 when all passed. `media` is one end of a call; it takes commands
/// and gives events as JSON, one object per line.
@main
enum Interop {
    static func main() async {
        let arguments = Arguments(CommandLine.arguments.dropFirst())
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let isGood: Bool
        do throws(CheckFailure) {
            switch arguments.subcommand {
            case "xmpp": isGood = await XMPPChecks(try XMPPChecks.Server(arguments), eventLoop: eventLoop).run()
            case "relay": isGood = try await RelayChecks(arguments, eventLoop: eventLoop).run()
            case "media": isGood = try await MediaPeer(MediaPeer.Options(arguments), eventLoop: eventLoop).run()
            default: throw CheckFailure("usage: interop xmpp|relay|media [--option value]…")
            }
        } catch {
            Output.line("interop: \(error)")
            exit(2)
        }
        exit(isGood ? 0 : 1)
    }
}

/// `subcommand --name value --name value`.
struct Arguments {
    let subcommand: String
    private var values: [String: String] = [:]

    init(_ words: ArraySlice<String>) {
        subcommand = words.first ?? ""
        var rest = words.dropFirst()
        while let name = rest.popFirst(), name.hasPrefix("--"), let value = rest.popFirst() {
            values[String(name.dropFirst(2))] = value
        }
    }

    subscript(name: String) -> String? { values[name] }

    func required(_ name: String) throws(CheckFailure) -> String {
        guard let value = values[name] else { throw CheckFailure("--\(name) is missing") }
        return value
    }
}

/// Why a check failed, in words.
struct CheckFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

enum Output {
    /// One line on standard output, at once: whoever reads a pipe waits for it.
    static func line(_ text: String) {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
