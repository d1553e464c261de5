internal import Basis

/// A message on the bus: who says what to whom, 1…16 bytes.
package struct CECFrame: Equatable, Sendable {
    /// The longest frame (CEC_MAX_MSG_SIZE).
    package static let maximumSize = 16

    /// Who sends it.
    package var initiator: CECLogicalAddress
    /// Whom it is for; `unregistered` (15) for everybody.
    package var destination: CECLogicalAddress
    /// The opcode with its operands; none for a poll.
    package var message: CECMessage

    package init(from initiator: CECLogicalAddress, to destination: CECLogicalAddress, _ message: CECMessage) {
        self.initiator = initiator
        self.destination = destination
        self.message = message
    }

    /// Nil for what is no frame, and for a known message with too few or impossible operands: such a message is ignored
    /// (HDMI 1.4 CEC section 7.3). Operands beyond those known are ignored too.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count <= Self.maximumSize, let header = bytes.uint8(at: 0) else { return nil }
        initiator = CECLogicalAddress(header >> 4)
        destination = CECLogicalAddress(header)
        guard let opcode = bytes.uint8(at: 1) else {
            message = .poll
            return
        }
        guard let message = CECMessage(opcode: opcode, in: bytes) else { return nil }
        self.message = message
    }

    /// Whether it is for everybody.
    package var isBroadcast: Bool {
        destination == .broadcast
    }

    /// What goes over the wire; at most 16 bytes.
    package var bytes: [UInt8] {
        Array(([initiator.value << 4 | destination.value] + message.bytes).prefix(Self.maximumSize))
    }
}

extension CECMessage {
    /// Where the operands begin in a frame.
    private static let operands = 2

    /// Reads the operands of `opcode` from a whole frame.
    init?(opcode: UInt8, in frame: Span<UInt8>) {
        let first = frame.uint8(at: Self.operands)
        let address = frame.uint16(at: Self.operands).map(CECPhysicalAddress.init)
        let read: CECMessage? =
            switch opcode {
            case 0x00: Self.featureAbort(in: frame)
            case 0xFF: .abort
            case 0x04: .imageViewOn
            case 0x0D: .textViewOn
            case 0x82: address.map(CECMessage.activeSource)
            case 0x9D: address.map(CECMessage.inactiveSource)
            case 0x85: .requestActiveSource
            case 0x80: Self.routingChange(in: frame)
            case 0x81: address.map(CECMessage.routingInformation)
            case 0x86: address.map(CECMessage.setStreamPath)
            case 0x36: .standby
            case 0x9F: .getCECVersion
            case 0x9E: first.map(CECMessage.cecVersion)
            case 0x83: .givePhysicalAddress
            case 0x84: Self.reportPhysicalAddress(in: frame)
            case 0x46: .giveOSDName
            case 0x47: Self.setOSDName(in: frame)
            case 0x8C: .giveDeviceVendorID
            case 0x87: frame.uint24(at: Self.operands).map(CECMessage.deviceVendorID)
            case 0x8F: .giveDevicePowerStatus
            case 0x90: first.flatMap(CECPowerStatus.init).map(CECMessage.reportPowerStatus)
            case 0x8D: first.flatMap(CECMenuRequest.init).map(CECMessage.menuRequest)
            case 0x8E: first.flatMap { $0 > 1 ? nil : .menuStatus(isActivated: $0 == 0) }
            case 0x44: first.map { .userControlPressed(CECUserControl(code: $0)) }
            case 0x45: .userControlReleased
            case 0x71: .giveAudioStatus
            case 0x7A: first.map { .reportAudioStatus(isMuted: $0 & 0x80 != 0, volume: Self.volume($0)) }
            case 0x7D: .giveSystemAudioModeStatus
            case 0x7E: first.flatMap { $0 > 1 ? nil : .systemAudioModeStatus(isOn: $0 == 1) }
            case 0x72: first.flatMap { $0 > 1 ? nil : .setSystemAudioMode(isOn: $0 == 1) }
            case 0x70: first == nil ? .systemAudioModeRequest(nil) : address.map(CECMessage.systemAudioModeRequest)
            default:
                .other(
                    opcode: opcode,
                    operands: frame.bytes(at: Self.operands, count: frame.count - Self.operands) ?? [])
            }
        guard let read else { return nil }
        self = read
    }

