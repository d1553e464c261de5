internal import Basis
internal import CCEC
internal import CEC
internal import Glibc

/// One CEC adapter of the kernel, `/dev/cecN`: a descriptor, and the machine that speaks over it.
///
/// An adapter that fails is closed and opened again later; it never waits and never gives up while its node exists.
final class CECLine<Calls: CECCalls> {
    /// Frames and events handled in one go; the rest is still there the next time.
    private static var mostAtOnce: Int { 32 }
    private static var maximumDelay: Duration { .seconds(30) }
    private static var transmitPause: Duration { .milliseconds(50) }
    private static var mostTransmitTries: Int { 20 }

    /// For instance `cec0`.
    let node: String
    var machine: CECMachine
    private(set) var descriptor: Int32 = -1
    /// Frames that the kernel had no room for in time.
    private(set) var lostMessages: UInt32 = 0

    private let calls: Calls
    private var notes: [String] = []
    private var capabilities: UInt32 = 0
    private var reopening: MonotonicInstant?
    private var reopeningBackoff = Backoff(initial: .seconds(1), maximum: maximumDelay)
    private var claiming: MonotonicInstant?
    private var claimingBackoff = Backoff(initial: .seconds(5), maximum: maximumDelay)
    /// A frame that found the kernel's queue full.
    private var waiting: (frame: CECFrame, next: MonotonicInstant, tries: Int)?
    private var notedError: Int32 = 0
    /// Since when the adapter is open.
    private var openedAt: MonotonicInstant?
    private var hasVanished = false
    private var hasNotedInput = false

    init(node: String, machine: CECMachine, calls: Calls) {
        self.node = node
        self.machine = machine
        self.calls = calls
    }

    var deadline: MonotonicInstant? {
        guard descriptor >= 0 else { return reopening }
        return [claiming, waiting?.next, machine.deadline].compactMap { $0 }.min()
    }

    func pollNote() -> String? {
        notes.isEmpty ? nil : notes.removeFirst()
    }

    /// Opens the adapter unless it is open.
    func open(at now: MonotonicInstant) {
        guard descriptor < 0 else { return }
        let opened = calls.open("/dev/\(node)")
        guard opened >= 0 else { return fail("open", -opened, at: now) }
        descriptor = opened
        capabilities = 0
        let status = calls.capabilities(opened, into: &capabilities)
        guard status >= 0 else { return fail("CEC_ADAP_G_CAPS", -status, at: now) }
        guard capabilities & UInt32(CEC_CAP_TRANSMIT) != 0 else {
            return fail("CEC_CAP_TRANSMIT", EOPNOTSUPP, at: now)
        }
        var (physical, mask) = (CECPhysicalAddress.invalid.value, UInt16(0))
        let plugged = calls.physicalAddress(opened, into: &physical)
        guard plugged >= 0 else { return fail("CEC_ADAP_G_PHYS_ADDR", -plugged, at: now) }
        // An HDMI input: there somebody else may play the TV, and no player has a place.
        guard CECPhysicalAddress(physical) != .television else { return leaveAlone(at: now) }
        let mode = calls.takePart(opened)
        guard mode >= 0 else { return fail("CEC_S_MODE", -mode, at: now) }
        guard claim(at: now) else { return }
        let claimed = calls.logicalAddresses(opened, into: &mask)
        guard claimed >= 0 else { return fail("CEC_ADAP_G_LOG_ADDRS", -claimed, at: now) }
        reopening = nil
        openedAt = now
        configure(physical: physical, mask: mask, at: now)
        flush(at: now)
    }

    /// Whether there was no such node when it was opened last; asked once.
    func takeHasVanished() -> Bool {
        defer { hasVanished = false }
        return hasVanished
    }

    /// Handles what has come and what has become due.
    func process(at now: MonotonicInstant) {
        if descriptor < 0 {
            guard let reopening, reopening <= now else { return }
            return open(at: now)
        }
        handleEvents(at: now)
        handleMessages(at: now)
        guard descriptor >= 0 else { return }
        if let claiming, claiming <= now { _ = claim(at: now) }
        machine.advance(to: now)
        flush(at: now)
    }

    /// Hands the machine's frames to the kernel.
    func flush(at now: MonotonicInstant) {
        guard descriptor >= 0 else { return }
        if let waiting, waiting.next > now { return }
        while let frame = waiting?.frame ?? machine.pollTransmit() {
            let tries = waiting?.tries ?? 0
            waiting = nil
            let status = calls.transmit(descriptor, frame.bytes)
            switch -status {
            case ...0: break
            case EBUSY, EAGAIN, EINTR:
                if tries < Self.mostTransmitTries {
                    waiting = (frame, now + Self.transmitPause, tries + 1)
                    return
                }
                machine.transmitted(frame.bytes.span, .failed)
            case ENODEV, ENXIO: return fail("CEC_TRANSMIT", -status, at: now)
            default: machine.transmitted(frame.bytes.span, .failed)
            }
        }
    }

