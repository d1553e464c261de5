package import Devices

/// Devices that cancel the echo of their own speaker in their own microphone.
///
/// By vendor alone are only makers whose USB devices with microphone *and* speaker are speakerphones, video bars and head
/// sets; of makers of webcams and loudspeakers the single models are here. Numbers and names are those of `usb.ids`
/// (2025-07-26). A device that is missing is added by the configuration, as an identity such as `usb:1234:abcd`, or by
/// `echo = "device"`; one that is here wrongly is overruled by `echo = "software"`.
package enum SpeakerphoneTable {
    private static let makers: Set<UInt16> = [
        0x0B0E,  // GN Netcom: Jabra Speak, PanaCast
        0x047F,  // Plantronics: Calisto, Sync
        0x095D,  // Polycom: Studio
        0x6993,  // Yealink: CP, UVC
    ]

    private static let models: [(vendor: UInt16, product: UInt16)] = [
        (0x046D, 0x0838),  // Logitech BCC950 ConferenceCam audio
        (0x046D, 0x0846),  // Logitech ConferenceCam CC3000e Speakerphone
        (0x046D, 0x084C),  // Logitech ConferenceCam Connect Audio
        (0x046D, 0x084E),  // Logitech ConferenceCam Connect
        (0x046D, 0x0857),  // Logi Group Speakerphone
        (0x046D, 0x0882),  // Logi Group Speakerphone
    ]

    /// - Parameter others: identities that the configuration adds.
    package static func cancelsEcho(_ facts: DeviceFacts, others: [DeviceIdentity] = []) -> Bool {
        if others.contains(where: { $0.matches(facts) }) { return true }
        guard let vendor = facts.vendor, let product = facts.product else { return false }
        return makers.contains(vendor) || models.contains { $0.vendor == vendor && $0.product == product }
    }
}
