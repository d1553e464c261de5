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
    /// EndpointStats, as often as browsers send them.
    static let statsPeriod = Duration.seconds(10)

    var state = State.closed
    var socketURLs: [Redacted<String>] = []
    var hasSCTP = false
    var failures = 0
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
