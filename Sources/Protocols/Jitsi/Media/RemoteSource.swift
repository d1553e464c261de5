/// What a source, or a mute, is about.
package enum MediaKind: String, Hashable, Sendable {
    case audio, video
}

/// What pictures show.
package enum VideoType: String, Hashable, Sendable {
    case camera, desktop
}

/// One audio or video track of another participant, as Jicofo announces it.
package struct RemoteSource: Equatable, Sendable {
    /// The source name, `5e6f7a8b-v0`: the key of constraints and of the bridge's lists.
    package let name: String
    /// The endpoint id of its participant.
    package let owner: String
    /// Sound or pictures.
    package let kind: MediaKind
    /// The SSRC that media arrives with; of a simulcast set the first, onto which the bridge rewrites all layers.
    package let ssrc: UInt32
    /// The SSRC of retransmissions (RFC 4588).
    package let rtxSSRC: UInt32?
    /// Whether the source is a translation of somebody's speech, which servers announce as `5e6f7a8b-a0.fr` beside the speech
    /// itself.
    package var isTranslation: Bool {
        guard kind == .audio, let media = name.split(separator: "-").last else { return false }
        return media.first == "a" && media.contains(".")
    }
    /// Of video only.
    package let videoType: VideoType?

    /// A source, for tests as well.
    package init(
        name: String, owner: String, kind: MediaKind, ssrc: UInt32, rtxSSRC: UInt32? = nil, videoType: VideoType? = nil
    ) {
        self.name = name
        self.owner = owner
        self.kind = kind
        self.ssrc = ssrc
        self.rtxSSRC = rtxSSRC
        self.videoType = videoType
    }
}
