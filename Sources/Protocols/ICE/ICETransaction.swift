import Basis

/// A request that waits for its answer (RFC 8489 section 6.2.1).
struct ICETransaction: Sendable {
    enum Purpose: Sendable {
        /// To a STUN server, for a server-reflexive candidate.
        case gathering
        case check
        /// A check with USE-CANDIDATE.
        case nomination
        /// RFC 7675; never repeated, the next one comes soon enough.
        case consent
    }

    let id: STUNMessage.TransactionID
    let path: DatagramPath
    let purpose: Purpose
    /// Our role when the request was made.
    let role: ICEAgent.Role
    let request: [UInt8]
    let startedAt: MonotonicInstant
    /// When the answer is no longer waited for.
    let expiry: MonotonicInstant
    private(set) var transmissions = 1
    private(set) var retransmission: MonotonicInstant?
    /// A cancelled request has been replaced: that it expires says nothing.
    private(set) var isCancelled = false

    init(
        id: STUNMessage.TransactionID, path: DatagramPath, purpose: Purpose, role: ICEAgent.Role, request: [UInt8],
        at now: MonotonicInstant
    ) {
        self.id = id
        self.path = path
        self.purpose = purpose
        self.role = role
        self.request = request
        startedAt = now
        expiry = now + (purpose == .consent ? ICETiming.consentExpiry : ICETiming.transactionExpiry)
        retransmission = purpose == .consent ? nil : now + ICETiming.retransmission
    }

    var deadline: MonotonicInstant {
        retransmission.map { min($0, expiry) } ?? expiry
    }

    /// Stops the repetitions; an answer to what was already sent still counts (RFC 8445 section 7.3.1.4).
    mutating func cancel() {
        isCancelled = true
        retransmission = nil
    }

    /// Whether the request is to be sent again now; the next time is then set.
    mutating func takeRetransmission(at now: MonotonicInstant) -> Bool {
        guard let due = retransmission, due <= now else { return false }
        let interval = ICETiming.retransmission * (1 << transmissions)
        transmissions += 1
        retransmission = transmissions < ICETiming.transmissions ? now + interval : nil
        return true
    }
}
