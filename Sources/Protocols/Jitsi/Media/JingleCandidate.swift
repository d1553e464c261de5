package import Basis

/// An ICE candidate as Jingle writes it (XEP-0176).
package struct JingleCandidate: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case host, srflx, prflx, relay
    }

    package let foundation: String
    package let component: Int
    /// `udp`; old bridges also offer `ssltcp` and `tcp`.
    package let transport: String
    package let priority: UInt32
    package let address: TransportAddress
    package let kind: Kind
    package let relatedAddress: TransportAddress?

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
