package import Basis
package import Devices

/// A control source in virtual time, served as its thread would.
package struct ControlBench<Source: ControlSource> {
    package let source: Source
    /// The present, which `pass` moves on.
    package var now = MonotonicInstant.zero
    /// What the source said since the last `taken`.
    package var events: [ControlEvent] = []
    /// Calls of `process`, to find out about spinning.
    package var turns = 0

    package init(_ source: Source) {
        self.source = source
    }

    package mutating func process() {
        source.process(at: now) { events.append($0) }
        turns += 1
    }

    /// Serves every deadline of the next `milliseconds`.
    package mutating func pass(_ milliseconds: Int) {
        let end = now + .milliseconds(milliseconds)
        while let due = source.deadline, due <= end {
            now = max(now, due)
            process()
            guard turns < 100_000 else { return }
        }
        now = end
    }

    package mutating func apply(_ command: ControlCommand) {
        source.apply(command, at: now) { events.append($0) }
    }

    package mutating func hotplug(_ action: HotplugEvent.Action, _ subsystem: String, _ node: String) {
        let event = HotplugEvent(action: action, subsystem: subsystem, node: node, path: "")
        source.rescan(after: event, at: now) { events.append($0) }
    }

    /// Everything that is no note, since the last time.
    package mutating func taken() -> [ControlEvent] {
        defer { events = [] }
        return events.filter { if case .deviceNote = $0 { false } else { true } }
    }

    /// How many notes about devices there were since the last `taken`.
    package var notes: Int {
        events.count { if case .deviceNote = $0 { true } else { false } }
    }
}
