import CEC
import CECLine
import Glibc

/// The kernel's CEC adapters as far as this test needs them, with a TV at the other end and any call made to fail.
final class FakeCECKernel: CECCalls {
    enum Call: String, CaseIterable {
        case open, capabilities, takePart, clearAddresses, claimPlayer, physicalAddress, logicalAddresses, transmit
        case receive, dequeueEvent
    }

    struct Adapter {
        /// CEC_CAP_LOG_ADDRS, CEC_CAP_TRANSMIT
        var capabilities: UInt32 = 6
        var physical: UInt16 = 0x1000
        var mask: UInt16 = 0
        var events: [CECAdapterEvent] = []
        var received: [CECReceived] = []
        var transmitted: [CECFrame] = []
        /// What the TV answers when asked; nil for a TV without CEC.
        var television: CECPowerStatus? = .on
    }

    var adapters: [String: Adapter] = ["cec0": Adapter()]
    var canList = true
    /// The `nth` call and the `count` − 1 after it fail so.
    var fault: (call: Call, nth: Int, count: Int, errno: Int32)?
    private(set) var made: [Call: Int] = [:]
    private(set) var opened = 0
    private(set) var closed = 0
    /// Descriptors closed twice or never opened.
    private(set) var wrongCloses = 0
    private var handles: [Int32: String] = [:]
    private var next: Int32 = 100

    var openDescriptors: Set<Int32> { Set(handles.keys) }
    var madeInAll: Int { made.values.reduce(0, +) }

    func isReadable(_ descriptor: Int32) -> Bool {
        guard let node = handles[descriptor] else { return false }
        guard let adapter = adapters[node] else { return true }
        return !adapter.events.isEmpty || !adapter.received.isEmpty
    }

    func frames(_ node: String = "cec0") -> [CECMessage] {
        adapters[node]?.transmitted.map(\.message) ?? []
    }

    /// The cable is pulled or plugged in; the kernel claims the address anew by itself.
    func setCable(_ isPlugged: Bool, _ node: String = "cec0") {
        adapters[node]?.physical = isPlugged ? 0x1000 : 0xFFFF
        adapters[node]?.mask = isPlugged ? 0x10 : 0
        tell(node)
    }

    func say(_ message: CECMessage, _ node: String = "cec0", to destination: CECLogicalAddress = CECLogicalAddress(4)) {
        let bytes = CECFrame(from: .television, to: destination, message).bytes
        adapters[node]?.received.append(CECReceived(bytes: bytes, receiveStatus: 1))
    }

    private func tell(_ node: String) {
        guard let adapter = adapters[node] else { return }
        adapters[node]?.events.append(.stateChange(physical: adapter.physical, addressMask: adapter.mask))
    }

    /// Runs a call unless it is to fail.
    private func run(_ call: Call, _ descriptor: Int32? = nil, _ body: (String) -> Int32) -> Int32 {
        let count = (made[call] ?? 0) + 1
        made[call] = count
        if let fault, fault.call == call, count >= fault.nth, count - fault.nth < fault.count { return -fault.errno }
        guard let descriptor else { return body("") }
        guard let node = handles[descriptor] else { return -EBADF }
        return adapters[node] == nil ? -ENODEV : body(node)
    }

    func nodes() -> [String]? {
        canList ? adapters.keys.sorted() : nil
    }

    func open(_ path: String) -> Int32 {
        run(.open) { _ in
            let node = String(path.dropFirst(5))
            guard path.hasPrefix("/dev/"), adapters[node] != nil else { return -ENOENT }
            next += 1
            handles[next] = node
            opened += 1
            tell(node)
            return next
        }
    }

    func close(_ descriptor: Int32) {
        if handles.removeValue(forKey: descriptor) == nil { wrongCloses += 1 }
        closed += 1
    }

    func capabilities(_ descriptor: Int32, into bits: inout UInt32) -> Int32 {
        run(.capabilities, descriptor) { node in
            bits = adapters[node]?.capabilities ?? 0
            return 0
        }
    }

    func takePart(_ descriptor: Int32) -> Int32 {
        run(.takePart, descriptor) { _ in 0 }
    }

    func clearAddresses(_ descriptor: Int32) -> Int32 {
        run(.clearAddresses, descriptor) { node in
            adapters[node]?.mask = 0
            tell(node)
            return 0
        }
    }

    func claimPlayer(_ descriptor: Int32, osdName: String, vendorID: UInt32) -> Int32 {
        run(.claimPlayer, descriptor) { node in
            guard adapters[node]?.mask == 0 else { return -EBUSY }
            if adapters[node]?.physical != 0xFFFF { adapters[node]?.mask = 0x10 }
            tell(node)
            return 0
        }
    }

    func physicalAddress(_ descriptor: Int32, into address: inout UInt16) -> Int32 {
        run(.physicalAddress, descriptor) { node in
            address = adapters[node]?.physical ?? 0
            return 0
        }
    }

    func logicalAddresses(_ descriptor: Int32, into mask: inout UInt16) -> Int32 {
        run(.logicalAddresses, descriptor) { node in
            mask = adapters[node]?.mask ?? 0
            return 0
        }
    }

    func transmit(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
        run(.transmit, descriptor) { node in
            guard let adapter = adapters[node], adapter.mask != 0 else { return -ENONET }
            guard let frame = CECFrame(bytes.span) else { return -EINVAL }
            adapters[node]?.transmitted.append(frame)
            let isHeard = frame.isBroadcast || (frame.destination == .television && adapter.television != nil)
            // CEC_TX_STATUS_OK; CEC_TX_STATUS_NACK and CEC_TX_STATUS_MAX_RETRIES.
            adapters[node]?.received.append(CECReceived(bytes: bytes, transmitStatus: isHeard ? 1 : 0x24))
            switch (frame.message, adapter.television) {
            case (.imageViewOn, .some): adapters[node]?.television = .on
            case (.giveDevicePowerStatus, .some(let status)): say(.reportPowerStatus(status), node)
            default: break
            }
            return 0
        }
    }

    func receive(_ descriptor: Int32, into received: inout CECReceived) -> Int32 {
        run(.receive, descriptor) { node in
            guard adapters[node]?.received.isEmpty == false else { return -EAGAIN }
            received = adapters[node]?.received.removeFirst() ?? CECReceived()
            return 0
        }
    }

    func dequeueEvent(_ descriptor: Int32, into event: inout CECAdapterEvent) -> Int32 {
        run(.dequeueEvent, descriptor) { node in
            guard adapters[node]?.events.isEmpty == false else { return -EAGAIN }
            event = adapters[node]?.events.removeFirst() ?? .other
            return 0
        }
    }
}
