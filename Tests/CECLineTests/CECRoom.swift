import Basis
import CEC
import CECLine
import Devices

/// `CECLines` over a fake kernel, served as the thread of the controls serves it, in virtual time.
final class CECRoom {
    let kernel = FakeCECKernel()
    let lines: CECLines<FakeCECKernel>
    var now = MonotonicInstant.zero
    var events: [ControlEvent] = []
    private(set) var calls = 0
    private let memory = Memory()

    private final class Memory {
        var sets: [Set<String>] = []
    }

    /// What was to be remembered, in order.
    var remembered: [Set<String>] { memory.sets }

    init(_ policy: CECPolicy = .full, woken: Set<String> = []) {
        let memory = memory
        lines = CECLines(
            configuration: CECMachine.Configuration(policy: policy), calls: kernel, woken: woken,
            rememberWoken: { memory.sets.append($0) })
    }

    func process() {
        calls += 1
        lines.process(at: now) { events.append($0) }
    }

    /// Serves everything that is ready or due for `duration`; at most once in 10 ms, as a thread that spins would show.
    func run(for duration: Duration) {
        let end = now + duration
        while true {
            if lines.descriptors.contains(where: kernel.isReadable) {
                process()
                now += .milliseconds(10)
                if now > end { return }
                continue
            }
            guard let deadline = lines.deadline, deadline <= end else { break }
            now = max(deadline, now)
            process()
            // A deadline that stays where it is must not hold up the world.
            if let after = lines.deadline, after <= now { now += .milliseconds(10) }
        }
        now = max(now, end)
    }

    func apply(_ command: ControlCommand) {
        lines.apply(command, at: now) { events.append($0) }
    }

    func hotplug(_ action: HotplugEvent.Action, _ node: String, subsystem: String = "cec") {
        let event = HotplugEvent(action: action, subsystem: subsystem, node: node, path: "")
        lines.rescan(after: event, at: now) { events.append($0) }
    }

    func take() -> [ControlEvent] {
        defer { events = [] }
        return events
    }
}
