import Basis

/// The client's side of XEP-0124: requests in strict order, one of them held by the server, each repeated until
/// answered.
///
/// The caller gives an attempt's outcome under the attempt's own number; several attempts can stand for one `rid`.
struct BOSHConnection: Sendable {
    /// What the server said, in the order of its saying.
    enum Delivery {
        /// An answer arrived in its turn, possibly empty.
        case heard
        case element(XMLElement)
        case ended(XMPPEnd)
    }

    private struct Request: Sendable {
        let rid: UInt64
        let body: Redacted<String>
        let issued: MonotonicInstant
        var attempts: [UInt64] = []
        /// When to send it again: after a failure, or after an unreasonably long silence.
        var deadline: MonotonicInstant
        var answer: XMLElement?
        /// Whether the last attempt failed, so that `deadline` is a moment of sending.
        var isWaitingToRepeat = false
        let isTerminal: Bool
    }

    private enum Item: Sendable {
        case stanza(XMLElement)
        case restart
    }

    /// What the server may hold a request for, and what we ask for (seconds).
    private static let wait = 60
    /// Longer than the server may hold a request.
    private static let patience: Duration = .seconds(70)
    /// How long an answer may be overtaken by the next one's.
    private static let overtaking: Duration = .seconds(5)
    /// How long the server keeps a session that it does not hear, unless it says otherwise (XEP-0124 section 7.2).
    private static let usualInactivity = Duration.seconds(60)
    private static let maximumAttempts = 6
    /// XEP-0124 section 14.1: 2^53 - 1, which every number type can hold.
    private static let largestRID: UInt64 = 1 << 53 - 1
    private static let maximumQueued = 512
    private static let maximumStanzasInBody = 64
    private static let maximumElementsInAnswer = 4096
    /// A body can carry everything that a room of 200 sends at once.
    private static let limits = XMLReader.Limits(size: 4 << 20, depth: 65, attributes: 64)

    private let domain: String
    private let language: String
    private let isDurable: Bool
    private var nextRID: UInt64
    private var nextAttempt: UInt64 = 1
    private var sid: String?
    /// `requests` of the server: how many requests may be open.
    private var window = 1
    private var requests: [Request] = []
    private var queue: [Item] = []
    private var isTerminating = false
    private var inactivity = BOSHConnection.usualInactivity
    /// When the server last answered.
    private var heardAt: MonotonicInstant?
    /// Empty answers without any holding in a row, after which polling slows down: a server that never holds must not
    /// be hammered.
    private var emptyAnswers = 0
    private var pollFrom: MonotonicInstant?
    private var posts: [(attempt: UInt64, body: String)] = []
    private var nextPostIndex = 0

    /// - Parameter isDurable: repeats requests as long as the server keeps the session, not a few times only.
    init(domain: String, language: String, isDurable: Bool = false, random: inout RandomSource) {
        self.domain = domain
        self.language = language
        self.isDurable = isDurable
        nextRID = UInt64.random(in: 1...(1 << 50), using: &random)
    }

    /// How many elements wait for a request to carry them.
    var queued: Int { queue.count }
    var isFull: Bool { queue.count >= Self.maximumQueued }
    var hasSession: Bool { sid != nil }
    /// Whether the server answered the last request there is.
    var isDrained: Bool { isTerminating && requests.isEmpty }

    mutating func nextPost() -> (attempt: UInt64, body: String)? {
        guard nextPostIndex < posts.count else {
            posts.removeAll(keepingCapacity: posts.count < 64)
            nextPostIndex = 0
            return nil
        }
        defer { nextPostIndex += 1 }
        return posts[nextPostIndex]
    }

    mutating func start(at now: MonotonicInstant) {
        let body = XMLElement(
            "body", namespace: XMPPNamespace.httpBind,
            [
                ("xmlns:xmpp", XMPPNamespace.xbosh), ("rid", String(nextRID)), ("to", domain),
                ("xml:lang", language), ("wait", String(Self.wait)), ("hold", "1"),
                ("content", "text/xml; charset=utf-8"), ("ver", "1.6"), ("xmpp:version", "1.0"),
            ])
        issue(body, at: now)
    }

