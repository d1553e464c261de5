/// The usages of the USB HID Usage Tables that a speakerphone's keys and lamps have.
extension HIDUsage {
    // Telephony, page 0x0B (section 14).
    /// Off hook while on (HID Usage Tables section 14, telephony page).
    package static let hookSwitch = HIDUsage(page: 0x0B, id: 0x20)
    /// A short on-hook pulse: hold or swap.
    package static let flash = HIDUsage(page: 0x0B, id: 0x21)
    /// Calls the last number again.
    package static let redial = HIDUsage(page: 0x0B, id: 0x24)
    /// Ends the call.
    package static let drop = HIDUsage(page: 0x0B, id: 0x26)
    /// The device's mute key.
    package static let phoneMute = HIDUsage(page: 0x0B, id: 0x2F)
    /// The line's busy state.
    package static let lineBusy = HIDUsage(page: 0x0B, id: 0x97)

    // LED, page 0x08 (section 11).
    /// Lit while muted (LED page).
    package static let muteLamp = HIDUsage(page: 0x08, id: 0x09)
    /// Lit during a call (LED page).
    package static let offHookLamp = HIDUsage(page: 0x08, id: 0x17)
    /// Lit while it rings (LED page).
    package static let ringLamp = HIDUsage(page: 0x08, id: 0x18)

    // Consumer, page 0x0C (section 15).
    /// The mute key of headsets and keyboards (consumer page).
    package static let consumerMute = HIDUsage(page: 0x0C, id: 0xE2)
    /// Louder (consumer page).
    package static let volumeUp = HIDUsage(page: 0x0C, id: 0xE9)
    /// Softer (consumer page).
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
