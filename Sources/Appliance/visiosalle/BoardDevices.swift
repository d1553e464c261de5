import ALSAAudio
import Basis
import CEC
import CECLine
import DRMDisplay
import Devices
import Dispatch
import GPIOPanel
import InputDevices
import LinuxHost
import Provisioning
import Synchronization
import V4L2Camera
import VoiceProcessing

/// The real devices, as a configuration and a board's description ask for them.
struct BoardDevices: Sendable {
    let display: DisplaySettings
    let camera: CameraSettings
    let sound: SoundSettings
    let voice: VoiceSettings
    let gpio: GPIOBoardSettings
    let cec: CECPolicy

    init(_ configuration: Configuration, board: BoardDescription) {
        let margin = configuration.display.overscan
        display = DisplaySettings(
            connector: board.connector, size: configuration.display.size,
            refreshRate: configuration.display.refreshRate,
            margins: .init(left: margin, top: margin, right: margin, bottom: margin))
        camera = CameraSettings(
            identities: configuration.camera.devices, powerLine: .init(configuration.camera.powerLineFrequency),
            controls: configuration.camera.controls.map { .init(name: $0.name, value: $0.value) },
            presets: configuration.camera.presets.map { preset in
                preset.controls.map { .init(name: $0.name, value: $0.value) }
            })
        sound = SoundSettings(
            microphones: configuration.audio.microphones, speakers: configuration.audio.speakers)
        voice = VoiceSettings(echo: .init(configuration.audio.echo))
        gpio = GPIOBoardSettings(buttons: board.buttons.map(ButtonLine.init), lamps: board.lamps.map(LampLine.init))
        cec = CECPolicy(configuration.cec)
    }

    /// There while the box is being updated (docs/operating/updates.md).
    private static let updateMarker = "/run/visiosalle/updating"

    /// The devices with buttons and lamps, and the TV's wire; made on the thread that serves them.
    /// - Parameter memory: where the TVs that we woke are written down; nil leaves the TV alone.
    func makeControls(memory: Memory?) -> [any ControlSource] {
        let now = MonotonicClock.now
        var sources: [any ControlSource] = [
            HotplugMonitor(), NetworkMonitor(), UpdateMonitor(path: Self.updateMarker),
            KeyDevices(KeySettings(), at: now), Speakerphones(at: now),
        ]
        if !gpio.buttons.isEmpty { sources.append(GPIOButtons(gpio.buttons, at: now)) }
        if !gpio.lamps.isEmpty { sources.append(Lamps(gpio.lamps, at: now)) }
        if cec != .off, let memory {
            let woken = Set((memory["television-woken"] ?? "").split(separator: ",").map(String.init))
            sources.append(
                CECLines(
                    configuration: CECMachine.Configuration(policy: cec), woken: woken,
                    rememberWoken: { memory["television-woken"] = $0.sorted().joined(separator: ",") }))
        }
        return sources
    }
}

/// What survives a restart, in a small file; a file that cannot be written loses nothing but that.
final class Memory: Sendable {
    private let path: String
    private let values: Mutex<[String: String]>
    private let complain: @Sendable (DeviceError) -> Void
    /// A slow card takes its time to write; neither the call nor the buttons wait for it.
    private let writer = DispatchQueue(label: "vs-state")

    init(path: String, complain: @escaping @Sendable (DeviceError) -> Void) {
        self.path = path
        self.complain = complain
        var loaded: [String: String] = [:]
        do throws(DeviceError) {
            loaded = try PersistentState(path: path).load()
        } catch {
            complain(error)
        }
        values = Mutex(loaded)
    }

    subscript(name: String) -> String? {
        get { values.withLock { $0[name] } }
        set {
            values.withLock { $0[name] = newValue }
            writer.async { self.save() }
        }
    }

    func forgetAll() {
        values.withLock { $0 = [:] }
        writer.sync { save() }
    }

    private func save() {
        do throws(DeviceError) {
            try PersistentState(path: path).save(values.withLock { $0 })
        } catch {
            complain(error)
        }
    }
}

extension CameraSettings.PowerLine {
    fileprivate init(_ frequency: Configuration.PowerLineFrequency) {
        switch frequency {
        case .hertz50: self = .hertz50
        case .hertz60: self = .hertz60
        case .auto: self = .automatic
        }
    }
}

extension EchoSetting {
    fileprivate init(_ choice: Configuration.EchoChoice) {
        switch choice {
        case .auto: self = .auto
        case .device: self = .device
        case .software: self = .software
        case .off: self = .off
        }
    }
}

extension CECPolicy {
    fileprivate init(_ choice: Configuration.CECChoice) {
        switch choice {
        case .off: self = .off
        case .watch: self = .watch
        case .wake: self = .wake
        case .full: self = .full
        }
    }
}

extension GPIOLine {
    fileprivate init(chip: String, _ line: LineReference, isActiveLow: Bool) {
        let number: GPIOLine.Number =
            switch line {
            case .offset(let offset): .offset(UInt32(clamping: offset))
            case .name(let name): .name(name)
            }
        self.init(chip: chip, number, isActiveLow: isActiveLow)
    }
}

extension ButtonLine {
    fileprivate init(_ button: BoardButton) {
        let bias: GPIOPanel.LineBias =
            switch button.bias {
            case .asIs: .asIs
            case .pullUp: .pullUp
            case .pullDown: .pullDown
            case .disabled: .none
            }
        self.init(
            role: button.role, line: GPIOLine(chip: button.chip, button.line, isActiveLow: button.isActiveLow),
            bias: bias)
    }
}

extension LampLine {
    fileprivate init(_ lamp: BoardLamp) {
        let wiring: LampWiring =
            switch lamp.wire {
            case .line(let chip, let line): .line(GPIOLine(chip: chip, line, isActiveLow: lamp.isActiveLow))
            case .colours(let chip, let red, let green, let blue):
                .colourLines(
                    red: GPIOLine(chip: chip, red, isActiveLow: lamp.isActiveLow),
                    green: GPIOLine(chip: chip, green, isActiveLow: lamp.isActiveLow),
                    blue: GPIOLine(chip: chip, blue, isActiveLow: lamp.isActiveLow))
            case .ledClass(let name): lamp.role == .room ? .multicolourLed(name) : .led(name)
            }
        self.init(role: lamp.role, wiring: wiring)
    }
}
