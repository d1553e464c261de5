internal import Basis
internal import Codecs
internal import Conference
internal import MediaEngine
internal import RTP
internal import Scene

/// What the interface and the screen say of the sound of a call.
extension CallActor {
    /// What became of the sound of one source, for the interface; counts are samples at 48 kHz and packets.
    func soundMembers(_ ssrc: UInt32) -> [JSONMember] {
        guard let sound = media.audio.remoteStatistics.first(where: { $0.ssrc == ssrc }) else { return [] }
        return [
            JSONMember("target_ms", JSONValue(sound.targetMilliseconds)),
            JSONMember("delay_ms", JSONValue(sound.delayMilliseconds)),
            JSONMember("decoded_samples", JSONValue(sound.counters.decodedSamples)),
            JSONMember("concealed_samples", JSONValue(sound.counters.concealedSamples)),
            JSONMember("accelerated_samples", JSONValue(sound.counters.acceleratedSamples)),
            JSONMember("expanded_samples", JSONValue(sound.counters.expandedSamples)),
            JSONMember("packets_late", JSONValue(sound.packets.late)),
            JSONMember("packets_restored", JSONValue(sound.packets.restored)),
            JSONMember("packets_copied", JSONValue(sound.packets.copied)),
        ]
    }

    /// How the own voice is encoded, for the interface.
    var speechMembers: [JSONMember] {
        let encoding = media.audio.statistics.encoding
        return [
            JSONMember("target_bitrate", JSONValue(encoding.bitrate)),
            JSONMember("repeated", .bool(speechRepetition.isOn)),
            JSONMember("fec", .bool(encoding.expectedLoss > 0)), JSONMember("dtx", .bool(encoding.isDiscontinuous)),
        ]
    }

    /// For the page of session information: the codec, and the longest delay of a buffer.
    var soundInformation: String {
        guard let delay = media.audio.remoteStatistics.map(\.delayMilliseconds).max() else { return "Opus 48 kHz" }
        let text = Strings.quantity(Strings.integer(delay, settings.language), "ms", settings.language)
        return "Opus 48 kHz, \(text)"
    }

    /// For the same page: the worst share of sound that had to be made up, in thousandths.
    var concealedThousandths: Int? { media.audio.remoteStatistics.map(\.concealedThousandths).max() }
}
