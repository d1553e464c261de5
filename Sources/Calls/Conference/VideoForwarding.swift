internal import Basis
internal import Jitsi

/// Which of the others' video sources the bridge forwards to us.
///
/// The frames that arrive decide. The bridge's messages come from several of its threads and may overtake each other, so
/// that the last one heard can be one of before; they only tell why no frames come, and that some may be awaited.
struct VideoForwarding: Equatable, Sendable {
    /// A source whose last complete frame is not older than this is forwarded. A shared screen on which nothing moves
    /// still gives about one frame a second.
    static let arrivalWindow = Duration.seconds(2)

    private enum Announcement: Equatable {
        /// Nothing was said: the source may come at any time.
        case none
        /// The names of sources (ForwardedSources).
        case sources(Set<String>)
        /// Endpoint ids (LastNEndpointsChangeEvent, of bridges before source names).
        case endpoints(Set<String>)
    }

    private var announcement = Announcement.none
    /// When the last complete frame of each source came, by SSRC.
    private var arrivals: [UInt32: MonotonicInstant] = [:]
    /// When to look again whether the frames of a source have ceased; nil where none has frames.
    private(set) var deadline: MonotonicInstant?

    /// The bridge says that it forwards these sources, and no others.
    mutating func announce(sources names: [String]) {
        announcement = .sources(Set(names))
    }

    /// The bridge says that it forwards the video of these endpoints, and of no others. A bridge that names sources is
    /// heard on those alone.
    mutating func announce(endpoints: [String]) {
        if case .sources = announcement { return }
        announcement = .endpoints(Set(endpoints))
    }

    /// A complete frame of `source` came, in decoding order.
    /// - Returns: whether the source was held for withheld until now.
    mutating func frameArrived(of source: RemoteSource, at now: MonotonicInstant) -> Bool {
        let wasForwarded = isForwarded(source)
        arrivals[source.ssrc] = now
        if deadline == nil { deadline = now + Self.arrivalWindow }
        return !wasForwarded
    }

    mutating func remove(ssrc: UInt32) {
        arrivals[ssrc] = nil
        if arrivals.isEmpty { deadline = nil }
    }

    /// Nothing came from the bridge for a while, of no source; from now on it does again.
    mutating func resume(at now: MonotonicInstant) {
        for ssrc in arrivals.keys { arrivals[ssrc] = now }
        if deadline != nil { deadline = now + Self.arrivalWindow }
    }

    /// Whether frames of `source` come, or may come as far as the bridge has said.
    func isForwarded(_ source: RemoteSource) -> Bool {
        if arrivals[source.ssrc] != nil { return true }
        return switch announcement {
        case .none: true
        case .sources(let names): names.contains(source.name)
        case .endpoints(let endpoints): endpoints.contains(source.owner)
        }
    }

    /// Forgets frames that came too long ago.
    /// - Returns: whether any source was forgotten.
    mutating func advance(to now: MonotonicInstant) -> Bool {
        guard let deadline, deadline <= now else { return false }
        let count = arrivals.count
        for (ssrc, arrival) in arrivals where now - arrival >= Self.arrivalWindow { arrivals[ssrc] = nil }
        self.deadline = arrivals.values.min().map { $0 + Self.arrivalWindow }
        return arrivals.count < count
    }
}
