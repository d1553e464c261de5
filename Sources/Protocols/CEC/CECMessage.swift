package import Devices

/// Whether a device is on (operand Power Status).
package enum CECPowerStatus: UInt8, CaseIterable, Sendable {
    case on = 0
    case standby = 1
    case standbyToOn = 2
    case onToStandby = 3
}

/// Why a message is refused (operand Abort Reason).
package enum CECAbortReason: UInt8, CaseIterable, Sendable {
    case unrecognizedOpcode = 0
    case incorrectMode = 1
    case noSource = 2
    case invalidOperand = 3
    case refused = 4
    case undetermined = 5
}

/// What is asked of a device's menu (operand Menu Request Type).
package enum CECMenuRequest: UInt8, CaseIterable, Sendable {
    case activate = 0
    case deactivate = 1
    case query = 2
}

/// What a message says, without who says it to whom.
///
/// Names are those of HDMI 1.4 CEC section 13, opcodes those of linux/cec.h.
package enum CECMessage: Equatable, Sendable {
    /// Nothing at all: asks whether anybody has the destination's address.
    case poll
    case featureAbort(opcode: UInt8, CECAbortReason)
    case abort

    // One Touch Play, Routing Control, Standby.
    case imageViewOn
    case textViewOn
    case activeSource(CECPhysicalAddress)
    case inactiveSource(CECPhysicalAddress)
    case requestActiveSource
    case routingChange(from: CECPhysicalAddress, to: CECPhysicalAddress)
    case routingInformation(CECPhysicalAddress)
    case setStreamPath(CECPhysicalAddress)
    case standby

    // System Information, Device OSD Transfer, Vendor Specific Commands.
    case getCECVersion
    case cecVersion(UInt8)
    case givePhysicalAddress
    case reportPhysicalAddress(CECPhysicalAddress, deviceType: UInt8)
    case giveOSDName
    /// At most 14 characters of ASCII go out.
    case setOSDName(String)
    case giveDeviceVendorID
    /// 24 bits of the IEEE's number for the maker.
    case deviceVendorID(UInt32)

    // Power Status, Device Menu Control, Remote Control Passthrough.
    case giveDevicePowerStatus
    case reportPowerStatus(CECPowerStatus)
    case menuRequest(CECMenuRequest)
    case menuStatus(isActivated: Bool)
    case userControlPressed(CECUserControl)
    case userControlReleased

    // System Audio Control.
    case giveAudioStatus
    /// The loudness in percent; nil when the audio system does not know it.
    case reportAudioStatus(isMuted: Bool, volume: UInt8?)
    case giveSystemAudioModeStatus
    case systemAudioModeStatus(isOn: Bool)
    case setSystemAudioMode(isOn: Bool)
    /// Nil asks for the mode to end.
    case systemAudioModeRequest(CECPhysicalAddress?)

    /// An opcode that means nothing here.
    case other(opcode: UInt8, operands: [UInt8])
}

/// A key of a remote control (operand UI Command).
package struct CECUserControl: Hashable, Sendable {
    /// The UI command code (HDMI 1.4b, CEC table 27).
    package let code: UInt8

    /// A key by its UI command code.
    package init(code: UInt8) {
        self.code = code
    }

    /// OK in the middle of the arrows.
    package static let select = CECUserControl(code: 0x00)
    /// The arrow up.
    package static let up = CECUserControl(code: 0x01)
    /// The arrow down.
    package static let down = CECUserControl(code: 0x02)
    /// The arrow left.
    package static let left = CECUserControl(code: 0x03)
    /// The arrow right.
    package static let right = CECUserControl(code: 0x04)
    /// Called Back since CEC 2.0.
    package static let exit = CECUserControl(code: 0x0D)
    /// The enter key of a keypad.
    package static let enter = CECUserControl(code: 0x2B)
    /// Louder.
    package static let volumeUp = CECUserControl(code: 0x41)
    /// Softer.
    package static let volumeDown = CECUserControl(code: 0x42)
    /// Toggles the sound.
    package static let mute = CECUserControl(code: 0x43)
    /// Silences, never the other way.
    package static let muteFunction = CECUserControl(code: 0x65)

    /// The button that the key stands for, by its role; nil for keys without a use in a meeting.
    package var button: ButtonRole? {
        switch self {
        case .select, .enter: .ok
        case .exit: .hangUp
        case .up: .up
        case .down: .down
        case .left: .left
        case .right: .right
        case .mute, .muteFunction: .mute
        case .volumeUp: .volumeUp
        case .volumeDown: .volumeDown
        default: nil
        }
    }

    /// Whether holding the key means more of it.
    package var repeats: Bool {
        self == .volumeUp || self == .volumeDown
    }
}
