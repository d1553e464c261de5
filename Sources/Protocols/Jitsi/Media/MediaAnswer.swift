package import Basis

/// Why an answer of ours would be refused by Jicofo or by the bridge.
package enum MediaAnswerFault: Error, Equatable, Sendable {
    case ssrcZero
    case ssrcRepeated(UInt32)
    /// The SSRC is in use in the conference.
    case ssrcTaken(UInt32)
    /// Retransmissions without a video source.
    case rtxWithoutVideo
    /// Simulcast layers of which some have retransmissions and some have not, or above no first one.
    case unevenLayers
    /// Neither `active` nor `passive`.
    case setup(String)
    case fingerprint
    case iceCredentials
}

/// Our side of the media session.
package struct MediaAnswer: Equatable, Sendable {
    /// One encoding of our camera and its retransmissions.
    package struct VideoLayer: Equatable, Sendable {
        /// Of its pictures.
        package var ssrc: UInt32
        /// Of their retransmissions (RFC 4588).
        package var rtxSSRC: UInt32?

        /// A layer, with or without retransmissions.
        package init(ssrc: UInt32, rtxSSRC: UInt32?) {
            self.ssrc = ssrc
            self.rtxSSRC = rtxSSRC
        }
    }

    /// Our ICE user name fragment.
    package var iceUfrag: String
    /// Our ICE password.
    package var icePassword: Redacted<String>
    /// `setup` is `active` when we are the DTLS client.
    package var fingerprint: DTLSFingerprint
    /// Where the bridge may reach us; link-local ones are not written.
    package var candidates: [JingleCandidate]
    /// Of the microphone.
    package var audioSSRC: UInt32?
    /// Of the only encoding of the camera, or of the smallest.
    package var videoSSRC: UInt32?
    /// Of that encoding's retransmissions (RFC 4588).
    package var videoRTXSSRC: UInt32?
    /// The larger simulcast layers, low to high.
    package var higherVideoLayers: [VideoLayer]
    /// The payload types of sound that we take, from the offer.
    package var audioPayloadTypes: [PayloadType]
    /// The payload types of pictures that we take, best first.
    package var videoPayloadTypes: [PayloadType]
    /// The header extensions that we understand on sound.
    package var audioExtensions: [HeaderExtension]
    /// The header extensions that we understand on pictures.
    package var videoExtensions: [HeaderExtension]
    /// Our SCTP port where the offer has a data channel.
    package var sctpPort: UInt16?

    /// An answer; what is left out is not sent.
    package init(
        iceUfrag: String, icePassword: Redacted<String>, fingerprint: DTLSFingerprint, candidates: [JingleCandidate],
        audioSSRC: UInt32? = nil, videoSSRC: UInt32? = nil, videoRTXSSRC: UInt32? = nil,
        higherVideoLayers: [VideoLayer] = [], audioPayloadTypes: [PayloadType] = [],
        videoPayloadTypes: [PayloadType] = [],
        audioExtensions: [HeaderExtension] = [], videoExtensions: [HeaderExtension] = [], sctpPort: UInt16? = nil
    ) {
        self.iceUfrag = iceUfrag
        self.icePassword = icePassword
        self.fingerprint = fingerprint
        self.candidates = candidates
        self.audioSSRC = audioSSRC
        self.videoSSRC = videoSSRC
        self.videoRTXSSRC = videoRTXSSRC
        self.higherVideoLayers = higherVideoLayers
        self.audioPayloadTypes = audioPayloadTypes
        self.videoPayloadTypes = videoPayloadTypes
        self.audioExtensions = audioExtensions
        self.videoExtensions = videoExtensions
        self.sctpPort = sctpPort
    }

    /// All encodings of the camera, low to high.
    var videoLayers: [VideoLayer] {
        guard let videoSSRC else { return [] }
        return [VideoLayer(ssrc: videoSSRC, rtxSSRC: videoRTXSSRC)] + higherVideoLayers
    }

    /// The first rule of jicofo's `ValidatingConferenceSourceMap`, or of the bridge, that this answer breaks.
    package func fault(taken: Set<UInt32>) -> MediaAnswerFault? {
        var seen: Set<UInt32> = []
        for ssrc in ([audioSSRC] + videoLayers.flatMap { [$0.ssrc, $0.rtxSSRC] }).compactMap({ $0 }) {
            if ssrc == 0 { return .ssrcZero }
            if !seen.insert(ssrc).inserted { return .ssrcRepeated(ssrc) }
            if taken.contains(ssrc) { return .ssrcTaken(ssrc) }
        }
        if videoRTXSSRC != nil, videoSSRC == nil { return .rtxWithoutVideo }
        if !higherVideoLayers.isEmpty, videoSSRC == nil { return .unevenLayers }
        if higherVideoLayers.contains(where: { ($0.rtxSSRC == nil) != (videoRTXSSRC == nil) }) { return .unevenLayers }
        if fingerprint.setup != "active", fingerprint.setup != "passive" { return .setup(fingerprint.setup) }
        if fingerprint.bytes == nil { return .fingerprint }
        // RFC 8445 section 5.3: at least 4 and 22 characters.
        if iceUfrag.utf8.count < 4 || icePassword.revealed.utf8.count < 22 { return .iceCredentials }
        return nil
    }
}