    /// The opcode and the operands; nothing for a poll.
    var bytes: [UInt8] {
        switch self {
        case .poll: []
        case .featureAbort(let opcode, let reason): [0x00, opcode, reason.rawValue]
        case .abort: [0xFF]
        case .imageViewOn: [0x04]
        case .textViewOn: [0x0D]
        case .activeSource(let address): [0x82] + Self.bytes(address)
        case .inactiveSource(let address): [0x9D] + Self.bytes(address)
        case .requestActiveSource: [0x85]
        case .routingChange(let old, let new): [0x80] + Self.bytes(old) + Self.bytes(new)
        case .routingInformation(let address): [0x81] + Self.bytes(address)
        case .setStreamPath(let address): [0x86] + Self.bytes(address)
        case .standby: [0x36]
        case .getCECVersion: [0x9F]
        case .cecVersion(let version): [0x9E, version]
        case .givePhysicalAddress: [0x83]
        case .reportPhysicalAddress(let address, let type): [0x84] + Self.bytes(address) + [type]
        case .giveOSDName: [0x46]
        case .setOSDName(let name): [0x47] + name.utf8.filter { $0 >= 0x20 && $0 < 0x7F }.prefix(14)
        case .giveDeviceVendorID: [0x8C]
        case .deviceVendorID(let vendor):
            [0x87] + [16, 8, 0].map { UInt8(truncatingIfNeeded: vendor >> $0) }
        case .giveDevicePowerStatus: [0x8F]
        case .reportPowerStatus(let status): [0x90, status.rawValue]
        case .menuRequest(let request): [0x8D, request.rawValue]
        case .menuStatus(let isActivated): [0x8E, isActivated ? 0 : 1]
        case .userControlPressed(let key): [0x44, key.code]
        case .userControlReleased: [0x45]
        case .giveAudioStatus: [0x71]
        case .reportAudioStatus(let isMuted, let volume):
            [0x7A, (isMuted ? 0x80 : 0) | min(volume ?? 0x7F, 0x7F)]
        case .giveSystemAudioModeStatus: [0x7D]
        case .systemAudioModeStatus(let isOn): [0x7E, isOn ? 1 : 0]
        case .setSystemAudioMode(let isOn): [0x72, isOn ? 1 : 0]
        case .systemAudioModeRequest(let address): [0x70] + (address.map(Self.bytes) ?? [])
        case .other(let opcode, let operands): [opcode] + operands
        }
    }

    /// The opcode on the wire; nil for a poll.
    package var opcode: UInt8? {
        bytes.first
    }

    private static func bytes(_ address: CECPhysicalAddress) -> [UInt8] {
        [UInt8(address.value >> 8), UInt8(truncatingIfNeeded: address.value)]
    }

    /// 0…100; the values above say that it is unknown.
    private static func volume(_ operand: UInt8) -> UInt8? {
        operand & 0x7F <= 100 ? operand & 0x7F : nil
    }

    private static func featureAbort(in frame: Span<UInt8>) -> CECMessage? {
        guard let opcode = frame.uint8(at: operands), let reason = frame.uint8(at: operands + 1) else { return nil }
        return .featureAbort(opcode: opcode, CECAbortReason(rawValue: reason) ?? .undetermined)
    }

    private static func routingChange(in frame: Span<UInt8>) -> CECMessage? {
        guard let old = frame.uint16(at: operands), let new = frame.uint16(at: operands + 2) else { return nil }
        return .routingChange(from: CECPhysicalAddress(old), to: CECPhysicalAddress(new))
    }

    private static func reportPhysicalAddress(in frame: Span<UInt8>) -> CECMessage? {
        guard let address = frame.uint16(at: operands), let type = frame.uint8(at: operands + 2) else { return nil }
        return .reportPhysicalAddress(CECPhysicalAddress(address), deviceType: type)
    }

    private static func setOSDName(in frame: Span<UInt8>) -> CECMessage? {
        guard let name = frame.bytes(at: operands, count: frame.count - operands)?.filter({ $0 >= 0x20 && $0 < 0x7F }),
            !name.isEmpty
        else { return nil }
        return .setOSDName(String(decoding: name, as: UTF8.self))
    }
}