    mutating func enqueue(_ stanza: XMLElement) {
        queue.append(.stanza(stanza))
    }

    mutating func restart() {
        queue.append(.restart)
    }

    /// Ends the session with everything that still waits and `final`; allowed beyond the window (XEP-0124 section 11).
    mutating func terminate(final: XMLElement?, at now: MonotonicInstant) {
        guard let sid, !isTerminating else { return }
        var body = XMLElement(
            "body", namespace: XMPPNamespace.httpBind,
            [("rid", String(nextRID)), ("sid", sid), ("type", "terminate")])
        for case .stanza(let stanza) in queue { body.append(stanza) }
        if let final { body.append(final) }
        queue = []
        isTerminating = true
        issue(body, at: now, isTerminal: true)
    }

    /// Sends what the window allows; keeps one request open at the server.
    mutating func flush(at now: MonotonicInstant) {
        guard let sid, !isTerminating else { return }
        while !queue.isEmpty, requests.count < window {
            var attributes = [("rid", String(nextRID)), ("sid", sid)]
            var stanzas: [XMLElement] = []
            if case .restart = queue[0] {
                queue.removeFirst()
                attributes += [
                    ("to", domain), ("xml:lang", language), ("xmpp:restart", "true"),
                    ("xmlns:xmpp", XMPPNamespace.xbosh),
                ]
            } else {
                let run = queue.prefix(Self.maximumStanzasInBody).prefix {
                    if case .stanza = $0 { true } else { false }
                }
                for case .stanza(let stanza) in run { stanzas.append(stanza) }
                queue.removeFirst(run.count)
            }
            issue(XMLElement("body", namespace: XMPPNamespace.httpBind, attributes, children: stanzas), at: now)
        }
        if requests.isEmpty, pollFrom.map({ $0 <= now }) ?? true {
            issue(
                XMLElement(
                    "body", namespace: XMPPNamespace.httpBind, [("rid", String(nextRID)), ("sid", sid)]), at: now)
        }
    }

    mutating func receive(
        status: Int, body: [UInt8], attempt: UInt64, at now: MonotonicInstant
    ) -> [Delivery] {
        guard let index = requests.firstIndex(where: { $0.attempts.contains(attempt) && $0.answer == nil }) else {
            return []
        }
        switch status {
        case 200: break
        case 408, 429, 500...599: return repeatLater(index, at: now)
        default: return [.ended(.httpStatus(status))]
        }
        let answer: XMLElement
        do throws(XMLError) {
            answer = try XMLReader.parse(body, limits: Self.limits)
        } catch {
            return [.ended(.malformed("BOSH answer: \(error)"))]
        }
        guard answer.name == "body", answer.namespace == XMPPNamespace.httpBind,
            answer.children.count <= Self.maximumElementsInAnswer
        else { return [.ended(.malformed("not a BOSH body"))] }
        // A recoverable binding condition (XEP-0124 section 17.3).
        if answer["type"] == "error" { return repeatLater(index, at: now) }
        requests[index].answer = answer
        for earlier in requests.indices where earlier < index && requests[earlier].answer == nil {
            requests[earlier].deadline = min(requests[earlier].deadline, now + Self.overtaking)
        }
        return deliver(at: now)
    }

    mutating func fail(attempt: UInt64, at now: MonotonicInstant) -> [Delivery] {
        // Only the youngest attempt counts: an older one was given up already.
        guard
            let index = requests.firstIndex(where: {
                $0.attempts.last == attempt && $0.answer == nil && !$0.isWaitingToRepeat
            })
        else { return [] }
        return repeatLater(index, at: now)
    }

    mutating func advance(to now: MonotonicInstant) -> [Delivery] {
        for index in requests.indices where requests[index].answer == nil && requests[index].deadline <= now {
            if requests[index].isWaitingToRepeat {
                attempt(index, at: now)
            } else {
                let failed = repeatLater(index, at: now)
                if !failed.isEmpty { return failed }
            }
        }
        return []
    }

