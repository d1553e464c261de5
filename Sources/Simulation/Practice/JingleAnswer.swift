import Basis
import DTLSSRTP
import ICE

/// What Jicofo reads of a session-accept: the first transport, and the sources (protocol section 5.5).
struct JingleAnswer {
    let credentials: ICECredentials
    let fingerprints: [DTLSFingerprint]
    /// Whether the client is the DTLS client.
    let isActive: Bool
    let candidates: [ICECandidate]
    let sources: SourceSet

    /// - Throws: the text of the refusal.
    init(_ jingle: XMLElement, owner: String) throws(JingleFault) {
        let transports = jingle.children("content").prefix(8).compactMap { $0.child("transport") }
        guard let transport = transports.first(where: { $0["ufrag"]?.isEmpty == false }),
            let ufrag = transport["ufrag"], let password = transport["pwd"], !password.isEmpty,
            ufrag.utf8.count <= 256, password.utf8.count <= 256
        else { throw JingleFault("no ICE credentials") }
        credentials = ICECredentials(ufrag: ufrag, password: Redacted(password))
        let elements = transport.children("fingerprint").prefix(8)
        fingerprints = elements.compactMap { DTLSFingerprint(hash: $0["hash"] ?? "", value: $0.text) }
        guard !fingerprints.isEmpty else { throw JingleFault("no DTLS fingerprint") }
        switch elements.first?["setup"] {
        case "active": isActive = true
        case "passive": isActive = false
        default: throw JingleFault("setup must be active or passive")
        }
        candidates = Self.candidates(of: transport)
        guard let sources = SourceSet(jingle: jingle, owner: owner) else { throw JingleFault("invalid SSRC") }
        self.sources = sources
    }

    static func candidates(of transport: XMLElement) -> [ICECandidate] {
        transport.children("candidate").prefix(32).compactMap { element in
            guard let address = element["ip"].flatMap({ IPAddress($0) }),
                let port = element["port"].flatMap({ UInt16($0) }), port != 0, element["protocol"] == "udp",
                element["generation"] ?? "0" == "0", let kind = ICECandidate.Kind(rawValue: element["type"] ?? "")
            else { return nil }
            return ICECandidate(
                foundation: String((element["foundation"] ?? "0").prefix(32)),
                priority: element["priority"].flatMap { UInt32($0) } ?? 0,
                address: TransportAddress(address, port: port), kind: kind)
        }
    }
}

/// Why Jicofo answers bad-request.
struct JingleFault: Error, Equatable {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}
