package import Basis
internal import CLinux
package import Devices
internal import Glibc

/// The system calls of `HotplugMonitor`; failures are negative errnos.
package protocol UeventCalls {
    /// A non-blocking socket for the kernel's device events.
    func open() -> Int32
    func close(_ socket: Int32)
    /// Puts one event into `bytes` and returns its length; 0 for one to be ignored.
    func receive(_ socket: Int32, into bytes: inout [UInt8]) -> Int32
}

/// The kernel.
package struct KernelUeventCalls: UeventCalls {
    package init() {}

    package func open() -> Int32 {
        vs_linux_uevent_socket(1 << 20)
    }

    package func close(_ socket: Int32) {
        _ = Glibc.close(socket)
    }

    package func receive(_ socket: Int32, into bytes: inout [UInt8]) -> Int32 {
        let size = UInt32(clamping: bytes.count)
        return vs_linux_uevent_receive(socket, &bytes, size)
    }
}

/// Tells which devices come and go, from the kernel itself: it needs no udevd, and a node may get its permissions only
/// after its event. Receivers try again.
///
/// When events were lost it says so by an event of no subsystem: look at everything again.
package final class HotplugMonitor<Calls: UeventCalls>: ControlSource {
    private let calls: Calls
    private let subsystems: Set<String>
    private var socket = AnnouncementSocket()
    private var opening: MonotonicInstant? = .zero
    private var openingBackoff = Backoff(initial: .seconds(1), maximum: .seconds(30))
    /// Events may have been missed: told with the next opening.
    private var hasMissed = false
    private var notedError: Int32 = 0
    private var bytes = [UInt8](repeating: 0, count: 8_192)

    /// - Parameter subsystems: events of any other are dropped.
    package init(subsystems: Set<String> = HotplugSubsystems.ofInterest, calls: Calls) {
        self.subsystems = subsystems
        self.calls = calls
    }

    package var descriptors: [Int32] { socket.descriptors }

    package var deadline: MonotonicInstant? {
        socket.isOpen ? nil : opening
    }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        if !socket.isOpen { open(at: now, emit) }
        let failure = socket.drain(
            endsAtZero: false, receive: { calls.receive($0, into: &bytes) },
            news: { news in
                switch news {
                case .announcement(let length):
                    let event = UeventParser.parse(bytes.span.extracting(first: min(length, bytes.count)))
                    if let event, subsystems.contains(event.subsystem) { emit(.hotplug(event)) }
                case .lost: emit(.hotplug(.everything))
                }
            })
        if let failure { fail("receive", failure, at: now, emit) }
    }

    package func apply(_: ControlCommand, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func rescan(after _: HotplugEvent, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func close() {
        socket.close(calls.close)
        opening = nil
    }

    private func open(at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        guard let opening, opening <= now else { return }
        if let failure = socket.open(calls.open) { return fail("open", failure, at: now, emit) }
        self.opening = nil
        openingBackoff.reset()
        notedError = 0
        if hasMissed { emit(.hotplug(.everything)) }
        hasMissed = false
    }

    private func fail(_ operation: String, _ number: Int32, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        close()
        hasMissed = true
        opening = now + openingBackoff.next()
        guard notedError != number else { return }
        notedError = number
        emit(.deviceNote(DeviceError(operation, device: "device events", errno: number).description))
    }
}

extension HotplugMonitor<KernelUeventCalls> {
    /// Over the kernel's socket.
    package convenience init(subsystems: Set<String> = HotplugSubsystems.ofInterest) {
        self.init(subsystems: subsystems, calls: KernelUeventCalls())
    }
}

/// Which subsystems have the devices of a room.
package enum HotplugSubsystems {
    package static let ofInterest: Set<String> = [
        "video4linux", "sound", "drm", "usb", "input", "hidraw", "gpio", "cec", "leds",
    ]
}

extension HotplugEvent {
    /// Events were lost, or may have been: look at everything again.
    package static let everything = HotplugEvent(action: .other, subsystem: "", node: "", path: "")
}
