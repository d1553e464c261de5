import Basis
import XMPP

/// What a server says in a session, one frame or BOSH answer a line.
///
/// The first byte chooses the session: `w` a guest over WebSocket, `p` an account over WebSocket, `b` a guest over BOSH.
/// In a line `$` stands for the id of the last iq that was sent. `#` lets time pass until the next deadline, `!` fails a
/// request, `%` answers it with status 503, `~` says good-bye, and `+` is a SCRAM challenge that begins with our own
/// nonce.
func fuzzXMPP(_ bytes: [UInt8]) throws(BrokenProperty) {
    var bench = SessionBench(bytes.first)
    try bench.start()
    for line in lines(Array(bytes.dropFirst())) {
        try bench.take(line)
        if bench.hasEnded { return }
    }
}

private struct SessionBench {
    private var session: XMPPSession
    private let isBOSH: Bool
    private var now = MonotonicInstant.zero
    private var requests: [UInt64] = []
    private var lastID = "0"
    private var nonce = ""
    private var hasAsked = false

    init(_ choice: UInt8?) {
        isBOSH = choice == UInt8(ascii: "b")
        let account = XMPPCredentials.password(user: "salle", password: Redacted("secret"))
        session = XMPPSession(
            configuration: XMPPSessionConfiguration(
                domain: "visio.example.org", credentials: choice == UInt8(ascii: "p") ? account : .anonymous,
                transport: isBOSH ? .bosh : .webSocket), random: RandomSource(seed: 1))
    }

    var hasEnded: Bool { session.hasEnded }

    mutating func start() throws(BrokenProperty) {
        session.start(at: now)
        try drain()
    }

    mutating func take(_ line: ArraySlice<UInt8>) throws(BrokenProperty) {
        switch line.first {
        case UInt8(ascii: "#"):
            if let next = session.soonest.instant {
                now = max(now, next)
                session.advance(to: now)
            }
        case UInt8(ascii: "!"): if let request = takeRequest() { session.requestFailed(request, at: now) }
        case UInt8(ascii: "%"):
            if let request = takeRequest() { session.receiveResponse(status: 503, body: [], to: request, at: now) }
        case UInt8(ascii: "~"):
            session.close(
                final: XMLElement("presence", namespace: "jabber:client", [("type", "unavailable")]), at: now)
        case UInt8(ascii: "+"):
            // Deriving a key is slow on purpose: few iterations, and too many to be accepted, show all of it.
            let iterations = line.split(separator: UInt8(ascii: "=")).last.flatMap {
                Int(String(decoding: $0, as: UTF8.self))
            }
            guard !(65...1_000_000).contains(iterations ?? 0) else { return }
            let challenge = Base64.encode(Array("r=\(nonce)".utf8) + line.dropFirst())
            deliver(Array("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\(challenge)</challenge>".utf8))
        default: deliver(line.flatMap { $0 == UInt8(ascii: "$") ? Array(lastID.utf8) : [$0] })
        }
        try drain()
        if session.isBound, !hasAsked {
            hasAsked = true
            _ = session.query(
                XMLElement(
                    "iq", namespace: "jabber:client", [("type", "get"), ("to", "visio.example.org")],
                    children: [XMLElement("query", namespace: "http://jabber.org/protocol/disco#info")]), at: now)
            try drain()
        }
    }

    private mutating func takeRequest() -> UInt64? {
        requests.isEmpty ? nil : requests.removeFirst()
    }

    private mutating func deliver(_ bytes: [UInt8]) {
        if !isBOSH {
            session.receiveFrame(bytes, at: now)
        } else if let request = takeRequest() {
            session.receiveResponse(status: 200, body: bytes, to: request, at: now)
        }
    }

    private mutating func drain() throws(BrokenProperty) {
        while let output = session.poll() {
            switch output {
            case .sendFrame(let text): try note(text)
            case .post(let request, let body):
                requests.append(request)
                try note(body)
            case .closeTransport: requests = []
            case .event(.stanza(let stanza)): session.reject(stanza, at: now)
            case .event: break
            }
        }
    }

    /// Looks at what the session sends, for the ids and the nonce that a server repeats.
    private mutating func note(_ text: String) throws(BrokenProperty) {
        guard let sent = try? XMLReader.parse(text, limits: .init(size: 1 << 24, depth: 128, attributes: 256)) else {
            throw BrokenProperty(description: "XMPP: sends XML: \(text)")
        }
        for element in [sent] + sent.elements {
            if element.name == "iq", let id = element["id"] { lastID = id }
            guard element.name == "auth", let first = Base64.decode(element.text) else { continue }
            let fields = String(decoding: first, as: UTF8.self).split(separator: ",")
            if let field = fields.first(where: { $0.hasPrefix("r=") }) { nonce = String(field.dropFirst(2)) }
        }
    }
}
