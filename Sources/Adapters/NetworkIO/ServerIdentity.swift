internal import Basis
internal import NIOCore
internal import NIOSSL

/// Who a server's certificate must be for (RFC 9525): exactly what was asked for, a name or an address, never what the
/// socket happens to be connected to.
///
/// A certificate for the peer's address proves nothing about a name: whoever can answer DNS in the name's place, or
/// stands at the other end of the way, can have one for an address of their own.
enum ServerIdentity: Equatable, Sendable {
    /// In lower case, without the dot of the root.
    case name(String)
    case address(IPAddress)

    /// - Parameter host: as it stands in the URL, an IPv6 literal without its brackets.
    init(_ host: String) {
        if let address = IPAddress(host) {
            self = .address(address)
        } else {
            self = .name(Self.normalised(host))
        }
    }

    /// For the server name indication (RFC 6066 section 3), which knows names only.
    var indication: String? {
        switch self {
        case .name(let name): name
        case .address: nil
        }
    }

    /// Whether one of a certificate's alternative names is this one: a dNSName, perhaps with `*` as its whole first
    /// label, for a name, and an iPAddress for an address (RFC 9525 section 6). The subject's common name counts for
    /// nothing.
    func isNamed(dnsNames: [String], addresses: [[UInt8]]) -> Bool {
        switch self {
        case .address(let address):
            return addresses.contains { IPAddress(bytes: $0) == address }
        case .name(let wanted):
            let parent = wanted.firstIndex(of: ".").map { wanted[$0...] }
            return dnsNames.contains { name in
                let known = Self.normalised(name)
                guard known.hasPrefix("*.") else { return known == wanted }
                return parent.map { known.dropFirst() == $0 } ?? false
            }
        }
    }

    /// Letters of ASCII alone: other signs that Unicode makes small letters of ASCII are none in DNS.
    private static func normalised(_ name: String) -> String {
        let small = name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return String(decoding: small.last == UInt8(ascii: ".") ? small.dropLast() : small[...], as: UTF8.self)
    }
}

extension NIOSSLClientHandler {
    /// TLS with the server at `host`, directly or through a proxy. The context verifies the chain, this the name.
    static func verifying(_ host: String, context: NIOSSLContext) throws -> NIOSSLClientHandler {
        let identity = ServerIdentity(host)
        return try _makeSSLClientHandler(context: context, serverHostname: identity.indication) {
            certificate, channel in
            if identity.isNamed(dnsNames: certificate.dnsNames, addresses: certificate.addresses) {
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            return channel.eventLoop.makeFailedFuture(
                NetworkError.tls(host: host, .certificate, detail: "the certificate is for another server"))
        }
    }
}

extension NIOSSLCertificate {
    fileprivate var dnsNames: [String] {
        _subjectAlternativeNames().filter { $0.nameType == .dnsName }
            .map { String(decoding: $0.contents, as: UTF8.self) }
    }

    fileprivate var addresses: [[UInt8]] {
        _subjectAlternativeNames().filter { $0.nameType == .ipAddress }.map { Array($0.contents) }
    }
}
