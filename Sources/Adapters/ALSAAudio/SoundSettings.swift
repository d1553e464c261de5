package import Devices

/// What the configuration says about microphone and speaker.
package struct SoundSettings: Equatable, Sendable {
    /// Cards in the order in which they are wanted; others are taken when none of these is there.
    package var microphones: [DeviceIdentity]
    package var speakers: [DeviceIdentity]
    /// Devices that cancel their own echo and are not in `SpeakerphoneTable`.
    package var cancelling: [DeviceIdentity]
    package var captureMix: CaptureMix

    package init(
        microphones: [DeviceIdentity] = [], speakers: [DeviceIdentity] = [], cancelling: [DeviceIdentity] = [],
        captureMix: CaptureMix = .first
    ) {
        self.microphones = microphones
        self.speakers = speakers
        self.cancelling = cancelling
        self.captureMix = captureMix
    }
}
