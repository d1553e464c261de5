internal import NIOCore
internal import NIOSSL

extension NIOSSLClientHandler {
    /// TLS with a server behind a proxy: its certificate must hold the server's name. Without a proxy one for the address
    /// at the other end will do; here that is the proxy's own, which proves nothing.
    static func throughProxy(context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        try _makeSSLClientHandler(context: context, serverHostname: host) { certificate, channel in
            if certificate.names(host) { return channel.eventLoop.makeSucceededVoidFuture() }
            return channel.eventLoop.makeFailedFuture(
                NetworkError.tls(host: host, .certificate, detail: "the certificate is for another server"))
        }
    }
}

extension NIOSSLCertificate {
    /// Whether one of the DNS names is `host`, or stands for it with a `*` as its first label (RFC 6125 section 6.4.3).
    func names(_ host: String) -> Bool {
        let wanted = Self.normalised(host)
        let parent = wanted.firstIndex(of: ".").map { wanted[$0...] }
        return _subjectAlternativeNames().contains { name in
            guard name.nameType == .dnsName else { return false }
            let known = Self.normalised(String(decoding: name.contents, as: UTF8.self))
            return known == wanted || known.hasPrefix("*.") && parent.map { known.dropFirst() == $0 } ?? false
        }
    }

    private static func normalised(_ name: String) -> String {
        let small = name.lowercased()
        return small.hasSuffix(".") ? String(small.dropLast()) : small
    }
}
