internal import Basis

extension CECMachine {
    /// A key not told again for this long counts as released (HDMI 1.4 CEC section 13.13.2, follower safety timeout).
    static let heldKeyTimeout = Duration.milliseconds(550)
    /// CEC 1.4 (CEC_OP_CEC_VERSION_1_4).
    static let version: UInt8 = 5
    /// A player (CEC_OP_PRIM_DEVTYPE_PLAYBACK).
    static let deviceType: UInt8 = 4

    mutating func handle(_ frame: CECFrame, at now: MonotonicInstant) {
        if frame.initiator == .television { noteAnswer() }
        switch frame.message {
        case .poll, .featureAbort, .inactiveSource, .cecVersion, .reportPhysicalAddress, .setOSDName, .deviceVendorID,
            .menuStatus, .reportAudioStatus:
            break
        case .activeSource, .requestActiveSource, .routingChange, .routingInformation, .setStreamPath:
            if frame.isBroadcast { handleRouting(frame.message) }
        case .standby:
            if frame.initiator == .television || frame.isBroadcast { obeyStandby() }
        case .givePhysicalAddress, .giveDeviceVendorID: describe(to: frame)
        case .abort: answer(frame, .featureAbort(opcode: 0xFF, .refused))
        case .getCECVersion: answer(frame, .cecVersion(Self.version))
        case .giveOSDName: answer(frame, .setOSDName(configuration.osdName))
        case .giveDevicePowerStatus: answer(frame, .reportPowerStatus(.on))
        case .menuRequest(let request):
            guard !frame.isBroadcast else { return }
            if request != .query { isMenuActivated = request == .activate }
            answer(frame, .menuStatus(isActivated: isMenuActivated))
        case .userControlPressed(let key):
            if !frame.isBroadcast { press(key, by: frame.initiator, at: now) }
        case .userControlReleased:
            if held?.initiator == frame.initiator { held = nil }
        case .reportPowerStatus(let status):
            if frame.initiator == .television { handle(status) }
        case .systemAudioModeStatus(let isOn), .setSystemAudioMode(let isOn):
            if frame.initiator == .audioSystem { hasSystemAudio = isOn }
        case .imageViewOn, .textViewOn, .giveAudioStatus, .giveSystemAudioModeStatus, .systemAudioModeRequest, .other:
            answer(frame, .featureAbort(opcode: frame.message.opcode ?? 0, .unrecognizedOpcode))
        }
    }

    /// To whom asked us alone, and can be answered.
    private mutating func answer(_ frame: CECFrame, _ message: CECMessage) {
        guard !frame.isBroadcast, frame.initiator != .broadcast else { return }
        send(message, to: frame.initiator)
    }

    /// Answers that everybody is to hear.
    private mutating func describe(to frame: CECFrame) {
        guard !frame.isBroadcast, let physical else { return }
        switch frame.message {
        case .givePhysicalAddress:
            send(.reportPhysicalAddress(physical, deviceType: Self.deviceType), to: .broadcast)
        default: send(.deviceVendorID(configuration.vendorID), to: .broadcast)
        }
    }

    private mutating func handleRouting(_ message: CECMessage) {
        switch message {
        case .requestActiveSource:
            if isActiveSource { becomeActiveSource() }
        case .setStreamPath(let address), .routingChange(_, let address), .routingInformation(let address):
            if address == physical {
                becomeActiveSource()
            } else if !leadsToUs(address) || message == .setStreamPath(address) {
                loseActiveSource()
            }
        case .activeSource(let address):
            if address != physical { loseActiveSource() }
        default: break
        }
    }

    /// Whether a switch at `address` lies between the TV and us: where it points to is then still to be told.
    private func leadsToUs(_ address: CECPhysicalAddress) -> Bool {
        guard let physical, address != .television else { return false }
        let depth = (address.value.trailingZeroBitCount / 4) * 4
        return physical.value >> depth == address.value >> depth
    }

    private mutating func press(_ key: CECUserControl, by initiator: CECLogicalAddress, at now: MonotonicInstant) {
        let isRepeat = held.map {
            $0.initiator == initiator && $0.key == key && now - $0.at <= Self.heldKeyTimeout
        }
        held = (initiator, key, now)
        guard isRepeat != true || key.repeats, let button = key.button else { return }
        emit(.press(button: button))
    }
}
