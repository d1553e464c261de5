package import Basis

/// Why an answer of ours would be refused by Jicofo or by the bridge.
package enum MediaAnswerFault: Error, Equatable, Sendable {
    case ssrcZero
    case ssrcRepeated(UInt32)
    /// The SSRC is in use in the conference.
    case ssrcTaken(UInt32)
    /// Retransmissions without a video source.
    case rtxWithoutVideo
    /// Neither `active` nor `passive`.
    case setup(String)
    case fingerprint
    case iceCredentials
}

/// Our side of the media session.
package struct MediaAnswer: Equatable, Sendable {
    package var iceUfrag: String
    package var icePassword: Redacted<String>
    /// `setup` is `active` when we are the DTLS client.
    package var fingerprint: DTLSFingerprint
    package var candidates: [JingleCandidate]
    package var audioSSRC: UInt32?
    package var videoSSRC: UInt32?
    package var videoRTXSSRC: UInt32?
    package var audioPayloadTypes: [PayloadType]
    package var videoPayloadTypes: [PayloadType]
    package var audioExtensions: [HeaderExtension]
    package var videoExtensions: [HeaderExtension]
    package var sctpPort: UInt16?

    package init(
        iceUfrag: String, icePassword: Redacted<String>, fingerprint: DTLSFingerprint, candidates: [JingleCandidate],
        audioSSRC: UInt32? = nil, videoSSRC: UInt32? = nil, videoRTXSSRC: UInt32? = nil,
        audioPayloadTypes: [PayloadType] = [], videoPayloadTypes: [PayloadType] = [],
        audioExtensions: [HeaderExtension] = [], videoExtensions: [HeaderExtension] = [], sctpPort: UInt16? = nil
    ) {
        self.iceUfrag = iceUfrag
        self.icePassword = icePassword
        self.fingerprint = fingerprint
        self.candidates = candidates
        self.audioSSRC = audioSSRC
        self.videoSSRC = videoSSRC
        self.videoRTXSSRC = videoRTXSSRC
        self.audioPayloadTypes = audioPayloadTypes
        self.videoPayloadTypes = videoPayloadTypes
        self.audioExtensions = audioExtensions
        self.videoExtensions = videoExtensions
        self.sctpPort = sctpPort
    }

    /// The first rule of jicofo's `ValidatingConferenceSourceMap`, or of the bridge, that this answer breaks.
    package func fault(taken: Set<UInt32>) -> MediaAnswerFault? {
        var seen: Set<UInt32> = []
        for ssrc in [audioSSRC, videoSSRC, videoRTXSSRC].compactMap({ $0 }) {
            if ssrc == 0 { return .ssrcZero }
            if !seen.insert(ssrc).inserted { return .ssrcRepeated(ssrc) }
            if taken.contains(ssrc) { return .ssrcTaken(ssrc) }
        }
        if videoRTXSSRC != nil, videoSSRC == nil { return .rtxWithoutVideo }
        if fingerprint.setup != "active", fingerprint.setup != "passive" { return .setup(fingerprint.setup) }
        if fingerprint.bytes == nil { return .fingerprint }
        // RFC 8445 section 5.3: at least 4 and 22 characters.
        if iceUfrag.utf8.count < 4 || icePassword.revealed.utf8.count < 22 { return .iceCredentials }
        return nil
    }
}
