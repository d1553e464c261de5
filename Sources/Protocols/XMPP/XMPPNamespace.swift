/// Namespace names of XMPP itself and of the extensions that this target speaks.
package enum XMPPNamespace {
    /// Stanzas between a client and its server (RFC 6120 section 4.8.3).
    package static let client = "jabber:client"
    /// `<open/>` and `<close/>` over WebSocket (RFC 7395 section 3.3).
    package static let framing = "urn:ietf:params:xml:ns:xmpp-framing"
    /// Stream features and stream errors.
    package static let stream = "http://etherx.jabber.org/streams"
    /// Conditions inside a stream error (RFC 6120 section 4.9.2).
    package static let streamErrors = "urn:ietf:params:xml:ns:xmpp-streams"
    /// RFC 6120 section 6.
    package static let sasl = "urn:ietf:params:xml:ns:xmpp-sasl"
    /// RFC 6120 section 7.
    package static let bind = "urn:ietf:params:xml:ns:xmpp-bind"
    /// The session establishment of RFC 3921, which RFC 6121 made a formality.
    package static let session = "urn:ietf:params:xml:ns:xmpp-session"
    /// Conditions inside a stanza error (RFC 6120 section 8.3.2).
    package static let stanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas"
    /// XEP-0199.
    package static let ping = "urn:xmpp:ping"
    /// XEP-0203.
    package static let delay = "urn:xmpp:delay"
    /// XEP-0030.
    package static let discoInfo = "http://jabber.org/protocol/disco#info"
    /// XEP-0030.
    package static let discoItems = "http://jabber.org/protocol/disco#items"
    /// XEP-0115.
    package static let caps = "http://jabber.org/protocol/caps"
    /// XEP-0198.
    package static let streamManagement = "urn:xmpp:sm:3"
    /// The `<body/>` of XEP-0124.
    package static let httpBind = "http://jabber.org/protocol/httpbind"
    /// The attributes of XEP-0206.
    package static let xbosh = "urn:xmpp:xbosh"
}
