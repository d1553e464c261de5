/// What of us the others see; one value makes one complete presence.
package struct LocalMedia: Equatable, Sendable {
    /// Nobody hears us.
    package var audioMuted: Bool
    /// Nobody sees us.
    package var videoMuted: Bool
    /// When the hand went up, in milliseconds since the epoch; nil when it is down.
    package var raisedHand: Int64?

    /// Media with or without a raised hand.
    package init(audioMuted: Bool, videoMuted: Bool, raisedHand: Int64? = nil) {
        self.audioMuted = audioMuted
        self.videoMuted = videoMuted
        self.raisedHand = raisedHand
    }

    /// Whether that medium is muted.
    package func isMuted(_ kind: MediaKind) -> Bool {
        kind == .audio ? audioMuted : videoMuted
    }

    mutating func mute(_ kind: MediaKind) {
        switch kind {
        case .audio: audioMuted = true
        case .video: videoMuted = true
        }
    }

    mutating func unmute(_ kind: MediaKind) {
        switch kind {
        case .audio: audioMuted = false
        case .video: videoMuted = false
        }
    }
}