    func close(at now: MonotonicInstant) {
        if descriptor >= 0 { calls.close(descriptor) }
        descriptor = -1
        openedAt = nil
        reopening = nil
        claiming = nil
        waiting = nil
        machine.configure(physical: nil, logical: nil, at: now)
    }

    private func handleEvents(at now: MonotonicInstant) {
        for _ in 0..<Self.mostAtOnce where descriptor >= 0 {
            var event = CECAdapterEvent.other
            let status = calls.dequeueEvent(descriptor, into: &event)
            switch (-status, event) {
            case (...0, .stateChange(let physical, let mask)): configure(physical: physical, mask: mask, at: now)
            case (...0, .lostMessages(let count)): lostMessages &+= count
            case (...0, .other), (EINTR, _): break
            case (EAGAIN, _): return
            default: fail("CEC_DQEVENT", -status, at: now)
            }
        }
    }

    private func handleMessages(at now: MonotonicInstant) {
        for _ in 0..<Self.mostAtOnce where descriptor >= 0 {
            var received = CECReceived()
            let status = calls.receive(descriptor, into: &received)
            switch -status {
            case ...0: handle(received, at: now)
            case EINTR: break
            case EAGAIN, ETIMEDOUT: return
            default: fail("CEC_RECEIVE", -status, at: now)
            }
        }
    }

    private func handle(_ received: CECReceived, at now: MonotonicInstant) {
        let transmitted = Int32(received.transmitStatus)
        if transmitted == 0 {
            guard Int32(received.receiveStatus) & CEC_RX_STATUS_OK != 0 else { return }
            machine.receive(received.bytes.span, at: now)
        } else if received.receiveStatus == 0 {
            let result: CECTransmitResult =
                transmitted & CEC_TX_STATUS_OK != 0
                ? .acknowledged : transmitted & CEC_TX_STATUS_NACK != 0 ? .notAcknowledged : .failed
            machine.transmitted(received.bytes.span, result)
        }
    }

    private func configure(physical: UInt16, mask: UInt16, at now: MonotonicInstant) {
        let address = CECPhysicalAddress(physical)
        let logical = CECLogicalAddress.preferred(ofMask: mask)
        if logical == nil || !address.isValid { waiting = nil }
        machine.configure(physical: address, logical: logical, at: now)
        if !address.isValid || logical != nil {
            claiming = nil
            claimingBackoff.reset()
        } else if claiming == nil, capabilities & UInt32(CEC_CAP_LOG_ADDRS) != 0 {
            claiming = now + claimingBackoff.pause
        }
    }

    /// Asks the kernel for the address of a player, now and whenever a cable comes; false when the adapter failed.
    private func claim(at now: MonotonicInstant) -> Bool {
        guard capabilities & UInt32(CEC_CAP_LOG_ADDRS) != 0 else { return true }
        claiming = now + claimingBackoff.next()
        // Whoever used the adapter before, an earlier life of ours too, may have left an address in it.
        var status = calls.clearAddresses(descriptor)
        if status >= 0 {
            status = calls.claimPlayer(
                descriptor, osdName: machine.configuration.osdName, vendorID: machine.configuration.vendorID)
        }
        switch -status {
        case ENODEV, ENXIO:
            fail("CEC_ADAP_S_LOG_ADDRS", -status, at: now)
            return false
        case ...0: return true
        default:
            note("CEC_ADAP_S_LOG_ADDRS", -status)
            return true
        }
    }

    private func leaveAlone(at now: MonotonicInstant) {
        close(at: now)
        guard !hasNotedInput else { return }
        hasNotedInput = true
        notes.append("it belongs to an HDMI input and is left alone")
    }

    /// Lets the adapter go, and tries again later.
    private func fail(_ operation: String, _ number: Int32, at now: MonotonicInstant) {
        // One that opens well and fails at once is no better than one that does not open.
        if let openedAt, now - openedAt > Self.maximumDelay {
            reopeningBackoff.reset()
            notedError = 0
        }
        close(at: now)
        hasVanished = number == ENOENT
        reopening = now + reopeningBackoff.next()
        note(operation, number)
    }

    private func note(_ operation: String, _ number: Int32) {
        guard notedError != number else { return }
        notedError = number
        notes.append("\(operation) failed (errno \(number))")
    }
}
