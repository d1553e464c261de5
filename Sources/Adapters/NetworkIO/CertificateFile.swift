import NIOSSL

/// What a PEM file (RFC 7468) holds.
package enum CertificateFile {
    /// Whether every certificate in it can be read, and there is one.
    package static func holdsCertificates(_ bytes: [UInt8]) -> Bool {
        (try? NIOSSLCertificate.fromPEMBytes(bytes))?.isEmpty == false
    }
}
