internal import Basis
internal import Conference

/// A connection manager (XEP-0124) before the practice server: each of its sessions is a WebSocket of that server. Answers are
/// held until there is something to say, the next request comes, or a minute is over.
struct WorldBOSH {
    static let hold = Duration.seconds(60)
    private static let namespace = "http://jabber.org/protocol/httpbind"
    private static let framing = "urn:ietf:params:xml:ns:xmpp-framing"

    /// A request that waits for its answer.
    struct Held: Equatable {
        let token: RequestToken
        /// The conference that asks.
        let number: Int
    }

    /// What is to be done for a request.
    struct Turn {
        /// The WebSocket at the practice server, and whether it is a new one.
        var socket: Int
        var isNew = false
        /// Texts for it.
        var texts: [String] = []
        /// Answers that are due at once.
        var answers: [(Held, String)] = []
    }

    private struct Session {
        let socket: Int
        var waiting: [String] = []
        var held: Held?
        var isOver = false
    }

    private let domain: String
    private var sessions: [String: Session] = [:]

    init(domain: String) { self.domain = domain }

    private var openFrame: String { "<open xmlns='\(Self.framing)' to='\(domain)' version='1.0'/>" }

    /// A request has arrived; nil for one that is none.
    /// - Parameter socket: a number for the WebSocket of a new session.
    mutating func receive(_ body: String, _ request: Held, newSocket socket: Int) -> Turn? {
        guard let element = try? XMLReader.parse(Array(body.utf8)), element.name == "body" else { return nil }
        guard let sid = element["sid"] else {
            sessions["s\(socket)"] = Session(socket: socket, held: request)
            return Turn(socket: socket, isNew: true, texts: [openFrame])
        }
        guard var session = sessions[sid] else { return nil }
        var turn = Turn(socket: session.socket)
        if element["xmpp:restart"] == "true" || body.contains("xmpp:restart") { turn.texts.append(openFrame) }
        turn.texts += element.elements.map { $0.serialized() }
        if let held = session.held { turn.answers.append((held, answer(sid, []))) }
        session.held = request
        if element["type"] == "terminate" {
            turn.texts.append("<close xmlns='\(Self.framing)'/>")
            turn.answers.append((request, "<body xmlns='\(Self.namespace)' type='terminate'/>"))
            session.held = nil
            session.isOver = true
        }
        sessions[sid] = session
        if session.isOver { sessions[sid] = nil }
        return turn
    }

    /// Something that the practice server says; false where no session has that WebSocket.
    mutating func said(_ text: String, on socket: Int) -> Bool {
        let sid = "s\(socket)"
        guard sessions[sid] != nil else { return false }
        if !text.hasPrefix("<open"), !text.hasPrefix("<close") { sessions[sid]?.waiting.append(text) }
        return true
    }

    /// The answer that carries what was said, where a request waits for it.
    mutating func takeAnswer(on socket: Int) -> (Held, String)? {
        let sid = "s\(socket)"
        guard let session = sessions[sid], let held = session.held, !session.waiting.isEmpty else { return nil }
        sessions[sid]?.held = nil
        sessions[sid]?.waiting = []
        return (held, answer(sid, session.waiting))
    }

    /// A request has waited for long enough.
    mutating func expire(_ request: Held) -> (Held, String)? {
        guard let (sid, session) = sessions.first(where: { $0.value.held == request }) else { return nil }
        sessions[sid]?.held = nil
        return (request, answer(sid, session.waiting))
    }

    /// Whether that request still waits.
    func isHeld(_ request: Held) -> Bool { sessions.values.contains { $0.held == request } }

    private func answer(_ sid: String, _ texts: [String]) -> String {
        "<body xmlns='\(Self.namespace)' sid='\(sid)' wait='60' requests='2' hold='1' inactivity='60'>"
            + texts.joined() + "</body>"
    }
}
