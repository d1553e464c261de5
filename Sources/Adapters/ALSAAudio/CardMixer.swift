internal import Devices

/// The volumes of a card, brought to where a meeting needs them.
enum CardMixer {
    /// Names that drivers give to what turns a loudspeaker up, the most specific first.
    private static let playback = ["PCM", "Speaker", "Headset", "Headphone", "Front", "Digital", "Master"]
    private static let capture = ["Mic", "Headset", "Capture", "Digital"]

    /// Sets the loudspeaker to `percent`; false when the card has nothing to turn, and samples are to be scaled instead.
    static func setSpeaker<Calls: SoundCalls>(card: Int, percent: Int, _ calls: Calls) -> Bool {
        let elements = calls.mixerElements(card: card, .playback)
        let known = playback.compactMap { name in elements.first { $0.name == name && hasVolume($0) } }
        for element in elements where element.name.hasPrefix("IEC958") && !hasVolume(element) {
            // HDMI is silent while its digital output is switched off.
            _ = calls.setMixer(card: card, element, .playback, .raw(0), isOn: true)
        }
        guard let main = known.first else { return false }
        for element in known.dropFirst() {
            _ = calls.setMixer(card: card, element, .playback, value(of: 100, element), isOn: true)
        }
        return calls.setMixer(card: card, main, .playback, value(of: percent, main), isOn: percent > 0) >= 0
    }

    /// Opens the microphone's switch and puts its gain where it neither hisses nor clips: 0 dB, else four fifths.
    static func prepareMicrophone<Calls: SoundCalls>(card: Int, _ calls: Calls) {
        let elements = calls.mixerElements(card: card, .capture)
        for name in capture {
            for element in elements where element.name == name && element.index == 0 {
                let value: MixerValue =
                    if let decibels = element.decibels {
                        .decibels(min(max(0, decibels.lowerBound), decibels.upperBound))
                    } else {
                        .raw(share(80, of: element.raw))
                    }
                _ = calls.setMixer(card: card, element, .capture, value, isOn: true)
            }
        }
    }

    /// What `percent` is on the element's own scale; above 0 dB only distortion waits.
    static func value(of percent: Int, _ element: MixerElement) -> MixerValue {
        guard let decibels = element.decibels, decibels.lowerBound < decibels.upperBound else {
            return .raw(share(percent, of: element.raw))
        }
        let top = decibels.contains(0) && decibels.lowerBound < 0 ? 0 : decibels.upperBound
        guard percent > 0 else { return .decibels(decibels.lowerBound) }
        return .decibels(max(decibels.lowerBound, top - SpeakerVolume.attenuation(of: percent)))
    }

    private static func share(_ percent: Int, of range: ClosedRange<Int>) -> Int {
        let width = Double(range.upperBound) - Double(range.lowerBound)
        return range.lowerBound &+ Int(width * Double(min(max(0, percent), 100)) / 100)
    }

    private static func hasVolume(_ element: MixerElement) -> Bool {
        element.raw.lowerBound < element.raw.upperBound
    }
}
