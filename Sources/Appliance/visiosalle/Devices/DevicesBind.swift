import ALSAAudio
import ArgumentParser
import Devices
import GPIOPanel
import Glibc
import LinuxHost
import Provisioning
import Synchronization
import V4L2Camera

/// Lines to paste into a configuration: the devices that are there, and the line that a button pulls.
struct DevicesBind: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bind",
        abstract: "Print lines for the configuration: the devices found, or a button that is pressed.")

    @Option(help: "The role of a button to find, for instance join-1: press it when told.") var button: String?
    @Option(help: "The GPIO chip of the button: its label or name.") var chip: String?
    @Option(help: "How many lines of the chip to watch, from 0.") var lines = 32
    @Flag(help: "The button is high while pressed.") var activeHigh = false
    @Option(help: "The language of messages: fr or en.") var lang: String?

    func validate() throws {
        if button != nil, chip == nil { throw ValidationError("--button needs --chip; see 'visiosalle devices list'") }
        guard (1...128).contains(lines) else { throw ValidationError("--lines takes 1 to 128") }
    }

    func run() throws {
        if let button, let chip {
            try bindButton(button, chip: chip)
        } else {
            printDevices()
        }
    }

    private func printDevices() {
        let cameras = CameraInventory.list().filter { $0.preferred != nil }.map(\.facts.identity.description)
        let cards = SoundInventory.report(KernelSound())
        func list(_ names: [String]) -> String { "[" + names.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
        print("[camera]\ndevices = \(list(cameras))\n\n[audio]")
        print("microphones = \(list(cards.filter { !$0.capture.isEmpty }.map(\.card.facts.identity.description)))")
        print("speakers = \(list(cards.filter { !$0.playback.isEmpty }.map(\.card.facts.identity.description)))")
    }

    private func bindButton(_ role: String, chip: String) throws {
        let isFrench = Terminal.language(lang) == .french
        print(isFrench ? "appuyez sur le bouton, puis relâchez-le (30 s)…" : "press the button and let go (30 s)…")
        fflush(nil)
        let buttons = (0..<lines).map { offset in
            // The number of the line, for want of a button.
            ButtonLine(
                role: .preset(index: offset),
                line: GPIOLine(chip: chip, .offset(UInt32(offset)), isActiveLow: !activeHigh),
                bias: activeHigh ? .pullDown : .pullUp, mayReset: false)
        }
        let box = FoundLine()
        let thread = try ControlThread(sources: { [GPIOButtons(buttons, at: MonotonicClock.now)] }) { event in
            if case .press(.preset(let offset), _) = event { box.offer(offset) }
        }
        for _ in 0..<300 where box.line == nil { usleep(100_000) }
        thread.stop()
        guard let line = box.line else {
            Terminal.complain(isFrench ? "aucune ligne n'a changé" : "no line has changed")
            throw ExitCodes.negative
        }
        print("[[board.buttons]]\nrole = \"\(role)\"\nchip = \"\(chip)\"\nline = \(line)")
        print("active_low = \(!activeHigh)\nbias = \"\(activeHigh ? "pull-down" : "pull-up")\"")
    }
}

/// The first line that another thread saw pressed.
private final class FoundLine: Sendable {
    private let found = Mutex<Int?>(nil)

    var line: Int? { found.withLock { $0 } }

    func offer(_ line: Int?) {
        found.withLock { $0 = $0 ?? line }
    }
}
