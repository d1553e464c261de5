/// What we tell Jicofo and the others that we can do (XEP-0030 features, jicofo `Features.kt`).
package enum JitsiFeatures {
    /// Sorted by bytes, as the entity capabilities hash wants them. SSRC rewriting is left out on purpose.
    package static let advertised: [String] = [
        "http://jabber.org/protocol/caps",
        "http://jabber.org/protocol/disco#info",
        "http://jitsi.org/json-encoded-sources",
        "http://jitsi.org/opus-red",
        "http://jitsi.org/receive-multiple-video-streams",
        "http://jitsi.org/source-name",
        "http://jitsi.org/tcc",
        "urn:ietf:rfc:4588",
        "urn:xmpp:jingle:1",
        "urn:xmpp:jingle:apps:dtls:0",
        "urn:xmpp:jingle:apps:rtp:1",
        "urn:xmpp:jingle:apps:rtp:audio",
        "urn:xmpp:jingle:apps:rtp:video",
        "urn:xmpp:jingle:transports:dtls-sctp:1",
        "urn:xmpp:jingle:transports:ice-udp:1",
    ]
}
