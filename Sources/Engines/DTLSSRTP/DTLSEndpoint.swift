import Basis
import COpenSSL
import Glibc

/// What an endpoint reports.
package enum DTLSEvent: Equatable, Sendable {
    /// The handshake is done and the peer holds the key of the announced certificate.
    case connected(SRTPKeyingMaterial)
    /// One message of the peer (for us: one SCTP packet, RFC 8261).
    case applicationData([UInt8])
    /// The association is lost; nothing follows.
    case failed(DTLSError)
    /// The peer closed the association; nothing follows.
    case closed
}

/// One side of a DTLS 1.2 association (RFC 6347) with SRTP keying (RFC 5764), memory to memory.
///
/// Datagrams go in through `receive`, come out through `pollDatagram`; there is no descriptor and no thread.
///
/// **Retransmission.** OpenSSL keeps the timer of a flight itself and compares it with the wall clock; there is no way
/// to tell it the time. So the owner asks `timeout` after each input, keeps its own deadline for it on the monotonic
/// clock and calls `advance` then. OpenSSL takes a timer with less than 15 ms left as expired; where it is not (the
/// wall clock was set back meanwhile), `advance` does nothing and `timeout` says how long to wait again. The first wait
/// is `retransmission`, each next one twice as long up to 3.2 s; after the twelfth (25 s) OpenSSL gives the handshake
/// up, which is close to the 30 s that the bridge allows.
package struct DTLSEndpoint: ~Copyable {
    private enum State {
        case idle, handshaking, connected, ended
    }

    private let context: OpaquePointer
    private let ssl: OpaquePointer
    /// What the peer sent, owned by `ssl`.
    private let input: OpaquePointer
    /// What we have to send, owned by `ssl`.
    private let output: OpaquePointer
    private let expected: [DTLSFingerprint]
    private let role: DTLSRole
    private var state = State.idle
    private var events: [DTLSEvent] = []
    /// Records taken out of `output`, of which those before `sent` are gone.
    private var records: [UInt8] = []
    private var sent = 0
    private var scratch = [UInt8](repeating: 0, count: 1 << 14)

    /// The bridge's suites that our P-256 certificate and a peer's RSA or ECDSA one can use.
    private static let cipherSuites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
        + "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
    /// A record with its explicit nonce and tag must fit a datagram.
    private static let maximumMessage = DTLSRecords.maximumDatagram - DTLSRecords.headerLength - 24
    private static let exporterLabel = "EXTRACTOR-dtls_srtp"

    /// - Parameters:
    ///   - expected: The fingerprints from the peer's signalling; the certificate must have one of the strongest hash
    ///     among them (RFC 8122 section 5).
    ///   - profiles: What `use_srtp` offers or accepts, the preferred one first.
    ///   - retransmission: The first wait for an answer, 16 ms or more; with less, OpenSSL spends all repetitions at
    ///     once.
    package init(
        role: DTLSRole, certificate: DTLSCertificate, expected: [DTLSFingerprint],
        profiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80],
        retransmission: Duration = .milliseconds(100)
    ) throws(DTLSError) {
        let strongest = expected.map(\.strength).max()
        let decisive = expected.filter { $0.strength == strongest }
        guard !decisive.isEmpty else { throw .configuration("signalling gave no fingerprint") }
        guard !profiles.isEmpty else { throw .configuration("no SRTP profile to offer") }
        let context = try Self.makeContext(certificate: certificate, profiles: profiles)
        guard let ssl = SSL_new(context) else {
            SSL_CTX_free(context)
            throw .configuration(OpenSSLErrors.drain())
        }
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            SSL_CTX_free(context)
            throw .configuration(OpenSSLErrors.drain())
        }
        SSL_set_bio(ssl, input, output)
        vs_openssl_set_mtu(ssl, DTLSRecords.maximumDatagram)
        // The wait travels as a number in the pointer's place: a pointer to nothing, so nothing to keep alive.
        let wait = UInt(clamping: retransmission.wholeNanoseconds / 1_000)
        SSL_set_ex_data(ssl, 0, UnsafeMutableRawPointer(bitPattern: wait))
        DTLS_set_timer_cb(ssl) { ssl, previous in
            guard previous == 0 else { return min(previous &* 2, 3_200_000) }
            return UInt32(clamping: UInt(bitPattern: SSL_get_ex_data(ssl, 0)))
        }
        switch role {
        case .client: SSL_set_connect_state(ssl)
        case .server: SSL_set_accept_state(ssl)
        }
        self.init(context: context, ssl: ssl, input: input, output: output, expected: decisive, role: role)
    }

    // Workaround: apart from what throws (docs/workarounds.md).
    private init(
        context: OpaquePointer, ssl: OpaquePointer, input: OpaquePointer, output: OpaquePointer,
        expected: [DTLSFingerprint], role: DTLSRole
    ) {
        self.context = context
        self.ssl = ssl
        self.input = input
        self.output = output
        self.expected = expected
        self.role = role
    }

    private static func makeContext(
        certificate: DTLSCertificate, profiles: [SRTPProfile]
    ) throws(DTLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let context = SSL_CTX_new(DTLS_method()) else { throw .configuration(OpenSSLErrors.drain()) }
        let key = certificate.privateKey.revealed
        let names = profiles.map(\.openSSLName).joined(separator: ":")
        let isReady =
            vs_openssl_use_dtls12(context) == 1
            && SSL_CTX_set_cipher_list(context, cipherSuites) == 1
            && vs_openssl_set_groups(context, "P-256:X25519") == 1
            && SSL_CTX_use_certificate_ASN1(
                context, Int32(certificate.certificate.count), certificate.certificate) == 1
            && SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, context, key, key.count) == 1
            && SSL_CTX_set_tlsext_use_srtp(context, names) == 0
        guard isReady else {
            SSL_CTX_free(context)
            throw .configuration(OpenSSLErrors.drain())
        }
        SSL_CTX_set_options(
            context, vs_openssl_op_no_query_mtu | vs_openssl_op_no_ticket | vs_openssl_op_no_renegotiation)
        // Both sides must show a certificate. Any is taken here, for no authority vouches for a self-signed one; its
        // fingerprint is compared before the association counts as connected.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT) { _, _ in 1 }
        return context
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    /// Begins: a client sends its ClientHello, a server waits for one.
    package mutating func start() {
        guard state == .idle else { return }
        state = .handshaking
        if role == .client { handshake() }
    }

    /// Takes one UDP payload of the peer, which may hold several records. Nonsense is ignored.
    package mutating func receive(_ datagram: Span<UInt8>) {
        guard state == .handshaking || state == .connected else { return }
        let length = DTLSRecords.soundLength(of: datagram)
        guard length > 0 else { return }
        let written = datagram.withUnsafeBufferPointer { BIO_write(input, $0.baseAddress, Int32(clamping: length)) }
        guard written == Int32(clamping: length) else { return }
        if state == .handshaking { handshake() }
        if state == .connected { readMessages() }
        // One datagram at a time: OpenSSL takes what a read gives it as one datagram.
        vs_openssl_reset(input)
    }

    /// How long to wait until `advance`, from now on; nil while no flight waits for an answer.
    package var timeout: Duration? {
        guard state == .handshaking else { return nil }
        var left = timeval()
        guard vs_openssl_get_timeout(ssl, &left) == 1 else { return nil }
        return .seconds(left.tv_sec) + .microseconds(left.tv_usec)
    }

    /// The time that `timeout` asked for has passed: sends the flight again.
    package mutating func advance() {
        guard state == .handshaking else { return }
        ERR_clear_error()
        if vs_openssl_handle_timeout(ssl) < 0 {
            end(.failed(.handshake(OpenSSLErrors.drain())))
        }
    }

    /// Replaces `buffer` with the next datagram to send; false when there is none.
    package mutating func pollDatagram(into buffer: inout [UInt8]) -> Bool {
        if sent == records.count {
            records.removeAll(keepingCapacity: true)
            sent = 0
            takeRecords()
        }
        let length = DTLSRecords.datagramLength(in: records, from: sent)
        guard length > 0 else { return false }
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: records[sent..<sent + length])
        sent += length
        return true
    }

    /// What happened since the last call, the oldest first; nil when there is nothing more.
    package mutating func pollEvent() -> DTLSEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// Sends one message; false before the handshake's end, after the association's end, and for a message that is
    /// empty or does not fit a datagram (1,163 octets).
    package mutating func send(_ applicationData: Span<UInt8>) -> Bool {
        guard state == .connected, applicationData.count > 0, applicationData.count <= Self.maximumMessage else {
            return false
        }
        ERR_clear_error()
        let written = applicationData.withUnsafeBufferPointer {
            SSL_write(ssl, $0.baseAddress, Int32(clamping: applicationData.count))
        }
        return written > 0
    }

    /// Ends the association with a close_notify alert; the caller still drains `pollDatagram`.
    package mutating func close() {
        if state == .connected {
            ERR_clear_error()
            SSL_shutdown(ssl)
        }
        state = .ended
    }

    private mutating func handshake() {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            settle()
            return
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        default: end(.failed(.handshake(OpenSSLErrors.drain())))
        }
    }

    /// Looks at who the peer is and at what was negotiated; only then keys leave this endpoint.
    private mutating func settle() {
        let got = peerFingerprint()
        guard let got, expected.contains(got) else {
            SSL_shutdown(ssl)
            end(.failed(.fingerprintMismatch(expected: expected, got: got)))
            return
        }
        guard let negotiated = SSL_get_selected_srtp_profile(ssl),
            let identifier = UInt16(exactly: negotiated.pointee.id), let profile = SRTPProfile(rawValue: identifier)
        else {
            SSL_shutdown(ssl)
            end(.failed(.noSRTPProfile))
            return
        }
        var exported = [UInt8](repeating: 0, count: SRTPKeyingMaterial.exportedLength(profile))
        let status = SSL_export_keying_material(
            ssl, &exported, exported.count, Self.exporterLabel, Self.exporterLabel.utf8.count, nil, 0, 0)
        guard status == 1, let keys = SRTPKeyingMaterial(profile: profile, exported: exported) else {
            end(.failed(.handshake(OpenSSLErrors.drain())))
            return
        }
        state = .connected
        events.append(.connected(keys))
    }

    /// The digest of the peer's certificate by the expected fingerprints' hash.
    private func peerFingerprint() -> DTLSFingerprint? {
        guard let hash = expected.first?.hash, let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
        defer { X509_free(certificate) }
        return DTLSCertificate.fingerprint(of: certificate, hash: hash)
    }

    private mutating func readMessages() {
        while true {
            ERR_clear_error()
            let count = SSL_read(ssl, &scratch, Int32(clamping: scratch.count))
            if count > 0 {
                events.append(.applicationData(Array(scratch.prefix(Int(count)))))
                continue
            }
            switch SSL_get_error(ssl, count) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
            case SSL_ERROR_ZERO_RETURN:
                SSL_shutdown(ssl)
                end(.closed)
            default: end(.failed(.connection(OpenSSLErrors.drain())))
            }
            return
        }
    }

    private mutating func takeRecords() {
        let pending = Int(vs_openssl_pending(output))
        guard pending > 0 else { return }
        records.append(contentsOf: repeatElement(0, count: pending))
        let read = records.withUnsafeMutableBufferPointer {
            BIO_read(output, $0.baseAddress, Int32(clamping: pending))
        }
        records.removeLast(pending - max(0, min(Int(read), pending)))
    }

    private mutating func end(_ event: DTLSEvent) {
        state = .ended
        events.append(event)
    }
}
