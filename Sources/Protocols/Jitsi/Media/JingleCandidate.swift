package import Basis

/// An ICE candidate as Jingle writes it (XEP-0176).
package struct JingleCandidate: Equatable, Sendable {
    /// The candidate types of RFC 8445 section 5.1.1, as the wire spells them. The agent's own type lives in ICE,
    /// which Jitsi cannot import; Conference translates.
    package enum Kind: String, Sendable {
        case host, srflx, prflx, relay
    }

    /// The same for candidates of one kind, base and server (RFC 8445 section 5.1.1.3).
    package let foundation: String
    /// 1 for RTP, and for RTCP beside it.
    package let component: Int
    /// `udp`; old bridges also offer `ssltcp` and `tcp`.
    package let transport: String
    /// RFC 8445 section 5.1.2.
    package let priority: UInt32
    /// Where the peer is reached.
    package let address: TransportAddress
    /// How the address was found.
    package let kind: Kind
    /// The base of a reflexive or relayed candidate.
    package let relatedAddress: TransportAddress?

    /// A candidate of generation 0.
    package init(
        foundation: String, component: Int = 1, transport: String = "udp", priority: UInt32, address: TransportAddress,
        kind: Kind, relatedAddress: TransportAddress? = nil
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.address = address
        self.kind = kind
        self.relatedAddress = relatedAddress
    }
}
