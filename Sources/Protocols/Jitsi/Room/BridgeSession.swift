import Basis

/// The Jingle session with the focus, by which sound and picture run over a bridge.
struct BridgeSession: Sendable {
    struct Current: Equatable, Sendable {
        let offer: MediaOffer
        var sources: [RemoteSource]
        var isAccepted = false
    }

    /// What to do about a session that broke.
    enum Restart: Equatable {
        case immediately
        case delayed
        case rejoin
    }

    /// Jicofo allows a request every 5 s (jicofo, `Participant`).
    private static let restartPace = Duration.seconds(5)
    private static let restartPeriod = Duration.seconds(300)
    private static let maximumRestarts = 3
    private static let maximumRefusedAccepts = 3

    /// Whether the server is this machine, so that nothing need be encrypted on the way to it.
    var allowsInsecureChannel = false
    private(set) var current: Current?
    /// Whether an offer came since the room was entered.
    private var hasHadOffer = false
    private var restarts: [MonotonicInstant] = []
    private(set) var restartDue: MonotonicInstant?
    /// By then an offer must have come.
    var reinviteDeadline: MonotonicInstant?
    private var refusedAccepts = 0
    /// Without a bridge at hand the room is entered anew now and then, later each time.
    private(set) var retryDue: MonotonicInstant?
    private var retries = 0

    /// Takes an offer in place of the session that was; whether it is the first since the room was entered, which alone
    /// says how to begin: Jicofo repeats `startmuted` with every invitation of a large meeting.
    mutating func begin(_ offer: MediaOffer) -> Bool {
        defer { hasHadOffer = true }
        restartDue = nil
        reinviteDeadline = nil
        retryDue = nil
        current = Current(offer: offer, sources: offer.sources)
        return !hasHadOffer
    }

    /// The session is over; false when there was none.
    mutating func end() -> Bool {
        restartDue = nil
        defer { current = nil }
        return current != nil
    }

    /// We are outside: the next offer is the first again.
    mutating func leaveRoom() {
        hasHadOffer = false
        clearDeadlines()
    }

    mutating func clearDeadlines() {
        restartDue = nil
        reinviteDeadline = nil
        retryDue = nil
    }

    mutating func forgetRestarts() {
        restarts = []
    }

    // MARK: Sources

    /// Every SSRC that others use.
    var takenSSRCs: Set<UInt32> {
        guard let current else { return [] }
        return Set(current.sources.flatMap { [$0.ssrc, $0.rtxSSRC].compactMap { $0 } } + current.offer.bridgeSSRCs)
    }

    /// Adds what is new of `announced`, and gives that.
    mutating func add(_ announced: [RemoteSource], besides own: String) -> [RemoteSource] {
        guard let current else { return [] }
        var known = Set(current.sources.flatMap { [$0.ssrc, $0.rtxSSRC].compactMap { $0 } })
        let added = announced.filter { $0.owner != own && known.insert($0.ssrc).inserted }
            .prefix(max(0, SourceReader.maximumSources - current.sources.count))
        self.current?.sources += added
        return Array(added)
    }

    /// Drops sources, and gives those.
    mutating func drop(where isDropped: (RemoteSource) -> Bool) -> [RemoteSource] {
        let dropped = current?.sources.filter(isDropped) ?? []
        if !dropped.isEmpty { current?.sources.removeAll(where: isDropped) }
        return dropped
    }

    // MARK: Our answer

    mutating func accepted() {
        current?.isAccepted = true
    }

    mutating func acceptConfirmed() {
        refusedAccepts = 0
    }

    /// Jicofo refused our answer; true when that happened too often.
    mutating func acceptRefused() -> Bool {
        refusedAccepts += 1
        return refusedAccepts > Self.maximumRefusedAccepts
    }

    // MARK: Failure

    /// The session broke: at least 5 s after the former request a new one is asked for; after three in five minutes the
    /// room is left and joined again.
    mutating func planRestart(at now: MonotonicInstant) -> Restart {
        restarts.removeAll { now - $0 > Self.restartPeriod }
        if restarts.count >= Self.maximumRestarts { return .rejoin }
        guard let last = restarts.last, now < last + Self.restartPace else { return .immediately }
        restartDue = last + Self.restartPace
        return .delayed
    }

    mutating func restarted(at now: MonotonicInstant) {
        restartDue = nil
        restarts.append(now)
    }

    // MARK: No bridge

    /// There is no bridge at hand: when the room is entered anew to ask for one, after 1, 2, 4 minutes. Jicofo invites
    /// by itself as soon as a bridge reports to it; this is for when that does not happen.
    mutating func planRetry(at now: MonotonicInstant) {
        reinviteDeadline = nil
        guard retryDue == nil else { return }
        retryDue = now + .seconds(60 << min(retries, 2))
        retries += 1
    }

    mutating func forgetRetries() {
        retryDue = nil
        retries = 0
    }
}
