/// Notices that somebody speaks to a muted microphone.
package struct MutedTalkDetector: Equatable, Sendable {
    /// −dBov: louder is a voice nearby, not a chair.
    private static let threshold: UInt8 = 45
    /// Loud blocks, less the quiet ones between: 300 ms of voice, which has gaps.
    private static let needed = 30
    /// Blocks for which it stays said after the last loud one: 2 s.
    private static let hangover = 200

    private var loudness = 0
    private var left = 0

    package init() {}

    /// Whether somebody talks at present, or did a moment ago.
    package var isTalking: Bool { left > 0 }

    /// One block of 10 ms.
    /// - Parameter level: its level, −dBov.
    package mutating func note(level: UInt8, isMuted: Bool) {
        guard isMuted else {
            self = MutedTalkDetector()
            return
        }
        let isLoud = level <= Self.threshold
        loudness = isLoud ? min(loudness + 1, Self.needed) : max(0, loudness - 1)
        if loudness >= Self.needed || isTalking && isLoud { left = Self.hangover } else if left > 0 { left -= 1 }
    }
}
