import Basis

/// The iqs that wait for an answer.
struct QueryTracker: Sendable {
    private struct Query: Sendable {
        let id: String
        /// Whom it was sent to; nil is our own account (RFC 6120 section 10.3.3).
        let to: String?
        let timeout: Duration
        /// Nil while the iq has not left, because the session is not bound yet.
        var deadline: MonotonicInstant?
    }

    static let capacity = 256
    /// In the order of asking, so that what expires together is told in that order.
    private var queries: [Query] = []

    var isFull: Bool { queries.count >= Self.capacity }

    func contains(_ id: String) -> Bool {
        queries.contains { $0.id == id }
    }

    mutating func add(_ id: String, to: String?, timeout: Duration, sentAt now: MonotonicInstant?) {
        queries.append(Query(id: id, to: to, timeout: timeout, deadline: now.map { $0 + timeout }))
    }

    /// The iqs that waited for the login leave now.
    mutating func startClocks(at now: MonotonicInstant) {
        for index in queries.indices where queries[index].deadline == nil {
            queries[index].deadline = now + queries[index].timeout
        }
    }

    /// For so long nothing could be answered.
    mutating func postpone(by duration: Duration) {
        for index in queries.indices { queries[index].deadline = queries[index].deadline.map { $0 + duration } }
    }

    /// Whether `answer` settles a query: the id is known and it comes from whom was asked, so that nobody else in a
    /// room can
    /// answer for the server.
    mutating func settle(_ answer: XMLElement, own: JID) -> Bool {
        guard let id = answer["id"], let index = queries.firstIndex(where: { $0.id == id }) else { return false }
        let asked = queries[index].to.map(JID.init)
        let account = own.bare
        let isGenuine: Bool
        if let from = answer["from"] {
            guard let from = JID(from) else { return false }
            switch asked {
            case .some(let asked): isGenuine = asked == from
            case nil: isGenuine = from == account || from == own || from.description == own.domain
            }
        } else {
            // Servers stamp whatever comes from elsewhere, so this comes from the server itself.
            switch asked {
            case .some(let asked): isGenuine = asked == account || asked?.description == own.domain
            case nil: isGenuine = true
            }
        }
        guard isGenuine else { return false }
        queries.remove(at: index)
        return true
    }

    /// Takes out what nobody answered in time.
    mutating func expire(at now: MonotonicInstant) -> [String] {
        var expired: [String] = []
        queries.removeAll { query in
            guard let deadline = query.deadline, deadline <= now else { return false }
            expired.append(query.id)
            return true
        }
        return expired
    }

    mutating func removeAll() {
        queries.removeAll()
    }

    var deadline: MonotonicInstant? {
        queries.lazy.compactMap(\.deadline).min()
    }
}
