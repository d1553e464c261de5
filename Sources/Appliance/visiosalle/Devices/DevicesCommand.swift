import ArgumentParser

struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Look at the devices of this machine, and try them.",
        subcommands: [DevicesList.self, DevicesTest.self, DevicesBind.self])
}
