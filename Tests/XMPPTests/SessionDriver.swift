import Basis
import Testing

@testable import XMPP

/// Plays the caller and the server around one session, in virtual time.
struct SessionDriver {
    var session: XMPPSession
    var now = MonotonicInstant.zero
    var frames: [String] = []
    var posts: [(id: UInt64, body: String)] = []
    var events: [XMPPEvent] = []
    var isTransportClosed = false

    init(
        _ credentials: XMPPCredentials = .anonymous, transport: XMPPTransportKind = .webSocket,
        isDurable: Bool = false, seed: UInt64 = 1
    ) {
        session = XMPPSession(
            configuration: XMPPSessionConfiguration(
                domain: "visio.example.org", credentials: credentials, transport: transport, isDurable: isDurable),
            random: RandomSource(seed: seed))
    }

    mutating func drain() {
        while let output = session.poll() {
            switch output {
            case .sendFrame(let text): frames.append(text)
            case .post(let id, let body): posts.append((id, body))
            case .closeTransport: isTransportClosed = true
            case .event(let event): events.append(event)
            }
        }
    }

    mutating func perform(_ input: (inout XMPPSession, MonotonicInstant) -> Void) {
        input(&session, now)
        drain()
    }

    mutating func start() {
        perform { $0.start(at: $1) }
    }

    mutating func receive(_ frame: String) {
        perform { $0.receiveFrame(frame, at: $1) }
    }

    mutating func respond(_ body: String, to id: UInt64, status: Int = 200) {
        perform { $0.receiveResponse(status: status, body: Array(body.utf8), to: id, at: $1) }
    }

    /// Lets time pass, waking the session whenever it asks for that.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let next = session.soonest.instant, next <= end {
            now = max(now, next)
            perform { $0.advance(to: $1) }
        }
        now = end
    }

    mutating func takeFrames() -> [String] {
        defer { frames = [] }
        return frames
    }

    mutating func takeEvents() -> [XMPPEvent] {
        defer { events = [] }
        return events
    }

    /// The only frame since the last look, parsed.
    mutating func takeFrame() throws -> XMLElement {
        let frames = takeFrames()
        try #require(frames.count == 1)
        return try XMLReader.parse(frames[0])
    }

    /// The only post since the last look, parsed.
    mutating func takePost() throws -> (id: UInt64, body: XMLElement) {
        try #require(posts.count == 1)
        let post = posts.removeFirst()
        return (post.id, try XMLReader.parse(post.body))
    }

    var end: XMPPEnd? {
        if case .ended(let end) = events.last { end } else { nil }
    }

    /// A session that is bound over WebSocket, with what led there taken away.
    static func bound() throws -> SessionDriver {
        var driver = SessionDriver()
        driver.start()
        driver.receive(Server.open)
        driver.receive(Server.features("ANONYMOUS"))
        driver.receive(Server.success())
        driver.receive(Server.open)
        _ = driver.takeFrames()
        driver.receive(Server.bindFeatures())
        let id = try #require(try driver.takeFrame()["id"])
        driver.receive(Server.bindResult(id))
        try #require(driver.session.isBound)
        driver.events = []
        return driver
    }
}

/// What a server says.
enum Server {
    static let jid = "a1b2c3d4@visio.example.org/Kq7ZtP0x"
    static let open =
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='visio.example.org' id='f3' version='1.0' xml:lang='en'/>"

    static func features(_ mechanisms: String..., prefixed: Bool = true) -> String {
        let list = mechanisms.map { "<mechanism>\($0)</mechanism>" }.joined()
        return wrap("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\(list)</mechanisms>", prefixed)
    }

    static func bindFeatures(session: String = "<optional/>", prefixed: Bool = true) -> String {
        wrap(
            """
            <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
            <session xmlns='urn:ietf:params:xml:ns:xmpp-session'>\(session)</session>\
            <sm xmlns='urn:xmpp:sm:3'><optional/></sm>
            """, prefixed)
    }

    static func success(_ text: String = "") -> String {
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\(text)</success>"
    }

    static func challenge(_ text: String) -> String {
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\(Base64.encode(Array(text.utf8)))</challenge>"
    }

    static func bindResult(_ id: String) -> String {
        """
        <iq xmlns='jabber:client' type='result' id='\(id)'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
        <jid>\(jid)</jid></bind></iq>
        """
    }

    static func streamError(_ condition: String) -> String {
        """
        <stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
        <\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
        <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>why</text></stream:error>
        """
    }

    /// A BOSH answer around `content`.
    static func body(_ content: String = "", _ attributes: String = "") -> String {
        "<body xmlns='http://jabber.org/protocol/httpbind' \(attributes)>\(content)</body>"
    }

    private static func wrap(_ content: String, _ prefixed: Bool) -> String {
        prefixed
            ? "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\(content)</stream:features>"
            : "<features xmlns='http://etherx.jabber.org/streams'>\(content)</features>"
    }
}
