package import Devices

/// Who cancels the echo, as the configuration says.
package enum EchoSetting: String, CaseIterable, Sendable {
    /// The device where it is known to, else this program.
    case auto
    /// The device, whatever we know of it.
    case device
    /// This program, whatever we know of the device.
    case software
    /// Nobody: head sets, tests.
    case off
}

/// What the configuration says about the own voice.
package struct VoiceSettings: Equatable, Sendable {
    /// Who cancels the echo.
    package var echo: EchoSetting
    /// Whether steady noise (fans, projectors) is taken out.
    package var suppressesNoise: Bool
    /// Whether quiet and loud voices are brought to one level.
    package var controlsGain: Bool

    package init(echo: EchoSetting = .auto, suppressesNoise: Bool = true, controlsGain: Bool = true) {
        self.echo = echo
        self.suppressesNoise = suppressesNoise
        self.controlsGain = controlsGain
    }

    /// Samples pass as they are.
    package static let untouched = VoiceSettings(echo: .off, suppressesNoise: false, controlsGain: false)
}

/// What this program does to the microphone's samples.
package struct VoicePlan: Equatable, Sendable {
    /// Whether the echo of the speaker is taken out here.
    package var cancelsEcho: Bool
    /// Whether steady noise is taken out here.
    package var suppressesNoise: Bool
    /// Whether the level is controlled here.
    package var controlsGain: Bool

    package init(cancelsEcho: Bool, suppressesNoise: Bool, controlsGain: Bool) {
        self.cancelsEcho = cancelsEcho
        self.suppressesNoise = suppressesNoise
        self.controlsGain = controlsGain
    }

    /// Samples pass as they are.
    package static let nothing = VoicePlan(cancelsEcho: false, suppressesNoise: false, controlsGain: false)
}

/// One canceller, never two in series: the second would adapt to what the first leaves, which changes all the time.
package enum EchoPolicy {
    /// - Parameters:
    ///   - path: of the devices that are open.
    ///   - hasSpeaker: whether there is anything that could echo.
    package static func plan(_ settings: VoiceSettings, path: EchoPath, hasSpeaker: Bool) -> VoicePlan {
        let trustsDevice =
            switch settings.echo {
            case .auto: path.isCancelledByDevice
            case .device: true
            case .software, .off: false
            }
        // A device with a canceller shapes noise and gain too, and has heard the room before we do.
        if trustsDevice { return .nothing }
        return VoicePlan(
            cancelsEcho: settings.echo != .off && hasSpeaker, suppressesNoise: settings.suppressesNoise,
            controlsGain: settings.controlsGain)
    }
}
