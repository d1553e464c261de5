internal import Basis
internal import DTLSSRTP
internal import ICE
internal import Jitsi
internal import RTP

/// Opus, VP8 and VP9 as an offer numbers them, and the answer that takes them.
struct NegotiatedCodecs {
    let opus: PayloadType
    /// Copies of earlier packets in later ones (RFC 2198); nil where it is not offered.
    let red: PayloadType?
    let vp8: PayloadType
    let rtx: PayloadType?
    /// Received in any case where it is offered: the bridge forwards what a sender sends, whatever we answered.
    let vp9: PayloadType?
    let vp9RTX: PayloadType?
    private let answersVP9: Bool

    /// Nil when Opus or VP8 is missing from the offer.
    /// - Parameter answersVP9: whether the answer takes VP9, too.
    init?(_ offer: MediaOffer, answersVP9: Bool) {
        guard let opus = offer.audioPayloadTypes.first(where: { $0.name.lowercased() == "opus" }),
            let vp8 = offer.videoPayloadTypes.first(where: { $0.name.lowercased() == "vp8" })
        else { return nil }
        self.opus = opus
        red = offer.audioPayloadTypes.first { type in
            type.name.lowercased() == "red" && type.clockRate == opus.clockRate && type.channels == opus.channels
                && type.parameters.contains { $0.value.split(separator: "/").allSatisfy { $0 == "\(opus.id)" } }
        }
        self.vp8 = vp8
        func repairing(_ type: PayloadType) -> PayloadType? {
            offer.videoPayloadTypes.first { $0.name.lowercased() == "rtx" && $0.associatedPayloadType == type.id }
        }
        rtx = repairing(vp8)
        vp9 = offer.videoPayloadTypes.first {
            $0.name.lowercased() == "vp9" && $0.parameters.allSatisfy { $0.name != "profile-id" || $0.value == "0" }
        }
        vp9RTX = vp9.flatMap(repairing)
        self.answersVP9 = answersVP9
    }

    func answer(
        to offer: MediaOffer, credentials: ICECredentials, fingerprint: DTLSSRTP.DTLSFingerprint, role: DTLSRole,
        candidates: [ICECandidate], ssrcs: OwnSSRCs
    ) -> MediaAnswer {
        MediaAnswer(
            iceUfrag: credentials.ufrag, icePassword: credentials.password,
            fingerprint: Jitsi.DTLSFingerprint(
                hash: fingerprint.hash, value: fingerprint.value, setup: role == .client ? "active" : "passive"),
            candidates: candidates.map { JingleCandidate($0) }, audioSSRC: ssrcs.audio,
            videoSSRC: ssrcs.video.first?.ssrc, videoRTXSSRC: ssrcs.video.first?.rtxSSRC,
            higherVideoLayers: ssrcs.video.dropFirst().map { .init(ssrc: $0.ssrc, rtxSSRC: $0.rtxSSRC) },
            audioPayloadTypes: [opus, red].compactMap { $0 },
            videoPayloadTypes: (answersVP9 ? [vp9, vp9RTX, vp8, rtx] : [vp8, rtx]).compactMap { $0 },
            audioExtensions: offer.audioExtensions.filter { RTPExtensionMap.understood.contains($0.uri) },
            videoExtensions: offer.videoExtensions.filter { RTPExtensionMap.understood.contains($0.uri) },
            sctpPort: offer.sctpPort)
    }
}

extension RTPExtensionMap {
    private static let audioLevelURI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    private static let transportWideCCURI =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    private static let absSendTimeURI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

    /// The header extensions that we send.
    static let understood = [audioLevelURI, transportWideCCURI, absSendTimeURI]

    init(_ extensions: [HeaderExtension]) {
        func id(_ uri: String) -> UInt8? { extensions.first { $0.uri == uri }?.id }
        self.init(
            audioLevel: id(Self.audioLevelURI), transportWideCC: id(Self.transportWideCCURI),
            absSendTime: id(Self.absSendTimeURI))
    }
}

extension ICECandidate {
    init(_ candidate: JingleCandidate) {
        let kind: Kind =
            switch candidate.kind {
            case .host: .host
            case .srflx: .srflx
            case .prflx: .prflx
            case .relay: .relay
            }
        self.init(
            foundation: candidate.foundation, component: candidate.component, priority: candidate.priority,
            address: candidate.address, kind: kind, related: candidate.relatedAddress)
    }
}

extension JingleCandidate {
    init(_ candidate: ICECandidate) {
        let kind: Kind =
            switch candidate.kind {
            case .host: .host
            case .srflx: .srflx
            case .prflx: .prflx
            case .relay: .relay
            }
        self.init(
            foundation: candidate.foundation, component: candidate.component, priority: candidate.priority,
            address: candidate.address, kind: kind, relatedAddress: candidate.related)
    }
}
