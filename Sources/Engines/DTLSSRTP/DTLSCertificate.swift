import Basis
import COpenSSL

/// A self-signed ECDSA P-256 certificate with its private key (RFC 8827 section 6.5), made afresh for a session.
///
/// Held as DER, so that it may cross threads; every endpoint makes its own OpenSSL objects from it.
package final class DTLSCertificate: Sendable {
    /// SHA-256 fingerprint, for our side's signalling.
    package let fingerprint: DTLSFingerprint
    /// The certificate, X.509 DER.
    let certificate: [UInt8]
    /// The private key, DER.
    let privateKey: Redacted<[UInt8]>

    private init(certificate: [UInt8], privateKey: Redacted<[UInt8]>, fingerprint: DTLSFingerprint) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.fingerprint = fingerprint
    }

    /// Makes a key and signs its certificate.
    package static func generate() throws(DTLSError) -> DTLSCertificate {
        guard let key = vs_openssl_generate_p256() else { throw .certificate(OpenSSLErrors.drain()) }
        defer { EVP_PKEY_free(key) }
        guard let certificate = X509_new() else { throw .certificate(OpenSSLErrors.drain()) }
        defer { X509_free(certificate) }
        var random = RandomSource.system
        let name = X509_get_subject_name(certificate)
        let commonName = Array("WebRTC".utf8)
        // The validity is open at both ends (RFC 5280 section 4.1.2.5): nobody checks it, the fingerprint is what is
        // checked, and the box may come up before its clock is set.
        let isSigned =
            X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), random.next() >> 1 | 1) == 1
            && ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20000101000000Z") == 1
            && ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1
            && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, commonName, Int32(commonName.count), -1, 0) == 1
            && X509_set_issuer_name(certificate, name) == 1
            && X509_set_pubkey(certificate, key) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
        guard isSigned, let fingerprint = fingerprint(of: certificate, hash: "sha-256") else {
            throw .certificate(OpenSSLErrors.drain())
        }
        var encodedCertificate: UnsafeMutablePointer<UInt8>?
        let certificateLength = Int(i2d_X509(certificate, &encodedCertificate))
        var encodedKey: UnsafeMutablePointer<UInt8>?
        let keyLength = Int(i2d_PrivateKey(key, &encodedKey))
        defer {
            CRYPTO_free(encodedCertificate, nil, 0)
            CRYPTO_clear_free(encodedKey, max(keyLength, 0), nil, 0)
        }
        guard certificateLength > 0, keyLength > 0, let encodedCertificate, let encodedKey else {
            throw .certificate(OpenSSLErrors.drain())
        }
        return DTLSCertificate(
            certificate: Array(UnsafeBufferPointer(start: encodedCertificate, count: certificateLength)),
            privateKey: Redacted(Array(UnsafeBufferPointer(start: encodedKey, count: keyLength))),
            fingerprint: fingerprint)
    }

    /// The digest of an X.509 certificate's DER form, nil where the hash is unknown.
    static func fingerprint(of certificate: OpaquePointer, hash: String) -> DTLSFingerprint? {
        let function: OpaquePointer? =
            switch hash {
            case "sha-1": EVP_sha1()
            case "sha-256": EVP_sha256()
            case "sha-384": EVP_sha384()
            case "sha-512": EVP_sha512()
            default: nil
            }
        guard let function else { return nil }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard X509_digest(certificate, function, &digest, &length) == 1 else { return nil }
        return DTLSFingerprint(hash: hash, bytes: Array(digest.prefix(Int(length))))
    }
}
