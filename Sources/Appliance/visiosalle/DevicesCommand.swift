import ArgumentParser
import Basis
import LinuxHost

struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Look at the devices of this machine.", subcommands: [List.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the devices that the kernel shows.")

        @Flag(help: "As JSON.") var json = false

        func run() throws {
            let devices = DeviceInventory.scan()
            if json {
                print(
                    JSONValue.array(
                        devices.map {
                            ["class": .string($0.kind), "node": .string($0.node), "name": .string($0.name)]
                        }
                    ).serialized())
                return
            }
            if devices.isEmpty { print("no display, camera, sound card, button or lamp found") }
            for device in devices { print("\(device.kind)\t\(device.node)\t\(device.name)") }
        }
    }
}
