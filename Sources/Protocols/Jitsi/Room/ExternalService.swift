package import Basis

/// A STUN or TURN service (XEP-0215).
package struct ExternalService: Equatable, Sendable {
    /// `stun`, `turn`, `turns`.
    package let type: String
    /// A name or an address.
    package let host: String
    /// 3478, or 5349 for TLS, where the server does not say.
    package let port: UInt16
    /// `udp` or `tcp`.
    package let transport: String?
    /// Of TURN, good for a limited time.
    package let username: Redacted<String>?
    /// To that name.
    package let password: Redacted<String>?

    /// A service.
    package init(
        type: String, host: String, port: UInt16, transport: String? = nil, username: Redacted<String>? = nil,
        password: Redacted<String>? = nil
    ) {
        self.type = type
        self.host = host
        self.port = port
        self.transport = transport
        self.username = username
        self.password = password
    }
}

extension ExternalService {
    init?(type: String?, host: String?, port: String?, transport: String?, username: String?, password: String?) {
        guard let type, ["stun", "stuns", "turn", "turns"].contains(type), let host, JID.isDomain(host) else {
            return nil
        }
        self.init(
            type: type, host: host, port: port.flatMap { UInt16($0) } ?? (type.hasSuffix("s") ? 5349 : 3478),
            transport: transport, username: username.map { Redacted($0) }, password: password.map { Redacted($0) })
    }
}
