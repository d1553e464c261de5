internal import Basis
internal import Jitsi

/// Where the bridge channel stands: which way is open, which is being tried, and what was last said on it.
struct BridgeChannel {
    enum State: Equatable {
        case closed
        /// Over SCTP on the media transport, until it opens or `until` comes.
        case openingSCTP(until: MonotonicInstant)
        case openingSocket(SocketToken, until: MonotonicInstant)
        case openSCTP
        case openSocket(SocketToken)
        /// The socket broke: tried again then.
        case waiting(until: MonotonicInstant)
    }

    /// A channel that is not open after this is tried the other way.
    static let openLimit = Duration.seconds(10)
    /// A channel that is open again so soon was never missed.
    private static let reconnection = Duration.seconds(3)
    private static let settled = Duration.seconds(8)
    /// EndpointStats, as often as browsers send them.
    static let statsPeriod = Duration.seconds(10)

    /// Fresh associations in a row that may fail before something else is tried.
    static let maximumAssociations = 3
    /// Sessions in a row that are renewed for want of a channel: where even that does not help, sound and picture had
    /// better stay undisturbed.
    static let maximumRenewals = 2

    var state = State.closed
    var socketURLs: [Redacted<String>] = []
    /// Whether the session's offer has an SCTP port.
    var hasSCTP = false
    /// In a row, of either way.
    var failures = 0
    var openedAt: MonotonicInstant?
    /// When the channel was lost, or first could not be opened; nil while nothing is wrong with it.
    var missingSince: MonotonicInstant?
    /// Sessions that were renewed since a channel was last open.
    var renewals = 0
    /// What is wanted of the others' pictures, and what the bridge was told of it; nil for nothing yet.
    var constraints = ReceiverVideoConstraints(lastN: -1, defaultMaximumHeight: 720)
    var toldConstraints: ReceiverVideoConstraints?
    var pace = MessagePace()
    var nextStats: MonotonicInstant?
    /// What the bridge says of itself.
    var bridgeVersion: String?
    /// How well the others say they are connected, 0…100, by endpoint.
    var qualities: [String: Double] = [:]

    /// What the others say that they lose of what the bridge sends them, 0…1, and when they said it.
    var losses: [String: (share: Double, at: MonotonicInstant)] = [:]

    /// An association that is lost soon after it opened counts with those that never did.
    mutating func settle(at now: MonotonicInstant) {
        guard let openedAt, now - openedAt >= Self.settled else { return }
        failures = 0
        self.openedAt = nil
    }

    mutating func note(quality: Double, of endpoint: String) {
        guard qualities.count < 500 || qualities[endpoint] != nil else { return }
        qualities[endpoint] = quality
    }

    mutating func note(loss: Double, of endpoint: String, at now: MonotonicInstant) {
        guard losses.count < 500 || losses[endpoint] != nil else { return }
        losses[endpoint] = (loss, now)
    }

    var isOpen: Bool {
        switch state {
        case .openSCTP, .openSocket: true
        case .closed, .openingSCTP, .openingSocket, .waiting: false
        }
    }

    /// Whether sound and picture have had to do without what the channel carries for long enough to be said.
    func isMissing(at now: MonotonicInstant) -> Bool {
        missingSince.map { now - $0 >= Self.reconnection } ?? false
    }

    /// What to try after `failures`: SCTP and the socket by turns where both are offered.
    var triesSCTPNext: Bool { hasSCTP && (socketURLs.isEmpty || failures.isMultiple(of: 2)) }

    /// The pause before the next try, doubled with each failure.
    var pause: Duration { .seconds(min(60, 1 << min(max(0, failures - 1), 6))) }

    var deadline: MonotonicInstant? {
        switch state {
        case .openingSCTP(let until), .openingSocket(_, let until), .waiting(let until): until
        case .openSCTP, .openSocket: constraintsDue.map { min($0, nextStats ?? $0) } ?? nextStats
        case .closed: nil
        }
    }

    /// When the bridge is to be told what is wanted now; nil where it knows.
    var constraintsDue: MonotonicInstant? {
        isOpen && toldConstraints != constraints ? pace.due ?? .zero : nil
    }

    func isSocket(_ token: SocketToken) -> Bool {
        switch state {
        case .openingSocket(let current, _), .openSocket(let current): current == token
        case .closed, .openingSCTP, .openSCTP, .waiting: false
        }
    }
}
