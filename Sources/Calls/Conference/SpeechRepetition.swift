package import RTP

/// Whether speech is sent twice (`MediaSession.repeatsSpeech`): where packets get lost although the line has room.
///
/// While it is, the sound's own loss says little: only what gets lost twice is missing. The camera's tells, or the root.
package struct SpeechRepetition: Equatable, Sendable {
    /// From which loss on, and below which no longer.
    private static let first = 0.04
    private static let least = 0.02
    /// Bits per second that the line must carry: a second copy of speech is a tenth of that.
    private static let room = 400_000

    package private(set) var isOn = false
    private var loss = 0.0

    package init() {}

    /// A second has passed.
    ///
    /// - Parameter bandwidth: bits per second that the line carries; nil where nobody knows.
    /// - Returns: the share of packets that the line loses, 0…1; nil while nobody has told.
    package mutating func note(_ outbound: [RTPStatistics.Outbound], bandwidth: Int?) -> Double? {
        let sound = outbound.first { $0.kind == .audio }?.remoteFractionLost
        let picture = outbound.filter { $0.kind == .video }.compactMap(\.remoteFractionLost).max()
        let own = sound.map { isOn ? $0.squareRoot() : $0 }
        guard let lost = [own, isOn ? picture : nil].compactMap({ $0 }).max() else { return nil }
        loss += (lost - loss) * (lost > loss ? 0.5 : 0.1)
        isOn = (bandwidth ?? 0) >= Self.room && loss >= (isOn ? Self.least : Self.first)
        return lost
    }
}
