import Basis

/// The request to the focus for a conference in a room (jicofo, `ConferenceIq` and `/conference-request/v1`), and how its
/// answers are read.
struct ConferenceRequest: Sendable {
    /// What an answer means.
    enum Outcome: Equatable {
        /// The focus is in the room, or about to be; its bare JID where it is told.
        case ready(focus: String?)
        /// To be asked again, later each time (`backOff`).
        case backOff(JitsiFailure)
        /// To be asked again after a time within that many seconds.
        case retry(JitsiFailure, seconds: ClosedRange<Int>)
        case failed(JitsiFailure)
    }

    private static let maximumStaleSessions = 3

    private let machineUID: String
    private let jwt: Redacted<String>?
    private let properties: [(name: String, value: String)]
    private let url: String?
    private let address: String
    /// What the focus calls the login that it has seen of us.
    private var sessionID: String?
    private var failures = 0
    private var staleSessions = 0

    init(configuration: ServerConfiguration, jwt: Redacted<String>?, machineUID: String) {
        self.machineUID = machineUID
        self.jwt = jwt
        var properties = [(name: "rtcstatsEnabled", value: "false")]
        if let count = configuration.startAudioMuted { properties.append(("startAudioMuted", String(count))) }
        if let count = configuration.startVideoMuted { properties.append(("startVideoMuted", String(count))) }
        self.properties = properties
        url = configuration.conferenceRequestURL
        address = configuration.focus
    }

    // MARK: Asking

    /// Asks for a conference in `room`, over HTTP where the server is configured so.
    func ask(room: String, _ purpose: JitsiQuery, timeout: Duration = .seconds(10), _ outbox: inout JitsiOutbox) {
        if let url {
            var members = [
                JSONMember("room", .string(room)), JSONMember("machineUid", .string(machineUID)),
                JSONMember("properties", .object(properties.map { JSONMember($0.name, .string($0.value)) })),
            ]
            if let sessionID { members.append(JSONMember("sessionId", .string(sessionID))) }
            outbox.post(purpose, url: url, json: JSONValue.object(members).serialized(), bearer: jwt)
            return
        }
        var conference = XMLElement(
            "conference", namespace: Namespace.focus, [("room", room), ("machine-uid", machineUID)],
            children: properties.map {
                XMLElement("property", namespace: Namespace.focus, [("name", $0.name), ("value", $0.value)])
            })
        conference["session-id"] = sessionID
        conference["token"] = jwt?.revealed
        outbox.query(
            purpose,
            XMLElement(
                "iq", namespace: Namespace.client, [("type", "set"), ("to", address)], children: [conference]),
            timeout: timeout)
    }

    /// 1, 2, 4… 120 s.
    mutating func backOff() -> Duration {
        let delay = Duration.seconds(min(120, 1 << min(failures, 7)))
        failures = min(failures + 1, 16)
        return delay
    }

    // MARK: Answers

    mutating func read(_ answer: IQAnswer, _ outbox: inout JitsiOutbox) -> Outcome {
        switch answer {
        case .result(let iq):
            guard let conference = iq.child("conference") else { return .backOff(.focusUnavailable) }
            let properties = conference.children("property").prefix(64)
            return take(
                ready: conference["ready"] == "true", focus: conference["focusjid"],
                session: conference["session-id"], visitorNode: conference["vnode"],
                isLive: !properties.contains { $0["name"] == "live" && $0["value"] == "false" })
        case .timeout: return .backOff(.focusUnavailable)
        case .error(let condition, _, let text, let children):
            if let refusal = children.first(where: { $0.name == "reservation-error" }) {
                return .failed(.reservation(RemoteText.subject(text.isEmpty ? refusal["error-code"] ?? "" : text)))
            }
            if children.contains(where: { $0.name == "graceful-shutdown" }) || condition == "graceful-shutdown" {
                return .retry(.serverBusy, seconds: 30...60)
            }
            if condition == "not-authorized" { return .retry(.authenticationRequired, seconds: 5...10) }
            if condition == "not-acceptable" || children.contains(where: { $0.name == "session-invalid" }) {
                return forgetSession()
            }
            if condition == "bad-request" { return .failed(.badRequest) }
            outbox.note(.notice, "conference-request-failed", condition)
            return .backOff(.focusUnavailable)
        }
    }

    /// - Parameter status: of HTTP; 0 when no answer came.
    mutating func read(status: Int, body: [UInt8], _ outbox: inout JitsiOutbox) -> Outcome {
        switch status {
        case 200:
            guard let json = try? JSONReader.parse(body, maximumSize: 1 << 16), json.members != nil else {
                return .backOff(.focusUnavailable)
            }
            return take(
                ready: json["ready"]?.bool ?? false, focus: json["focusJid"]?.string,
                session: json["sessionId"]?.string, visitorNode: json["vnode"]?.string,
                isLive: json["properties"]?["live"]?.string != "false")
        case 401, 403: return .retry(.authenticationRequired, seconds: 5...10)
        case 400 where Text.contains("invalid-session", in: String(decoding: body.prefix(1000), as: UTF8.self)):
            return forgetSession()
        default:
            outbox.note(.notice, "conference-request-failed", "HTTP \(status)")
            return .backOff(.focusUnavailable)
        }
    }

    private mutating func take(
        ready: Bool, focus: String?, session: String?, visitorNode: String?, isLive: Bool
    ) -> Outcome {
        if let session, !session.isEmpty, session.utf8.count <= 1024 { sessionID = session }
        if let visitorNode, !visitorNode.isEmpty { return .failed(.visitorsOnly) }
        guard isLive else { return .retry(.visitorsOnly, seconds: 20...40) }
        guard ready else { return .backOff(.focusNotReady) }
        failures = 0
        staleSessions = 0
        return .ready(focus: focus.map(JID.bare).flatMap { JID.isBare($0) ? $0.lowercased() : nil })
    }

    private mutating func forgetSession() -> Outcome {
        sessionID = nil
        staleSessions += 1
        return staleSessions > Self.maximumStaleSessions
            ? .failed(.badRequest) : .retry(.focusNotReady, seconds: 1...2)
    }
}
