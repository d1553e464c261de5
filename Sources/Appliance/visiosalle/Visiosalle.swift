import ArgumentParser

/// The one executable.
@main
struct Visiosalle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "visiosalle",
        abstract: "Turns a meeting room into a participant of Jitsi Meet.",
        version: "0.1.0",
        subcommands: [
            Run.self, Simulate.self, PracticeCommand.self, Config.self, DevicesCommand.self, Screens.self,
        ])
}

/// Exit codes as sysexits.h numbers them, beside 0 and 1.
enum ExitCodes {
    static let negative = ExitCode(1)
    static let badData = ExitCode(65)
    static let noInput = ExitCode(66)
    static let unavailable = ExitCode(69)
    static let software = ExitCode(70)
    static let cannotCreate = ExitCode(73)
    static let tryAgain = ExitCode(75)
    static let configuration = ExitCode(78)
}
