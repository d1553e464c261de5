package import Basis
package import Devices

/// One network interface, as far as it matters for being connected.
package struct NetworkInterface: Equatable, Sendable {
    /// The kernel's name, for instance `eth0`.
    package var name: String
    package var isLoopback = false
    /// A device of this machine, not a bridge or a tunnel that programs made.
    package var isHardware = false
    package var hasCarrier = false
    package var addresses: [IPAddress] = []

    package init(name: String) {
        self.name = name
    }
}

/// The system calls of `NetworkMonitor`; failures are negative errnos.
package protocol NetworkCalls {
    /// A non-blocking socket that is readable when a link or an address changes.
    func open() -> Int32
    func close(_ socket: Int32)
    /// Takes one announcement; what it says does not matter.
    func receive(_ socket: Int32) -> Int32
    /// All interfaces; nothing when the kernel does not tell.
    func interfaces(into list: inout [NetworkInterface]) -> Int32
}

/// Tells whether there is a cable and which addresses, when that changes: the kernel announces it. Where it does not, looks
/// every few seconds.
package final class NetworkMonitor<Calls: NetworkCalls>: ControlSource {
    /// A cable put in makes a handful of announcements, a lease renewed takes its address away for a moment: they are
    /// looked into as one.
    private static var settling: Duration { .milliseconds(150) }
    /// How often to look, with announcements and without.
    private static var calmInterval: Duration { .seconds(20) }
    private static var blindInterval: Duration { .seconds(2) }

    private let calls: Calls
    private var socket = AnnouncementSocket()
    private var due: MonotonicInstant? = .zero
    /// Whether `due` is the end of announcements.
    private var isSettling = false
    private var told: NetworkState?
    private var notedErrors: [String: Int32] = [:]

    package init(calls: Calls) {
        self.calls = calls
    }

    package var descriptors: [Int32] { socket.descriptors }

    package var deadline: MonotonicInstant? { due }

    package func process(at now: MonotonicInstant, emit: (ControlEvent) -> Void) {
        guard let due else { return }
        if !socket.isOpen { open(emit) }
        let isNews = takeAnnouncements(at: now, emit)
        guard due <= now else {
            if isNews, !isSettling {
                isSettling = true
                self.due = min(due, now + Self.settling)
            }
            return
        }
        isSettling = false
        look(emit)
        self.due = now + (socket.isOpen ? Self.calmInterval : Self.blindInterval)
    }

    package func apply(_: ControlCommand, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func rescan(after _: HotplugEvent, at _: MonotonicInstant, emit _: (ControlEvent) -> Void) {}

    package func close() {
        socket.close(calls.close)
        due = nil
    }

    private func open(_ emit: (ControlEvent) -> Void) {
        if let failure = socket.open(calls.open) { return note("open", failure, emit) }
        notedErrors["open"] = nil
        notedErrors["receive"] = nil
    }

    /// Whether there was any.
    private func takeAnnouncements(at now: MonotonicInstant, _ emit: (ControlEvent) -> Void) -> Bool {
        var isNews = false
        // Lost ones are news, too: everything is looked at in any case. The kernel's end is never closed while all is well.
        let failure = socket.drain(endsAtZero: true, receive: calls.receive, news: { _ in isNews = true })
        if let failure {
            note("receive", failure, emit)
            socket.close(calls.close)
            due = min(due ?? now, now + Self.blindInterval)
        }
        return isNews
    }

    private func look(_ emit: (ControlEvent) -> Void) {
        var interfaces: [NetworkInterface] = []
        let status = calls.interfaces(into: &interfaces)
        // What was known stays, until the kernel tells again.
        guard status >= 0 else { return note("look", -status, emit) }
        notedErrors["look"] = nil
        let state = NetworkState(interfaces)
        guard state != told else { return }
        told = state
        emit(.network(state))
    }

    private func note(_ operation: String, _ number: Int32, _ emit: (ControlEvent) -> Void) {
        guard notedErrors.updateValue(number, forKey: operation) != number else { return }
        emit(.deviceNote(DeviceError(operation, device: "network", errno: number).description))
    }
}

extension NetworkState {
    /// Real devices count where there are any: a bridge of containers has a carrier without any cable. In a container
    /// itself there are none.
    package init(_ interfaces: [NetworkInterface]) {
        let others = interfaces.filter { !$0.isLoopback }
        let hardware = others.filter(\.isHardware)
        let hasCarrier = (hardware.isEmpty ? others : hardware).contains(where: \.hasCarrier)
        // The address may be that of a bridge over the device.
        let linked = others.filter(\.hasCarrier).sorted { $0.isHardware && !$1.isHardware }
        let addresses = linked.flatMap(\.addresses).filter { !$0.isLinkLocal && !$0.isLoopback }
        self.init(
            hasCarrier: hasCarrier, address: hasCarrier ? addresses.first : nil, addresses: linked.flatMap(\.addresses))
    }
}

extension NetworkMonitor<KernelNetworkCalls> {
    /// Over the kernel's own announcements.
    package convenience init() {
        self.init(calls: KernelNetworkCalls())
    }
}
