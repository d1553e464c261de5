package import Basis

/// What Jicofo proposes for the media session with the bridge (session-initiate).
package struct MediaOffer: Equatable, Sendable {
    /// Names the session in everything that follows.
    package let sid: String
    /// The JID to name as initiator in every answer.
    package let initiator: String
    /// The bridge's ICE user name fragment.
    package let iceUfrag: String
    /// The bridge's ICE password.
    package let icePassword: Redacted<String>
    /// One of these must be the bridge's certificate.
    package let fingerprints: [DTLSFingerprint]
    /// Where the bridge is reached.
    package let candidates: [JingleCandidate]
    /// Addresses of the bridge channel, to try in turn; they hold a password.
    package let webSocketURLs: [Redacted<String>]
    /// The SCTP port where a bridge channel over SCTP is offered.
    package let sctpPort: UInt16?
    /// As the server's configuration numbers them.
    package let audioPayloadTypes: [PayloadType]
    /// As the server's configuration numbers them.
    package let videoPayloadTypes: [PayloadType]
    /// Header extensions of sound.
    package let audioExtensions: [HeaderExtension]
    /// Header extensions of pictures.
    package let videoExtensions: [HeaderExtension]
    /// The sources of the other participants.
    package let sources: [RemoteSource]
    /// The SSRCs of the bridge's own RTCP: never rendered.
    package let bridgeSSRCs: [UInt32]
    /// What Jicofo calls our place on the bridge; repeated where a restart is asked for.
    package let bridgeSessionID: String?
    /// The region of the bridge, where it has one.
    package let bridgeRegion: String?
    /// Whether we are to begin muted; the room has already published it.
    package let startAudioMuted: Bool
    /// The same for the camera.
    package let startVideoMuted: Bool

    /// What the server calls the bridge: the third part of the channel's address (jitsi-videobridge,
    /// `/colibri-ws/SERVER/CONFERENCE/ENDPOINT`). Nil where no such address is offered.
    package var bridgeID: String? {
        for url in webSocketURLs {
            let parts = url.revealed.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count >= 5, parts[3] == "colibri-ws" else { continue }
            return RemoteText.clean(String(parts[4].prefix(64)), limit: 40)
        }
        return nil
    }

    /// An offer, for tests as well.
    package init(
        sid: String, initiator: String, iceUfrag: String, icePassword: Redacted<String>,
        fingerprints: [DTLSFingerprint], candidates: [JingleCandidate], webSocketURLs: [Redacted<String>] = [],
        sctpPort: UInt16? = nil, audioPayloadTypes: [PayloadType], videoPayloadTypes: [PayloadType],
        audioExtensions: [HeaderExtension] = [], videoExtensions: [HeaderExtension] = [],
        sources: [RemoteSource] = [], bridgeSSRCs: [UInt32] = [], bridgeSessionID: String? = nil,
        bridgeRegion: String? = nil, startAudioMuted: Bool = false, startVideoMuted: Bool = false
    ) {
        self.sid = sid
        self.initiator = initiator
        self.iceUfrag = iceUfrag
        self.icePassword = icePassword
        self.fingerprints = fingerprints
        self.candidates = candidates
        self.webSocketURLs = webSocketURLs
        self.sctpPort = sctpPort
        self.audioPayloadTypes = audioPayloadTypes
        self.videoPayloadTypes = videoPayloadTypes
        self.audioExtensions = audioExtensions
        self.videoExtensions = videoExtensions
        self.sources = sources
        self.bridgeSSRCs = bridgeSSRCs
        self.bridgeSessionID = bridgeSessionID
        self.bridgeRegion = bridgeRegion
        self.startAudioMuted = startAudioMuted
        self.startVideoMuted = startVideoMuted
    }
}
