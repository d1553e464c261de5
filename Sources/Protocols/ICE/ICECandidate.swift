package import Basis

/// An address at which one side of an ICE session may be reached over UDP (RFC 8445 section 5.1).
package struct ICECandidate: Equatable, Sendable {
    /// The types of RFC 8839 section 5.1, by their names in SDP and Jingle.
    package enum Kind: String, Sendable, CaseIterable {
        case host, srflx, prflx, relay

        /// RFC 8445 section 5.1.2.2, the recommended values.
        var typePreference: UInt32 {
            switch self {
            case .host: 126
            case .prflx: 110
            case .srflx: 100
            case .relay: 0
            }
        }
    }

    /// Equal for candidates of the same kind, base address and server.
    package let foundation: String
    /// 1 is RTP, and with rtcp-mux there is no other.
    package let component: Int
    /// RFC 8445 section 5.1.2.
    package let priority: UInt32
    /// Where the peer is to send.
    package let address: TransportAddress
    /// How the address was learned.
    package let kind: Kind
    /// The base of a reflexive candidate, the mapped address of a relayed one; diagnostics only.
    package let related: TransportAddress?

    package init(
        foundation: String, component: Int = 1, priority: UInt32, address: TransportAddress, kind: Kind,
        related: TransportAddress? = nil
    ) {
        self.foundation = foundation
        self.component = component
        self.priority = priority
        self.address = address
        self.kind = kind
        self.related = related
    }

    /// RFC 8445 section 5.1.2.1, for component 1.
    package static func priority(kind: Kind, localPreference: UInt16) -> UInt32 {
        kind.typePreference << 24 | UInt32(localPreference) << 8 | 255
    }

    /// A local candidate's foundation: a digest of all that section 5.1.1.3 wants to be equal.
    static func foundation(kind: Kind, base: IPAddress, server: IPAddress?) -> String {
        let text = "\(kind.rawValue) \(base) \(server.map(\.description) ?? "-")"
        return String(CRC32.checksum(Array(text.utf8).span))
    }
}

extension IPAddress {
    /// Whether a peer's candidate may make us send there: neither unspecified nor multicast nor broadcast.
    var isUnicast: Bool {
        switch self {
        case .v4(let value): value >> 24 != 0 && value >> 28 < 0xE
        case .v6(let high, let low): high >> 56 != 0xFF && (high != 0 || low != 0)
        }
    }
}
