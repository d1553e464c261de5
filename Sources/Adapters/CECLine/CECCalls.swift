internal import CCEC
internal import Glibc
internal import HostFiles

/// What CEC_RECEIVE gives: a frame of somebody else, or what became of one of ours.
package struct CECReceived: Equatable, Sendable {
    package var bytes: [UInt8]
    /// CEC_RX_STATUS_ bits; 0 when this is about a frame of ours.
    package var receiveStatus: UInt8
    /// CEC_TX_STATUS_ bits; 0 for a frame of somebody else.
    package var transmitStatus: UInt8

    package init(bytes: [UInt8] = [], receiveStatus: UInt8 = 0, transmitStatus: UInt8 = 0) {
        self.bytes = bytes
        self.receiveStatus = receiveStatus
        self.transmitStatus = transmitStatus
    }
}

/// What CEC_DQEVENT gives.
package enum CECAdapterEvent: Equatable, Sendable {
    /// CEC_EVENT_STATE_CHANGE: the physical address, 0xFFFF without a cable, and a bit for each logical address.
    case stateChange(physical: UInt16, addressMask: UInt16)
    /// CEC_EVENT_LOST_MSGS
    case lostMessages(UInt32)
    case other
}

/// The system calls of this adapter. Those that return `Int32` return a negative errno when they fail; none waits.
package protocol CECCalls {
    /// The names of the adapters' nodes below `/dev`, for instance `cec0`; nil when that cannot be told now.
    func nodes() -> [String]?
    /// A non-blocking descriptor.
    func open(_ path: String) -> Int32
    func close(_ descriptor: Int32)
    /// CEC_ADAP_G_CAPS: the CEC_CAP_ bits.
    func capabilities(_ descriptor: Int32, into bits: inout UInt32) -> Int32
    /// CEC_S_MODE, to initiator and follower.
    func takePart(_ descriptor: Int32) -> Int32
    /// CEC_ADAP_S_LOG_ADDRS without addresses.
    func clearAddresses(_ descriptor: Int32) -> Int32
    /// CEC_ADAP_S_LOG_ADDRS with one player.
    func claimPlayer(_ descriptor: Int32, osdName: String, vendorID: UInt32) -> Int32
    /// CEC_ADAP_G_PHYS_ADDR
    func physicalAddress(_ descriptor: Int32, into address: inout UInt16) -> Int32
    /// CEC_ADAP_G_LOG_ADDRS
    func logicalAddresses(_ descriptor: Int32, into mask: inout UInt16) -> Int32
    /// CEC_TRANSMIT
    func transmit(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32
    /// CEC_RECEIVE
    func receive(_ descriptor: Int32, into received: inout CECReceived) -> Int32
    /// CEC_DQEVENT
    func dequeueEvent(_ descriptor: Int32, into event: inout CECAdapterEvent) -> Int32
}

/// The kernel.
package struct KernelCECCalls: CECCalls {
    package init() {}

    package func nodes() -> [String]? {
        Folder.names("/dev")?.filter { $0.hasPrefix("cec") && UInt16($0.dropFirst(3)) != nil }
    }

    package func open(_ path: String) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        return descriptor < 0 ? -errno : descriptor
    }

    package func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    package func capabilities(_ descriptor: Int32, into bits: inout UInt32) -> Int32 {
        vs_cec_capabilities(descriptor, &bits)
    }

    package func takePart(_ descriptor: Int32) -> Int32 {
        vs_cec_take_part(descriptor)
    }

    package func clearAddresses(_ descriptor: Int32) -> Int32 {
        vs_cec_clear_addresses(descriptor)
    }

    package func claimPlayer(_ descriptor: Int32, osdName: String, vendorID: UInt32) -> Int32 {
        vs_cec_claim_player(descriptor, osdName, vendorID)
    }

    package func physicalAddress(_ descriptor: Int32, into address: inout UInt16) -> Int32 {
        vs_cec_physical_address(descriptor, &address)
    }

    package func logicalAddresses(_ descriptor: Int32, into mask: inout UInt16) -> Int32 {
        vs_cec_logical_addresses(descriptor, &mask)
    }

    package func transmit(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
        vs_cec_transmit(descriptor, bytes, UInt32(clamping: bytes.count))
    }

    package func receive(_ descriptor: Int32, into received: inout CECReceived) -> Int32 {
        var bytes = [UInt8](repeating: 0, count: Int(CEC_MAX_MSG_SIZE))
        var (count, receiveStatus, transmitStatus) = (UInt32(0), UInt8(0), UInt8(0))
        let status = vs_cec_receive(descriptor, &bytes, &count, &receiveStatus, &transmitStatus)
        received = CECReceived(
            bytes: Array(bytes.prefix(Int(count))), receiveStatus: receiveStatus, transmitStatus: transmitStatus)
        return status
    }

    package func dequeueEvent(_ descriptor: Int32, into event: inout CECAdapterEvent) -> Int32 {
        var (kind, lost, physical, mask) = (UInt32(0), UInt32(0), UInt16(0), UInt16(0))
        let status = vs_cec_dequeue_event(descriptor, &kind, &physical, &mask, &lost)
        event =
            switch Int32(clamping: kind) {
            case CEC_EVENT_STATE_CHANGE: .stateChange(physical: physical, addressMask: mask)
            case CEC_EVENT_LOST_MSGS: .lostMessages(lost)
            default: .other
            }
        return status
    }
}
