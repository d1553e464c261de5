package import Basis
package import CEC
package import Devices

/// Every CEC adapter of the machine with a TV at its other end.
///
/// Adapters come and go with hot-plug events, TVs with events of the adapters themselves. A machine without any works
/// as well: then nothing is ever said.
package final class CECLines<Calls: CECCalls>: ControlSource {
    private let configuration: CECMachine.Configuration
    private let calls: Calls
    private let rememberWoken: (Set<String>) -> Void
    /// The nodes whose TV is on because of us.
    private var woken: Set<String>
    private var lines: [CECLine<Calls>] = []
    /// When to look for adapters; at once after the start.
    private var scanning: MonotonicInstant? = .zero
    /// A call wants a TV.
    private var isWanted = false
    private var power: Bool?
    private var powers: [String: Bool] = [:]

    /// - Parameters:
    ///   - woken: the nodes last given to `rememberWoken` before a restart.
    ///   - rememberWoken: called with the nodes whose TV is on because of us, whenever they change.
    package init(
        configuration: CECMachine.Configuration, calls: Calls, woken: Set<String> = [],
        rememberWoken: @escaping (Set<String>) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.calls = calls
        self.woken = woken
        self.rememberWoken = rememberWoken
    }

    package var descriptors: [Int32] {
        lines.map(\.descriptor).filter { $0 >= 0 }
    }

    package var deadline: MonotonicInstant? {
        guard configuration.policy != .off else { return nil }
        return ([scanning] + lines.map(\.deadline)).compactMap { $0 }.min()
    }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard configuration.policy != .off else { return }
        if let scanning, scanning <= now { scan(at: now) }
        for line in lines { line.process(at: now) }
        drain(at: now, emit)
    }

    package func apply(_ command: ControlCommand, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard configuration.policy != .off else { return }
        switch command {
        case .wakeTelevision:
            isWanted = true
            for line in lines { line.machine.wakeTelevision(at: now) }
        case .releaseTelevision:
            isWanted = false
            for line in lines { line.machine.releaseTelevision() }
        case .televisionVolume(let steps):
            for line in lines { line.machine.changeVolume(steps: steps) }
        case .lamp, .muted, .buttonLamp, .inCall: return
        }
        for line in lines { line.flush(at: now) }
        drain(at: now, emit)
    }

    package func rescan(after event: HotplugEvent, at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard configuration.policy != .off, event.subsystem == "cec" || event.subsystem.isEmpty else { return }
        // Its number may be given to another adapter before the old descriptor is looked at again.
        if event.action == .remove { drop({ $0.node == event.node }, at: now) }
        scan(at: now)
        for line in lines where event.action != .remove { line.open(at: now) }
        drain(at: now, emit)
    }

    package func close() {
        for line in lines { line.close(at: .zero) }
        lines = []
        scanning = nil
    }

    /// Opens new adapters and forgets those that are no more.
    private func scan(at now: MonotonicInstant) {
        guard let nodes = calls.nodes() else {
            scanning = now + .seconds(30)
            return
        }
        scanning = nil
        drop({ !nodes.contains($0.node) }, at: now)
        for node in nodes where !lines.contains(where: { $0.node == node }) {
            let machine = CECMachine(configuration: configuration, wokeTelevision: woken.contains(node))
            let line = CECLine(node: node, machine: machine, calls: calls)
            if isWanted { line.machine.wakeTelevision(at: now) }
            lines.append(line)
            line.open(at: now)
        }
    }

    private func drop(_ isToGo: (CECLine<Calls>) -> Bool, at now: MonotonicInstant) {
        for line in lines where isToGo(line) {
            line.close(at: now)
            powers[line.node] = nil
        }
        lines.removeAll(where: isToGo)
    }

    /// Passes on what the lines have to say.
    private func drain(at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        let vanished = lines.filter { $0.takeHasVanished() }
        if !vanished.isEmpty { scan(at: now) }
        for line in lines {
            while let note = line.pollNote() { emit(.deviceNote("\(line.node): \(note)")) }
            while let event = line.machine.pollEvent() {
                switch event {
                case .press(let button): emit(.press(button: button, .short))
                case .televisionPower(let isOn): powers[line.node] = isOn
                case .wokeTelevision(let isWoken):
                    if isWoken { woken.insert(line.node) } else { woken.remove(line.node) }
                    rememberWoken(woken)
                case .note(let text): emit(.deviceNote("\(line.node): \(text)"))
                }
            }
        }
        // With several TVs the room's is on when one of them is.
        let isOn = powers.isEmpty ? nil : powers.values.contains(true)
        guard power != isOn else { return }
        power = isOn
        emit(.televisionPower(isOn: isOn))
    }
}

extension CECLines<KernelCECCalls> {
    /// Over the kernel's adapters.
    package convenience init(
        configuration: CECMachine.Configuration, woken: Set<String> = [],
        rememberWoken: @escaping (Set<String>) -> Void = { _ in }
    ) {
        self.init(
            configuration: configuration, calls: KernelCECCalls(), woken: woken, rememberWoken: rememberWoken)
    }
}
