import Basis
import CEC
import Testing

@Suite struct CECFrameTests {
    private static let messages: [CECMessage] =
        [
            .poll, .abort, .imageViewOn, .textViewOn, .requestActiveSource, .standby, .getCECVersion,
            .givePhysicalAddress, .giveOSDName, .giveDeviceVendorID, .giveDevicePowerStatus, .userControlReleased,
            .giveAudioStatus, .giveSystemAudioModeStatus, .systemAudioModeRequest(nil),
            .activeSource(CECPhysicalAddress(0x1234)), .inactiveSource(CECPhysicalAddress(0x1000)),
            .routingChange(from: .television, to: CECPhysicalAddress(0x2100)),
            .routingInformation(CECPhysicalAddress(0x2100)), .setStreamPath(CECPhysicalAddress(0x3000)),
            .cecVersion(5), .reportPhysicalAddress(CECPhysicalAddress(0x1000), deviceType: 4),
            .setOSDName("Visiosalle"), .deviceVendorID(0xABCDEF), .menuStatus(isActivated: true),
            .menuStatus(isActivated: false), .userControlPressed(.select),
            .reportAudioStatus(isMuted: true, volume: 40), .reportAudioStatus(isMuted: false, volume: nil),
            .systemAudioModeStatus(isOn: true), .setSystemAudioMode(isOn: false),
            .systemAudioModeRequest(CECPhysicalAddress(0x1000)), .other(opcode: 0xA0, operands: [1, 2, 3]),
        ] + CECPowerStatus.allCases.map(CECMessage.reportPowerStatus)
        + CECMenuRequest.allCases.map(CECMessage.menuRequest)
        + CECAbortReason.allCases.map { .featureAbort(opcode: 0x9F, $0) }

    @Test(arguments: messages) func everyMessageIsReadAsWritten(_ message: CECMessage) {
        let frame = CECFrame(from: CECLogicalAddress(4), to: .television, message)
        #expect(CECFrame(frame.bytes.span) == frame)
    }

    /// Bytes as cec-ctl shows them on the wire.
    @Test func theBytesAreThoseOfTheWire() {
        let player = CECLogicalAddress(4)
        let address = CECPhysicalAddress(0x1000)
        #expect(CECFrame(from: player, to: .television, .imageViewOn).bytes == [0x40, 0x04])
        #expect(CECFrame(from: player, to: .broadcast, .activeSource(address)).bytes == [0x4F, 0x82, 0x10, 0x00])
        #expect(CECFrame(from: player, to: .television, .standby).bytes == [0x40, 0x36])
        #expect(CECFrame(from: player, to: .television, .reportPowerStatus(.on)).bytes == [0x40, 0x90, 0x00])
        #expect(
            CECFrame(from: player, to: .television, .setOSDName("Visiosalle")).bytes
                == [0x40, 0x47] + Array("Visiosalle".utf8))
        #expect(CECFrame(from: player, to: .broadcast, .deviceVendorID(0xC03)).bytes == [0x4F, 0x87, 0, 0x0C, 3])
        #expect(CECFrame([0x04, 0x44, 0x00].span)?.message == .userControlPressed(.select))
        #expect(CECFrame([0x04].span)?.message == .poll)
    }

    @Test func aNameIsCutToWhatFits() {
        let frame = CECFrame(from: CECLogicalAddress(4), to: .television, .setOSDName("Salle du conseil été"))
        #expect(frame.bytes.count == CECFrame.maximumSize)
        #expect(CECFrame(frame.bytes.span)?.message == .setOSDName("Salle du conse"))
        let long = CECFrame(
            from: CECLogicalAddress(4), to: .television, .other(opcode: 1, operands: [UInt8](repeating: 7, count: 99)))
        #expect(long.bytes.count == CECFrame.maximumSize)
    }

    /// HDMI 1.4 CEC section 7.3: too few operands make a message be ignored, too many do not.
    @Test func shortMessagesAreNoneAndLongOnesAreRead() {
        for bytes: [UInt8] in [
            [], [0x04, 0x82, 0x10], [0x04, 0x80, 0, 0, 1], [0x04, 0x84, 1, 0], [0x04, 0x00, 1], [0x04, 0x90],
            [0x04, 0x90, 9], [0x04, 0x8D, 3], [0x04, 0x44], [0x04, 0x87, 1, 2], [0x04, 0x47], [0x04, 0x72, 2],
            [0x04, 0x70, 1], [UInt8](repeating: 0, count: 17),
        ] {
            #expect(CECFrame(bytes.span) == nil, "\(bytes)")
        }
        #expect(
            CECFrame([0x0F, 0x82, 0x20, 0, 1, 2].span)?.message == .activeSource(CECPhysicalAddress(0x2000)))
    }

    @Test func anyBytesAreReadOrRefused() {
        var random = RandomSource(seed: 7)
        var read = 0
        for _ in 0..<20_000 {
            let bytes = random.bytes(Int.random(in: 0...20, using: &random))
            guard let frame = CECFrame(bytes.span) else { continue }
            read += 1
            #expect(frame.bytes.count <= CECFrame.maximumSize)
            #expect(CECFrame(frame.bytes.span) == frame)
        }
        #expect(read > 10_000)
    }

    @Test func addressesForPlayersComeFirst() {
        #expect(CECLogicalAddress.preferred(ofMask: 1 << 8 | 1 << 1) == CECLogicalAddress(8))
        #expect(CECLogicalAddress.preferred(ofMask: 1 << 4 | 1 << 11) == CECLogicalAddress(4))
        #expect(CECLogicalAddress.preferred(ofMask: 1 << 1) == CECLogicalAddress(1))
        // Nobody can answer to the unregistered address.
        #expect(CECLogicalAddress.preferred(ofMask: 1 << 15) == nil)
        #expect(CECLogicalAddress.preferred(ofMask: 0) == nil)
        #expect(CECPhysicalAddress(0x1A00).description == "1.a.0.0")
    }
}
