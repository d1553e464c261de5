import Basis
import CEC

/// A machine on a bus whose other devices are played by the test.
struct Bus {
    static let player = CECLogicalAddress(4)
    static let address = CECPhysicalAddress(0x1000)

    var machine: CECMachine
    var now = MonotonicInstant.zero
    /// The events of the last step.
    var events: [CECEvent] = []

    init(_ policy: CECPolicy, woke: Bool = false, isPlugged: Bool = true) {
        machine = CECMachine(configuration: CECMachine.Configuration(policy: policy), wokeTelevision: woke)
        if isPlugged {
            plug()
            _ = settle()
        }
    }

    mutating func plug() {
        machine.configure(physical: Self.address, logical: Self.player, at: now)
    }

    mutating func unplug() {
        machine.configure(physical: .invalid, logical: nil, at: now)
    }

    /// Takes what the machine has to say.
    mutating func settle() -> [CECFrame] {
        var frames: [CECFrame] = []
        while let frame = machine.pollTransmit() { frames.append(frame) }
        events = []
        while let event = machine.pollEvent() { events.append(event) }
        return frames
    }

    /// Lets time pass, as the owner of a machine does: from deadline to deadline.
    mutating func pass(_ duration: Duration) -> [CECFrame] {
        let end = now + duration
        var frames: [CECFrame] = []
        var all: [CECEvent] = []
        while let due = machine.deadline, due <= end {
            now = max(now, due)
            machine.advance(to: now)
            frames += settle()
            all += events
        }
        now = end
        events = all
        return frames
    }

    mutating func say(
        _ message: CECMessage, from initiator: CECLogicalAddress = .television,
        to destination: CECLogicalAddress = Bus.player
    ) -> [CECFrame] {
        machine.receive(CECFrame(from: initiator, to: destination, message).bytes.span, at: now)
        return settle()
    }

    /// All frames of ours to the TV come back like this.
    mutating func report(_ frames: [CECFrame], _ result: CECTransmitResult) {
        for frame in frames { machine.transmitted(frame.bytes.span, result) }
        _ = settle()
    }
}

extension [CECFrame] {
    var messages: [CECMessage] { map(\.message) }
}
