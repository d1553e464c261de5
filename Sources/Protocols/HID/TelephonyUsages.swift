/// The usages of the USB HID Usage Tables that a speakerphone's keys and lamps have.
extension HIDUsage {
    // Telephony, page 0x0B (section 14).
    package static let hookSwitch = HIDUsage(page: 0x0B, id: 0x20)
    package static let flash = HIDUsage(page: 0x0B, id: 0x21)
    package static let redial = HIDUsage(page: 0x0B, id: 0x24)
    package static let drop = HIDUsage(page: 0x0B, id: 0x26)
    package static let phoneMute = HIDUsage(page: 0x0B, id: 0x2F)
    package static let lineBusy = HIDUsage(page: 0x0B, id: 0x97)

    // LED, page 0x08 (section 11).
    package static let muteLamp = HIDUsage(page: 0x08, id: 0x09)
    package static let offHookLamp = HIDUsage(page: 0x08, id: 0x17)
    package static let ringLamp = HIDUsage(page: 0x08, id: 0x18)

    // Consumer, page 0x0C (section 15).
    package static let consumerMute = HIDUsage(page: 0x0C, id: 0xE2)
    package static let volumeUp = HIDUsage(page: 0x0C, id: 0xE9)
    package static let volumeDown = HIDUsage(page: 0x0C, id: 0xEA)
}

extension ReportDescriptor {
    /// Whether the device has a telephone's keys: then its mute key is asked for here and nowhere else.
    package var isTelephony: Bool {
        fields.contains { field in
            field.direction == .input && (field.declares(.hookSwitch) || field.declares(.phoneMute))
        }
    }

    /// Whether it has keys for the loudness or the microphone at all.
    package var hasConsumerKeys: Bool {
        fields.contains { field in
            field.direction == .input
                && (field.declares(.volumeUp) || field.declares(.volumeDown) || field.declares(.consumerMute))
        }
    }
}
