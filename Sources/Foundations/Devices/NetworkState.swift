package import Basis

/// What the kernel knows of this machine's way to the network.
package struct NetworkState: Equatable, Sendable {
    /// Whether a cable is plugged in at both ends, or a radio link stands.
    package var hasCarrier: Bool
    /// The address that others know us by, of an interface with a carrier; nil for none. One that means nothing beyond
    /// its link (RFC 3927, RFC 4291 section 2.5.6) is none.
    package var address: IPAddress?
    /// All that interfaces with a carrier have, those of a link alone too.
    package var addresses: [IPAddress]

    package init(hasCarrier: Bool, address: IPAddress? = nil, addresses: [IPAddress] = []) {
        self.hasCarrier = hasCarrier
        self.address = address
        self.addresses = addresses
    }
}
