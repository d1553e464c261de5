package import Basis

/// How a session proves who it is (RFC 6120 section 6).
package enum XMPPCredentials: Sendable {
    /// SASL ANONYMOUS: the server gives a user name.
    case anonymous
    /// An account: `user` with or without `@domain`, which SASL does not use.
    case password(user: String, password: Redacted<String>)
}

/// What carries a session.
package enum XMPPTransportKind: Equatable, Sendable {
    /// RFC 7395.
    case webSocket
    /// XEP-0124 and XEP-0206.
    case bosh
}

/// What one login needs to know.
package struct XMPPSessionConfiguration: Sendable {
    /// The XMPP domain, which need not be the host that is connected to.
    package var domain: String
    /// How to log in.
    package var credentials: XMPPCredentials
    /// The language for texts of the server, as `xml:lang` (BCP 47).
    package var language: String
    /// What carries the stream.
    package var transport: XMPPTransportKind
    /// Whether the stream is to outlive its connections: by stream management where the server offers it (XEP-0198), by
    /// patience with a silent connection where it does not.
    package var isDurable: Bool

    /// A login; a guest's over a WebSocket unless something else is said.
    package init(
        domain: String, credentials: XMPPCredentials = .anonymous, language: String = "fr",
        transport: XMPPTransportKind = .webSocket, isDurable: Bool = false
    ) {
        self.domain = domain
        self.credentials = credentials
        self.language = language
        self.transport = transport
        self.isDurable = isDurable
    }
}
