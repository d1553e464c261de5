package import Basis
internal import CLinux
package import Devices
internal import Glibc

/// The system calls of `AddressMonitor`; failures are negative errnos.
package protocol AddressCalls {
    /// A non-blocking socket for the kernel's news of network interfaces and their addresses.
    func open() -> Int32
    func close(_ socket: Int32)
    /// Takes what is there; above 0 when it tells of a change, 0 when it does not.
    func receive(_ socket: Int32) -> Int32
}

/// The kernel.
package struct KernelAddressCalls: AddressCalls {
    package init() {}

    package func open() -> Int32 {
        vs_linux_address_socket()
    }

    package func close(_ socket: Int32) {
        _ = Glibc.close(socket)
    }

    package func receive(_ socket: Int32) -> Int32 {
        vs_linux_address_receive(socket)
    }
}

/// Tells when an address of the host came or went, or a cable (rtnetlink(7)). Which addresses there are now is whoever
/// hears it to look up: that is never out of date.
package final class AddressMonitor<Calls: AddressCalls>: ControlSource {
    /// A cable put in makes a handful of messages; they are told as one.
    private static var settling: Duration { .milliseconds(150) }
    private static var mostAtOnce: Int { 64 }
    private static var longestDelay: Duration { .seconds(30) }

    private let calls: Calls
    private var socket: Int32 = -1
    private var opening: MonotonicInstant? = .zero
    private var openingDelay = Duration.seconds(1)
    /// Changes may have been missed: told with the next opening.
    private var hasMissed = false
    private var telling: MonotonicInstant?
    private var notedError: Int32 = 0

    package init(calls: Calls) {
        self.calls = calls
    }

    package var descriptors: [Int32] {
        socket >= 0 ? [socket] : []
    }

    package var deadline: MonotonicInstant? {
        socket >= 0 ? telling : opening
    }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        if socket < 0 { open(at: now, emit) }
        for _ in 0..<Self.mostAtOnce where socket >= 0 {
            let result = calls.receive(socket)
            if -result == EAGAIN { break }
            switch -result {
            case 0, EINTR: break
            case ..<0, ENOBUFS:
                if telling == nil { telling = now + Self.settling }
            default: fail("receive", -result, at: now, emit)
            }
        }
        guard let due = telling, due <= now else { return }
        telling = nil
        emit(.addressesChanged)
    }

    package func apply(_: ControlCommand, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func rescan(after _: HotplugEvent, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func close() {
        if socket >= 0 { calls.close(socket) }
        socket = -1
        opening = nil
    }

    private func open(at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        guard let opening, opening <= now else { return }
        let opened = calls.open()
        guard opened >= 0 else { return fail("open", -opened, at: now, emit) }
        socket = opened
        self.opening = nil
        openingDelay = .seconds(1)
        notedError = 0
        if hasMissed { telling = now }
        hasMissed = false
    }

    private func fail(_ operation: String, _ number: Int32, at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) {
        close()
        hasMissed = true
        opening = now + openingDelay
        openingDelay = min(openingDelay * 2, Self.longestDelay)
        guard notedError != number else { return }
        notedError = number
        emit(.deviceNote(DeviceError(operation, device: "network addresses", errno: number).description))
    }
}

extension AddressMonitor<KernelAddressCalls> {
    /// Over the kernel's socket.
    package convenience init() {
        self.init(calls: KernelAddressCalls())
    }
}
