/// What of us the others see; one value makes one complete presence.
package struct LocalMedia: Equatable, Sendable {
    package var audioMuted: Bool
    package var videoMuted: Bool
    /// When the hand went up, in milliseconds since the epoch; nil when it is down.
    package var raisedHand: Int64?

    package init(audioMuted: Bool, videoMuted: Bool, raisedHand: Int64? = nil) {
        self.audioMuted = audioMuted
        self.videoMuted = videoMuted
        self.raisedHand = raisedHand
    }

    package func isMuted(_ kind: MediaKind) -> Bool {
        kind == .audio ? audioMuted : videoMuted
    }

    mutating func mute(_ kind: MediaKind) {
        switch kind {
        case .audio: audioMuted = true
        case .video: videoMuted = true
        }
    }
}