    var deadline: MonotonicInstant? {
        var soonest = requests.lazy.filter { $0.answer == nil }.map(\.deadline).min()
        if requests.isEmpty, sid != nil, !isTerminating, let pollFrom {
            soonest = min(soonest ?? pollFrom, pollFrom)
        }
        return soonest
    }

    private mutating func issue(_ body: XMLElement, at now: MonotonicInstant, isTerminal: Bool = false) {
        // Starting below 2^50 this takes longer than any appliance lives; the server would refuse larger ones.
        guard nextRID <= Self.largestRID else { return }
        requests.append(
            Request(
                rid: nextRID, body: Redacted(body.serialized()), issued: now, deadline: now + Self.patience,
                isTerminal: isTerminal))
        nextRID += 1
        pollFrom = nil
        attempt(requests.count - 1, at: now)
    }

    private mutating func attempt(_ index: Int, at now: MonotonicInstant) {
        requests[index].attempts.append(nextAttempt)
        requests[index].deadline = now + Self.patience
        requests[index].isWaitingToRepeat = false
        posts.append((nextAttempt, requests[index].body.revealed))
        nextAttempt += 1
    }

    /// The same `rid` with the same body, later and later, as long as the server keeps the session.
    private mutating func repeatLater(_ index: Int, at now: MonotonicInstant) -> [Delivery] {
        let made = requests[index].attempts.count
        let isOver: Bool
        if isDurable, let heardAt {
            isOver = heardAt + inactivity <= now
        } else {
            isOver = made >= Self.maximumAttempts
        }
        guard !isOver else { return [.ended(.connectionLost)] }
        requests[index].isWaitingToRepeat = true
        requests[index].deadline = now + .milliseconds(125 << min(made, 5))
        return []
    }

    /// The connections may be dead: every request that waits goes out again on another (XEP-0124 section 14). False when
    /// the server has forgotten the session by now.
    mutating func repeatAll(at now: MonotonicInstant) -> Bool {
        guard let heardAt, now < heardAt + inactivity else { return false }
        for index in requests.indices where requests[index].answer == nil && !requests[index].isWaitingToRepeat {
            attempt(index, at: now)
        }
        return true
    }

    /// Takes the answers whose turn it is.
    private mutating func deliver(at now: MonotonicInstant) -> [Delivery] {
        var deliveries: [Delivery] = []
        while let answer = requests.first?.answer {
            let request = requests.removeFirst()
            deliveries.append(.heard)
            heardAt = now
            let isFirst = sid == nil
            if isFirst, answer["type"] != "terminate" {
                guard let offered = answer["sid"], (1...256).contains(offered.utf8.count) else {
                    deliveries.append(.ended(.malformed("no BOSH session id")))
                    return deliveries
                }
                sid = offered
                if let seconds = answer["inactivity"].flatMap({ Int($0) }) {
                    inactivity = .seconds(min(max(seconds, 10), 300))
                }
                window = min(2, max(1, answer["requests"].flatMap { Int($0) } ?? 2))
            }
            for element in answer.elements { deliveries.append(.element(element)) }
            if answer["type"] == "terminate" {
                deliveries.append(.ended(request.isTerminal ? .closed : Self.end(answer)))
                return deliveries
            }
            let isImmediate = !isFirst && answer.elements.isEmpty && now - request.issued < .seconds(1)
            emptyAnswers = isImmediate ? min(emptyAnswers + 1, 2) : 0
            pollFrom = emptyAnswers > 1 ? now + .seconds(1) : nil
        }
        return deliveries
    }

    /// Why the server terminated (XEP-0124 section 17.2).
    private static func end(_ body: XMLElement) -> XMPPEnd {
        switch body["condition"] {
        case nil: .closed
        // Prosody's mod_bosh says improper-addressing of every `to` that it does not serve (XEP-0124 section 17.2).
        case "host-unknown", "improper-addressing": .hostUnknown
        case "see-other-uri":
            XMPPEnd(seeOther: body.child("uri")?.text) ?? .streamError(condition: "see-other-uri", text: nil)
        case .some(let condition): .streamError(condition: condition.bounded(to: 64), text: nil)
        }
    }
}
