import COpenSSL

/// Why a DTLS association could not be made or was lost.
package enum DTLSError: Error, Equatable, Sendable {
    /// No certificate could be made; OpenSSL's words.
    case certificate(String)
    /// The endpoint could not be set up; OpenSSL's words or ours.
    case configuration(String)
    /// The peer's certificate is not the one that signalling announced: somebody sits in between.
    case fingerprintMismatch(expected: [DTLSFingerprint], got: DTLSFingerprint?)
    /// The handshake ended without a common SRTP protection profile (RFC 5764).
    case noSRTPProfile
    /// The handshake failed; OpenSSL's words.
    case handshake(String)
    /// The association broke after the handshake; OpenSSL's words.
    case connection(String)
}

/// OpenSSL's error queue of the calling thread.
enum OpenSSLErrors {
    /// Empties the queue and gives the reasons, the oldest first.
    static func drain() -> String {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            if reasons.count < 4 {
                reasons.append(ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)")
            }
        }
        return reasons.isEmpty ? "unknown" : reasons.joined(separator: "; ")
    }
}
