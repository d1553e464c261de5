internal import Jitsi
internal import RTP

/// Which of a conference's sources have a place in the RTP session, whose number is bounded: sound before pictures, each in
/// the order of arrival. A source without a place gets one when another leaves.
struct SourceAdmission: Equatable, Sendable {
    enum Change: Equatable, Sendable {
        case remove(ssrc: UInt32)
        case add(RemoteSource)
    }

    private let limit: Int
    /// The sources with a place.
    private(set) var admitted: [RemoteSource] = []

    init(limit: Int = RTPSession.maximumInboundSources) {
        self.limit = limit
    }

    /// - Parameter sources: all of the conference, in the order of their arrival.
    /// - Returns: what changes for the session, removals first.
    mutating func update(_ sources: [RemoteSource]) -> [Change] {
        let wanted = Array(
            (sources.filter { $0.kind == .audio } + sources.filter { $0.kind == .video }).prefix(limit))
        let changes =
            admitted.filter { !wanted.contains($0) }.map { Change.remove(ssrc: $0.ssrc) }
            + wanted.filter { !admitted.contains($0) }.map { Change.add($0) }
        admitted = wanted
        return changes
    }
}
